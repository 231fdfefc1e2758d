"""Prose on the screen: finished markdown, and text that is still being written."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QWidget

from desktop.chat.blocks import Prose
from desktop.chat.markdown import LINE_HEIGHT, quote_bars, render
from desktop.chat.maths import with_readable_maths
from desktop.widgets.theme import Theme


class ProseView(QTextBrowser):
    """Finished markdown, as high as it is. Follows no link by itself."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.markdown = ""
        self._rendered: QTextDocument | None = None
        self._by_keyboard = False
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabChangesFocus(True)

    @property
    def block(self) -> Prose:
        return Prose(self.markdown)

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
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus() and self._by_keyboard:
            painter.setPen(QPen(self._theme.colour("accent"), 2))
            painter.drawRoundedRect(self.viewport().rect().adjusted(1, 1, -1, -1), 4, 4)
        if bars:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("outline"))
            for bar in bars:
                painter.drawRoundedRect(bar, bar.width() / 2, bar.width() / 2)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._by_keyboard = event.reason() is not Qt.FocusReason.MouseFocusReason
        super().focusInEvent(event)

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
