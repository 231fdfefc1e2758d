"""One message in a conversation: what the user wrote, or an answer with all that belongs to it."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from desktop.chat.body import Body
from desktop.chat.reply import Reply
from desktop.chat.store import Message, MessageState
from desktop.chat.wording import excerpt_of, figures_of, notice_of, position_of, route_of, servers_of
from desktop.widgets.parts import ElidedLabel, IconButton, make_button, make_label, set_tone, spaced
from desktop.widgets.theme import Theme

FITS_ANYWHERE = 28  # characters of a line that needs no wrapping in the narrowest window
LOOK_EVERY = 50  # milliseconds between looks at an answer that streams


class QuestionView(QWidget):
    """What the user wrote: as it was typed, to the right."""

    def __init__(self, theme: Theme, message: Message) -> None:
        super().__init__()
        self.message_id = message.id
        shown = excerpt_of(message.content)
        longest = max(map(len, shown.split("\n")))
        text = make_label(theme, shown, wrap=longest > FITS_ANYWHERE, name="question")
        text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        text.setAccessibleName(self.tr("You: {text}").format(text=shown))
        frame = QFrame()
        frame.setObjectName("userMessage")
        spaced(QVBoxLayout(frame), 12, 0).addWidget(text)
        row = spaced(QHBoxLayout(self), 0, 0)
        row.addStretch(1)
        row.addWidget(frame, _share(longest))


def _share(longest_line: int) -> int:
    """How many parts of the width a question takes beside one of empty room; 0: no more than it needs."""
    return 0 if longest_line <= FITS_ANYWHERE else 2 if longest_line < 60 else 6


class AnswerView(QWidget):
    """An answer: its text, why it broke off if it did, who served it, and what can be done with it."""

    again = Signal(int)  # message id
    go_on = Signal()
    turned = Signal(int, int)  # message id, step among the answers to the same question
    link_clicked = Signal(QUrl)

    def __init__(self, theme: Theme, message: Message, siblings: list[int], own_peer: str) -> None:
        super().__init__()
        self._theme, self._own_peer = theme, own_peer
        self.message_id = message.id
        self._message = message
        self._reply: Reply | None = None
        self.body = Body(theme, self.tr("Answer"))
        self.body.link_clicked.connect(self.link_clicked)
        self._thinking = make_label(
            theme, self.tr("Waiting for the first words"), tone="muted", name="thinking"
        )
        self._notice = _Notice(theme, self._ask_again, self.go_on.emit)
        self._footer = _Footer(theme, self)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY)
        self._timer.timeout.connect(self._look)
        layout = spaced(QVBoxLayout(self), 0, theme.space("small"))
        for part in (self._thinking, self.body, self._notice, self._footer):
            layout.addWidget(part)
        self.show_message(message, siblings)

    @property
    def notice(self) -> str:
        return self._notice.text

    def show_message(self, message: Message, siblings: list[int]) -> None:
        """A message that has ended, or the start of one that streams."""
        self._message = message
        streaming = message.state is MessageState.STREAMING
        self._thinking.setVisible(streaming and not message.content)
        self._notice.show_notice(notice_of(message), message.state, bool(message.content))
        self._footer.show_message(message, siblings, self._own_peer)
        if not streaming:
            self.body.show_text(message.content)
        self.body.setVisible(bool(message.content) or streaming)

    def follow(self, reply: Reply) -> None:
        self._reply = reply
        self._timer.start()
        self._look()

    def end(self, message: Message, siblings: list[int]) -> None:
        """The answer that was followed has ended."""
        self._timer.stop()
        self._reply = None
        self.body.finish(message.content)
        self._message = message
        self._thinking.hide()
        self._notice.show_notice(notice_of(message), message.state, bool(message.content))
        self._footer.show_message(message, siblings, self._own_peer)

    def copy(self) -> None:
        QGuiApplication.clipboard().setText(self._message.content)

    def _look(self) -> None:
        if self._reply and self._reply.text:
            self._thinking.hide()
            self.body.grow(self._reply.text)

    def _ask_again(self) -> None:
        self.again.emit(self.message_id)


class _Notice(QWidget):
    """Why an answer is not whole, and what to do about it."""

    def __init__(self, theme: Theme, retry: Callable[[], None], go_on: Callable[[], None]) -> None:
        super().__init__()
        row = spaced(QHBoxLayout(self), 0, theme.space("small"))
        self._label = make_label(theme, size="small", tone="waiting", wrap=True, name="answerNotice")
        self._retry = make_button(self.tr("Retry"), "retry", retry)
        self._go_on = make_button(self.tr("Continue"), "continueAnswer", go_on)
        row.addWidget(self._label, 1)
        row.addWidget(self._retry)
        row.addWidget(self._go_on)

    @property
    def text(self) -> str:
        return self._label.text()

    def show_notice(self, text: str, state: MessageState, begun: bool) -> None:
        self.setVisible(bool(text))
        self._label.setText(text)
        set_tone(self._label, "problem" if state is MessageState.BROKEN else "muted")
        self._go_on.setVisible(begun)


class _Footer(QWidget):
    def __init__(self, theme: Theme, answer: AnswerView) -> None:
        super().__init__()
        self._figures = ElidedLabel(theme, "figures", size="small", tone="muted")
        self._route = make_label(theme, size="small", tone="muted", wrap=True, name="route")
        self._route.hide()
        self._servers = _servers_button(theme, self._route)
        self._at = make_label(theme, size="small", tone="muted", name="answerPosition")
        turn, m = answer.turned.emit, answer
        self._previous = IconButton(
            theme, "previous", self.tr("Earlier answer"), "previousAnswer", lambda: turn(m.message_id, -1)
        )
        self._next = IconButton(
            theme, "next", self.tr("Later answer"), "nextAnswer", lambda: turn(m.message_id, 1)
        )
        self._copy = IconButton(theme, "copy", self.tr("Copy answer"), "copyAnswer", answer.copy)
        self._again = IconButton(
            theme, "again", self.tr("Answer again"), "regenerate", lambda: m.again.emit(m.message_id)
        )
        column = spaced(QVBoxLayout(self), 0, theme.space("tight"))
        column.addLayout(_row(theme, self._figures, self._servers))
        column.addWidget(self._route)
        column.addLayout(_row(theme, self._copy, self._again, self._previous, self._at, self._next))

    def show_message(self, message: Message, siblings: list[int], own_peer: str) -> None:
        self.setVisible(message.state is not MessageState.STREAMING)
        self._copy.setVisible(bool(message.content))
        self._again.setVisible(message.state is MessageState.DONE)  # else the notice offers it
        self._figures.show_text(figures_of(message))
        self._figures.setVisible(bool(figures_of(message)))
        self._show_route(message, own_peer)
        several = len(siblings) > 1
        self._at.setText(position_of(message.id, siblings))
        for part in (self._previous, self._at, self._next):
            part.setVisible(several)
        self._previous.setEnabled(message.id != siblings[0])
        self._next.setEnabled(message.id != siblings[-1])

    def _show_route(self, message: Message, own_peer: str) -> None:
        hops = message.report.hops if message.report else ()
        self._servers.setVisible(bool(hops))
        if message.report and hops:
            self._servers.setText(servers_of(message.report, own_peer))
            self._route.setText(route_of(message.report, own_peer))


def _row(theme: Theme, *parts: QWidget) -> QHBoxLayout:
    row = spaced(QHBoxLayout(), 0, theme.space("tight"))
    for part in parts:
        row.addWidget(part)
    row.addStretch()
    return row


def _servers_button(theme: Theme, details: QLabel) -> QToolButton:
    """Says who served the answer; pressed, it shows each server's share."""
    label = QCoreApplication.translate("Chat", "Show each server's share")
    button = IconButton(theme, "chevron", label, "servers", lambda: details.setVisible(button.isChecked()))
    button.setCheckable(True)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setFont(theme.font("small"))
    return button
