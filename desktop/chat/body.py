"""The text of one message: prose and code, one under the other, cheap to extend while an answer streams."""

from PySide6.QtCore import QRectF, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QVBoxLayout, QWidget

from desktop.chat.blocks import Block, Code, Prose, blocks_of, finished_blocks, open_code
from desktop.chat.code_block import CodeBlock
from desktop.chat.markdown import LINE_HEIGHT, quote_bars, render
from desktop.chat.maths import with_readable_maths
from desktop.widgets.parts import clear, spaced
from desktop.widgets.theme import Theme

LONGEST_PROSE = 8_000  # characters in one view: bounds what adding a paragraph costs


class Body(QWidget):
    """`show_text` shows a finished text, `grow` one that is still arriving, `finish` ends that."""

    link_clicked = Signal(QUrl)

    def __init__(self, theme: Theme, accessible_name: str) -> None:
        super().__init__()
        self._theme, self._name = theme, accessible_name
        self._text = ""
        self._at = 0  # where the text that is not yet committed begins
        self._open_code: CodeBlock | None = None
        self._tail = StreamTail(theme)
        outer = spaced(QVBoxLayout(self), 0, theme.space("small"))
        self._column = spaced(QVBoxLayout(), 0, theme.space("small"))
        outer.addLayout(self._column)
        outer.addWidget(self._tail)
        self._tail.hide()
        theme.changed.connect(self._draw_again)

    @property
    def text(self) -> str:
        return self._text

    def show_text(self, text: str) -> None:
        clear(self._column)
        self._open_code, self._at = None, 0
        self.finish(text)

    def grow(self, text: str) -> None:
        cut = finished_blocks(text, self._at)
        self._commit(cut.finished)
        self._text, self._at = text, cut.rest_at
        self._show_rest(text[self._at :])

    def finish(self, text: str) -> None:
        self._commit(blocks_of(text[self._at :]))
        self._text, self._at = text, len(text)
        self._open_code = None
        self._tail.show_text("")

    def _draw_again(self) -> None:
        finished = self._at == len(self._text)
        text = self._text
        self.show_text("")
        (self.show_text if finished else self.grow)(text)

    def _show_rest(self, rest: str) -> None:
        code = open_code(rest)
        self._tail.show_text("" if code else rest.strip("\n"))
        if code:
            self._open_code = self._open_code or self._add_code(code.language)
            self._open_code.show_text(code.text)

    def _commit(self, blocks: tuple[Block, ...]) -> None:
        for prose in _joined(blocks):
            if isinstance(prose, Code):
                self._commit_code(prose)
            else:
                self._commit_prose(prose.source)

    def _commit_code(self, code: Code) -> None:
        block = self._open_code or self._add_code(code.language)
        self._open_code = None
        block.complete(code.text)

    def _commit_prose(self, source: str) -> None:
        self._drop_open_code()
        last = self._column.itemAt(self._column.count() - 1)
        view = last.widget() if last else None
        if not isinstance(view, ProseView) or len(view.markdown) > LONGEST_PROSE:
            view = self._add_prose()
        view.show_source(view.markdown + source)

    def _drop_open_code(self) -> None:
        """What looked like code turned out not to be."""
        if self._open_code:
            self._column.removeWidget(self._open_code)
            self._open_code.deleteLater()
            self._open_code = None

    def _add_code(self, language: str) -> CodeBlock:
        block = CodeBlock(self._theme, language)
        self._column.addWidget(block)
        return block

    def _add_prose(self) -> "ProseView":
        view = ProseView(self._theme)
        view.setAccessibleName(self._name)
        view.anchorClicked.connect(self.link_clicked)
        self._column.addWidget(view)
        return view


def _joined(blocks: tuple[Block, ...]) -> list[Block]:
    """Prose beside prose becomes one."""
    joined: list[Block] = []
    for block in blocks:
        last = joined[-1] if joined else None
        if isinstance(block, Prose) and isinstance(last, Prose) and len(last.source) < LONGEST_PROSE:
            joined[-1] = Prose(last.source + block.source)
        else:
            joined.append(block)
    return joined


class ProseView(QTextBrowser):
    """Finished markdown, as high as it is. Follows no link by itself."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.markdown = ""
        self._rendered: QTextDocument | None = None
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabChangesFocus(True)

    def show_source(self, source: str) -> None:
        self.markdown = source
        document = render(with_readable_maths(source), self._theme)
        document.setParent(self)
        document.documentLayout().documentSizeChanged.connect(lambda _: self._fit())
        self.setDocument(document)
        if self._rendered:
            self._rendered.deleteLater()
        self._rendered = document
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        bars = quote_bars(self.document())
        if bars:
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("outline"))
            for bar in bars:
                painter.drawRoundedRect(bar, bar.width() / 2, bar.width() / 2)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        height = round(self.document().size().height()) + 1
        if height != self.height():
            self.setFixedHeight(height)


class StreamTail(QWidget):
    """Text that is still being written: painted only, so that a screen reader is not told of every token."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._document = QTextDocument(self)
        self._document.setDocumentMargin(0)
        self._document.setDefaultFont(theme.font("body"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        self.setVisible(bool(text))
        self._document.setPlainText(text)
        spacing = QTextBlockFormat()
        spacing.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor = QTextCursor(self._document)
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(spacing)
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(0, round(self._document.size().height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        context = self._document.documentLayout().PaintContext()
        context.palette = self.palette()
        context.clip = QRectF(event.rect())
        self._document.documentLayout().draw(painter, context)

    def _fit(self) -> None:
        self._document.setTextWidth(self.width())
        self.setFixedHeight(max(1, round(self._document.size().height())))
        self.update()
