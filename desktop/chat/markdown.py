"""Markdown as a document in Potluck's type. Nothing is ever loaded: images become links."""

from typing import Any

from PySide6.QtCore import QRectF, Qt, QUrl
from PySide6.QtGui import (
    QFont,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextTable,
)

from desktop.widgets.theme import Theme

LINE_HEIGHT = 140  # per cent
QUOTE_INDENT = 16  # pixels for each level
QUOTE_BAR = 3  # pixels
_FEATURES = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML


class ClosedDocument(QTextDocument):
    """A document that reads no file and no address, whatever its text asks for."""

    def loadResource(self, type: int, name: QUrl | str) -> Any:
        return None


def render(source: str, theme: Theme) -> QTextDocument:
    """The markdown as a document that is ready to be shown."""
    document = ClosedDocument()
    document.setDocumentMargin(0)
    document.setDefaultFont(theme.font("body"))
    document.setMarkdown(source, _FEATURES)
    document.setUndoRedoEnabled(False)
    _name_images(document, theme)
    _set_type(document, theme)
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _set_table(frame, theme)
    return document


def _name_images(document: QTextDocument, theme: Theme) -> None:
    """Put a link where an image would have been loaded."""
    cursor = document.find("\N{OBJECT REPLACEMENT CHARACTER}")
    while not cursor.isNull():
        image = cursor.charFormat().toImageFormat()
        if image.isValid():
            cursor.insertText(*_image_link(image, theme))
        cursor = document.find("\N{OBJECT REPLACEMENT CHARACTER}", cursor)


def _image_link(image: Any, theme: Theme) -> tuple[str, QTextCharFormat]:
    link = QTextCharFormat()
    link.setAnchor(True)
    link.setAnchorHref(image.name())
    link.setForeground(theme.colour("accent"))
    link.setFontUnderline(True)
    alt = image.property(QTextFormat.Property.ImageAltText)
    return f"[{alt or image.name()}]", link


def _set_type(document: QTextDocument, theme: Theme) -> None:
    block = document.begin()
    while block.isValid():
        cursor = QTextCursor(block)
        cursor.mergeBlockFormat(_block_format(block, theme))
        if block.blockFormat().headingLevel():
            _merge_text(block, _heading_format(block.blockFormat().headingLevel(), theme))
        elif _is_code(block):
            _merge_text(block, _code_format(theme))
        elif _quote_level(block):
            _merge_text(block, _coloured(theme, "muted"))
        _set_inline_code(block, theme)
        block = block.next()


def _block_format(block: QTextBlock, theme: Theme) -> QTextBlockFormat:
    spacing = QTextBlockFormat()
    if _is_code(block):
        spacing.setBackground(theme.colour("sunken"))
        return spacing
    in_table = QTextCursor(block).currentTable() is not None
    heading = bool(block.blockFormat().headingLevel())
    first = block.blockNumber() == 0
    below = theme.space("tight") if heading or block.textList() else theme.space("small")
    spacing.setTopMargin(theme.space("medium") if heading and not first else 0)
    spacing.setBottomMargin(0 if in_table else below)
    if level := _quote_level(block):
        _indent_quote(spacing, block, level * QUOTE_INDENT)
    if not in_table:
        spacing.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    return spacing


def _indent_quote(spacing: QTextBlockFormat, block: QTextBlock, indent: int) -> None:
    """On the side where the text begins: there is a bar for each level."""
    from_right = block.textDirection() == Qt.LayoutDirection.RightToLeft
    spacing.setLeftMargin(0 if from_right else indent)
    spacing.setRightMargin(indent if from_right else 0)


def quote_bars(document: QTextDocument) -> list[QRectF]:
    """Where quotes have their bars, in the document's coordinates: one bar for each level of a quote."""
    bars: dict[int, QRectF] = {}  # by level: those that the last block has
    done: list[QRectF] = []
    block = document.begin()
    while block.isValid():
        level = _quote_level(block)
        done += [bars.pop(each) for each in tuple(bars) if each > level]
        for each in range(1, level + 1):
            bar = _quote_bar(block, each, document.textWidth())
            bars[each] = bars[each].united(bar) if each in bars else bar
        block = block.next()
    return [*done, *bars.values()]


def _quote_bar(block: QTextBlock, level: int, width: float) -> QRectF:
    layout = block.layout()
    at = (level - 1) * QUOTE_INDENT
    from_right = block.textDirection() == Qt.LayoutDirection.RightToLeft
    left = width - at - QUOTE_BAR if from_right else at
    return QRectF(left, layout.position().y(), QUOTE_BAR, layout.boundingRect().height())


def _heading_format(level: int, theme: Theme) -> QTextCharFormat:
    """The type scale has three sizes: the first level differs from the rest by size, all by weight."""
    shape = QTextCharFormat()
    shape.setFontPointSize(theme.font("title" if level == 1 else "body").pointSizeF())
    shape.setFontWeight(QFont.Weight.DemiBold)
    shape.setProperty(QTextFormat.Property.FontSizeAdjustment, 0)
    return shape


def _code_format(theme: Theme) -> QTextCharFormat:
    shape = QTextCharFormat()
    shape.setFontFamilies(theme.code_font().families())
    shape.setFontPointSize(theme.code_font().pointSizeF())
    return shape


def _coloured(theme: Theme, colour: str) -> QTextCharFormat:
    shape = QTextCharFormat()
    shape.setForeground(theme.colour(colour))
    return shape


def _set_inline_code(block: QTextBlock, theme: Theme) -> None:
    shape = _code_format(theme)
    shape.setBackground(theme.colour("sunken"))
    fragments = [part.fragment() for part in block]
    for fragment in fragments:
        if fragment.charFormat().fontFixedPitch() and not _is_code(block):
            cursor = QTextCursor(block)
            cursor.setPosition(fragment.position())
            cursor.setPosition(fragment.position() + fragment.length(), QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(shape)


def _merge_text(block: QTextBlock, shape: QTextCharFormat) -> None:
    cursor = QTextCursor(block)
    cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
    cursor.mergeCharFormat(shape)


def _is_code(block: QTextBlock) -> bool:
    return block.blockFormat().hasProperty(QTextFormat.Property.BlockCodeFence)


def _quote_level(block: QTextBlock) -> int:
    return block.blockFormat().intProperty(QTextFormat.Property.BlockQuoteLevel)


def _set_table(table: QTextTable, theme: Theme) -> None:
    shape = table.format()
    shape.setBorder(1)
    shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    shape.setBorderBrush(theme.colour("hairline"))
    shape.setBorderCollapse(True)
    shape.setCellPadding(theme.space("tight") + 2)
    shape.setCellSpacing(0)
    shape.setTopMargin(theme.space("tight"))
    shape.setBottomMargin(theme.space("small"))
    table.setFormat(shape)
