"""Where the user writes. Enter sends, Shift+Enter begins a line, Escape stops the answer."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QImage, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout

from desktop.chat.attachment_strip import AttachmentStrip
from desktop.chat.attachments import local_files
from desktop.chat.records import Attachment
from desktop.widgets.parts import IconButton, make_button, make_label, set_tone, spaced
from desktop.widgets.theme import Theme

MOST_LINES = 8
PADDING = 14  # pixels above and below the lines together


class Composer(QFrame):
    sent = Signal(str)
    stopped = Signal()
    edited = Signal(str)
    edit_last = Signal()
    attach = Signal()  # files are to be chosen
    files_given = Signal(list)  # paths that were pasted
    image_given = Signal(QImage)
    detach = Signal(int)  # attachment id

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("composer")
        self._may_send, self._answering, self._files = False, False, 0
        self.text = MessageText(theme, self._send)
        self.text.setObjectName("composerText")
        self.text.textChanged.connect(self._changed)
        self.text.installEventFilter(self)
        self.text.files_given.connect(self.files_given)
        self.text.image_given.connect(self.image_given)
        self.text.went_up.connect(self.edit_last)
        self._strip = AttachmentStrip(theme, self.detach.emit)
        self._trouble = make_label(theme, size="small", tone="problem", wrap=True, name="attachTrouble")
        self._trouble.hide()
        self._attach = IconButton(
            theme, "attach", self.tr("Attach files (Ctrl+O)"), "attachFiles", self.attach.emit
        )
        self._button = make_button(self.tr("Send"), "send", self._press, primary=True)
        self._button.setMinimumWidth(theme.space("huge") * 2)
        self._lay_out(theme)
        self._changed()

    def set_draft(self, text: str, files: Sequence[Attachment] = ()) -> None:
        self.text.setPlainText(text)
        self.text.moveCursor(self.text.textCursor().MoveOperation.End)
        self.show_files(files)

    def show_files(self, files: Sequence[Attachment]) -> None:
        self._files = len(files)
        self._strip.show_files(files)
        self.show_trouble("")
        self._show_button()

    def show_trouble(self, sentence: str) -> None:
        """Why something was not attached."""
        self._trouble.setText(sentence)
        self._trouble.setVisible(bool(sentence))

    def set_may_send(self, may: bool) -> None:
        """Whether there is an engine, and a model to send to."""
        self._may_send = may
        self._show_button()

    def set_answering(self, answering: bool) -> None:
        self._answering = answering
        self._show_button()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            set_tone(self, "focus" if event.type() == QEvent.Type.FocusIn else "plain")
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._answering:
            self.stopped.emit()
        else:
            super().keyPressEvent(event)

    def _lay_out(self, theme: Theme) -> None:
        column = spaced(QVBoxLayout(self), 6, theme.space("tight"))
        column.addWidget(self._strip)
        column.addWidget(self._trouble)
        row = spaced(QHBoxLayout(), 0, theme.space("small"))
        row.addWidget(self._attach, 0, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(self.text, 1)
        row.addWidget(self._button, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(row)

    def _press(self) -> None:
        if self._answering:
            self.stopped.emit()
        else:
            self._send()

    def _send(self) -> None:
        text = self.text.toPlainText().strip()
        if (text or self._files) and self._may_send and not self._answering:
            self.text.clear()
            self.sent.emit(text)

    def _changed(self) -> None:
        self.text.fit()
        self._show_button()
        self.edited.emit(self.text.toPlainText())

    def _show_button(self) -> None:
        self._button.setText(self.tr("Stop") if self._answering else self.tr("Send"))
        ready = self._may_send and bool(self.text.toPlainText().strip() or self._files)
        self._button.setEnabled(self._answering or ready)


class MessageText(QPlainTextEdit):
    """Plain text that grows with its lines; Enter calls `send`. Files and pictures are handed on."""

    files_given = Signal(list)
    image_given = Signal(QImage)
    went_up = Signal()  # the up key, where nothing is typed

    def __init__(self, theme: Theme, send: Callable[[], None]) -> None:
        super().__init__()
        self._send = send
        self.setFont(theme.font("body"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(self.tr("Message"))
        self.setPlaceholderText(self.tr("Write a message"))
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(PADDING / 2)

    def fit(self) -> None:
        lines = int(self.document().size().height())
        self.setFixedHeight(self.height_of(min(MOST_LINES, max(1, lines))))
        more = (
            Qt.ScrollBarPolicy.ScrollBarAsNeeded
            if lines > MOST_LINES
            else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        )
        self.setVerticalScrollBarPolicy(more)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def height_of(self, lines: int) -> int:
        return lines * self.fontMetrics().lineSpacing() + PADDING

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._send()
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        elif event.key() == Qt.Key.Key_Up and self.document().isEmpty():
            self.went_up.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Escape belongs to where one writes, before it belongs to the page."""
        if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
            event.accept()
        return super().event(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files are for the page around it, which says so while they are dragged."""
        if local_files(event.mimeData()):
            event.ignore()
        else:
            super().dragEnterEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return bool(local_files(source)) or source.hasImage() or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        files: list[Path] = local_files(source)
        if files:
            self.files_given.emit(files)
        elif source.hasImage() and not source.hasText():
            self.image_given.emit(QImage(source.imageData()))
        else:
            super().insertFromMimeData(source)
