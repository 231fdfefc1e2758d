"""What the user wrote: as it was typed, at the trailing side; it can be copied, and edited as a branch."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.chat.attachment_strip import AttachmentStrip
from desktop.chat.composer import MessageText
from desktop.chat.position import Position
from desktop.chat.records import Message
from desktop.chat.wording import excerpt_of
from desktop.widgets.parts import IconButton, make_button, make_label, make_line, spaced
from desktop.widgets.theme import Theme

WIDEST = 0.82  # of the column
PADDING = 12


class QuestionView(QWidget):
    edited = Signal(int, str)  # message id, new text
    turned = Signal(int, int)  # message id, step among its edits

    def __init__(self, theme: Theme, message: Message, siblings: list[int]) -> None:
        super().__init__()
        self.message_id = message.id
        self._theme, self._message = theme, message
        self._editor: _Editor | None = None
        self._shown = excerpt_of(message.content)
        self._cut = _CutLine(theme)
        self._bubble = self._make_bubble(theme)
        self._files = AttachmentStrip(theme)
        self._files.show_files(message.attachments)
        self._tools = self._make_tools(theme, siblings)
        self._column = spaced(QVBoxLayout(self), 0, theme.space("tight"))
        self._column.addWidget(self._cut)
        for part in (self._files, self._bubble, self._tools):
            self._column.addWidget(part, 0, Qt.AlignmentFlag.AlignTrailing)
        self._bubble.setVisible(bool(message.content))
        self._fit()

    @property
    def is_busy(self) -> bool:
        """Whether it is being worded anew."""
        return self._editor is not None

    def show_cut(self, cut: bool) -> None:
        """Whether what stands above is not sent any more."""
        self._cut.setVisible(cut)

    def edit(self) -> None:
        """Let the text be changed in place; sent, it becomes a branch of its own."""
        if self._editor:
            return
        self._editor = _Editor(self._theme, self._message.content)
        self._editor.sent.connect(self._send)
        self._editor.left.connect(self._leave)
        self._column.addWidget(self._editor)
        self._bubble.hide()
        self._tools.hide()
        self._editor.text.setFocus()

    def set_may_edit(self, may: bool) -> None:
        self._edit.setEnabled(may)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _make_bubble(self, theme: Theme) -> "_Bubble":
        self._text = make_label(theme, self._shown, wrap=True, name="question")
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._text.setAccessibleName(self.tr("You: {text}").format(text=self._shown))
        bubble = _Bubble()
        spaced(QVBoxLayout(bubble), PADDING, 0).addWidget(self._text)
        return bubble

    def _make_tools(self, theme: Theme, siblings: list[int]) -> QWidget:
        tools = QWidget()
        row = spaced(QHBoxLayout(tools), 0, theme.space("tight"))
        position = Position(
            theme, self.message_id, siblings, self.tr("Earlier wording"), self.tr("Later wording"), "Question"
        )
        position.turned.connect(self.turned)
        self._edit = IconButton(
            theme, "edit", self.tr("Edit as a branch (the last: Ctrl+E)"), "editQuestion", self.edit
        )
        row.addWidget(position)
        row.addWidget(IconButton(theme, "copy", self.tr("Copy question"), "copyQuestion", self._copy))
        row.addWidget(self._edit)
        return tools

    def _fit(self) -> None:
        """As wide as the text wants to be, up to most of the column."""
        most = round(WIDEST * self.width())
        lines = self._shown.split("\n")
        metrics = self._text.fontMetrics()
        wanted = max(metrics.horizontalAdvance(line) if len(line) < 200 else most for line in lines)
        width = max(1, min(most, wanted + 2 * PADDING + 4))
        self._bubble.want(QSize(width, self._bubble.heightForWidth(width)))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._message.content)

    def _send(self, text: str) -> None:
        self._leave()
        self.edited.emit(self.message_id, text)

    def _leave(self) -> None:
        if self._editor:
            self._editor.hide()
            self._editor.deleteLater()
        self._editor = None
        self._bubble.setVisible(bool(self._message.content))
        self._tools.show()
        self._edit.setFocus()


class _Bubble(QFrame):
    """As large as it wants to be, and no reason for the column to be wider."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("userMessage")
        self._wanted = QSize(0, 0)

    def want(self, size: QSize) -> None:
        if size != self._wanted:
            self._wanted = size
            self.setFixedHeight(size.height())
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        return self._wanted

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._wanted.height())


class _Editor(QFrame):
    """The question's text, to be changed. Enter sends it, Escape leaves it."""

    sent = Signal(str)
    left = Signal()

    def __init__(self, theme: Theme, text: str) -> None:
        super().__init__()
        self.setObjectName("questionEditor")
        self.text = MessageText(theme, self._send)
        self.text.setObjectName("editText")
        self.text.setAccessibleName(self.tr("Edit your message"))
        self.text.setPlainText(text)
        self.text.moveCursor(self.text.textCursor().MoveOperation.End)
        self.text.textChanged.connect(self.text.fit)
        column = spaced(QVBoxLayout(self), theme.space("small"), theme.space("small"))
        column.addWidget(self.text)
        row = spaced(QHBoxLayout(), 0, theme.space("small"))
        hint = self.tr("The first wording and its answers stay.")
        row.addWidget(make_label(theme, hint, size="small", tone="muted", wrap=True), 1)
        row.addWidget(make_button(self.tr("Cancel"), "cancelEdit", self.left.emit))
        row.addWidget(make_button(self.tr("Send"), "sendEdit", self._send, primary=True))
        column.addLayout(row)
        self.text.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _send(self) -> None:
        if text := self.text.toPlainText().strip():
            self.sent.emit(text)


class _CutLine(QWidget):
    """Between what is sent no more and what is."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("cutLine")
        text = self.tr("What is above is not sent any more: the model has no room for it.")
        label = make_label(theme, text, size="small", tone="muted", wrap=True, name="cutText")
        label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        label.setToolTip(
            self.tr(
                "The system prompt always goes along. A chat that is too long loses its oldest turns "
                "until three quarters of what the model reads are filled."
            )
        )
        column = spaced(QVBoxLayout(self), 0, theme.space("tight"))
        column.addWidget(make_line())
        column.addWidget(label)
        self.hide()
