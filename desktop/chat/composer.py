"""Where the user writes. Enter sends, Shift+Enter begins a line, Escape stops the answer."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QWidget

from desktop.widgets.parts import make_button, spaced
from desktop.widgets.theme import Theme

MOST_LINES = 8
PADDING = 22  # pixels above and below the lines together, with the frame


class Composer(QWidget):
    sent = Signal(str)
    stopped = Signal()
    edited = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._may_send, self._answering = False, False
        self.text = _Text(theme, self._send)
        self.text.textChanged.connect(self._changed)
        self._button = make_button(self.tr("Send"), "send", self._press, primary=True)
        self._button.setMinimumWidth(theme.space("huge") * 2)
        self._button.setFixedHeight(self.text.height_of(1))
        row = spaced(QHBoxLayout(self), 0, theme.space("small"))
        row.addWidget(self.text, 1)
        row.addWidget(self._button, 0, Qt.AlignmentFlag.AlignBottom)
        self._changed()

    def set_draft(self, text: str) -> None:
        self.text.setPlainText(text)
        self.text.moveCursor(self.text.textCursor().MoveOperation.End)

    def set_may_send(self, may: bool) -> None:
        """Whether there is a model to send to."""
        self._may_send = may
        self._show_button()

    def set_answering(self, answering: bool) -> None:
        self._answering = answering
        self._show_button()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._answering:
            self.stopped.emit()
        else:
            super().keyPressEvent(event)

    def _press(self) -> None:
        if self._answering:
            self.stopped.emit()
        else:
            self._send()

    def _send(self) -> None:
        text = self.text.toPlainText().strip()
        if text and self._may_send and not self._answering:
            self.text.clear()
            self.sent.emit(text)

    def _changed(self) -> None:
        self.text.fit()
        self._show_button()
        self.edited.emit(self.text.toPlainText())

    def _show_button(self) -> None:
        self._button.setText(self.tr("Stop") if self._answering else self.tr("Send"))
        ready = self._may_send and bool(self.text.toPlainText().strip())
        self._button.setEnabled(self._answering or ready)


class _Text(QPlainTextEdit):
    """Plain text that grows with its lines; Enter calls `send`."""

    def __init__(self, theme: Theme, send: Callable[[], None]) -> None:
        super().__init__()
        self._send = send
        self.setFont(theme.font("body"))
        self.setObjectName("composerText")
        self.setAccessibleName(self.tr("Message"))
        self.setPlaceholderText(self.tr("Write a message"))
        self.setTabChangesFocus(True)

    def fit(self) -> None:
        lines = int(self.document().size().height())
        self.setFixedHeight(self.height_of(min(MOST_LINES, max(1, lines))))
        more = (
            Qt.ScrollBarPolicy.ScrollBarAsNeeded
            if lines > MOST_LINES
            else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        )
        self.setVerticalScrollBarPolicy(more)

    def height_of(self, lines: int) -> int:
        return lines * self.fontMetrics().lineSpacing() + PADDING

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._send()
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)
