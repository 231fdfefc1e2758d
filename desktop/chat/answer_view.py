"""An answer: its text, why it broke off if it did, who served it, and what can be done with it."""

import time
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from desktop.chat.body import Body
from desktop.chat.position import Position
from desktop.chat.records import Message, MessageState
from desktop.chat.reply import Reply
from desktop.chat.route_panel import RoutePanel
from desktop.chat.wording import figures_of, notice_of, repairing_in_words, servers_of
from desktop.widgets.flow import Flow
from desktop.widgets.parts import IconButton, make_button, make_label, set_tone, spaced
from desktop.widgets.theme import Theme

LOOK_EVERY = 16  # milliseconds between looks at an answer that streams: a frame
AT_MOST_BUSY = 0.25  # of the time: what takes longer to show is shown less often


class AnswerView(QWidget):
    again = Signal(int)  # message id
    go_on = Signal(int)  # message id
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
        self._waiting = make_label(theme, tone="muted", wrap=True, name="thinking")
        self._notice = _Notice(theme, self._ask_again, self._go_on)
        self._footer = _Footer(theme, self)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        layout = spaced(QVBoxLayout(self), 0, theme.space("small"))
        for part in (self.body, self._waiting, self._notice, self._footer):
            layout.addWidget(part)
        self.show_message(message, siblings)

    @property
    def notice(self) -> str:
        return self._notice.text

    @property
    def is_busy(self) -> bool:
        """Whether it is still being written."""
        return self._message.state is MessageState.STREAMING

    @property
    def is_following(self) -> bool:
        return self._reply is not None

    def show_message(self, message: Message, siblings: list[int]) -> None:
        """A message that has ended, or the start of one that streams."""
        streaming = message.state is MessageState.STREAMING
        self._show_around(message, siblings)
        self.body.show_text("" if streaming else message.content)
        self.body.setVisible(bool(message.content) or streaming)

    def follow(self, reply: Reply) -> None:
        """What streams, be it an answer that had ended and goes on."""
        if self._message.state is not MessageState.STREAMING:
            self.show_message(replace(self._message, state=MessageState.STREAMING), [self.message_id])
        self._reply = reply
        self._timer.start(LOOK_EVERY)
        self._look()

    def end(self, message: Message, siblings: list[int]) -> None:
        """The answer that was followed has ended."""
        self._timer.stop()
        self._reply = None
        self.body.finish(message.content)
        self._show_around(message, siblings)

    def copy(self) -> None:
        QGuiApplication.clipboard().setText(self._message.content)

    def _show_around(self, message: Message, siblings: list[int]) -> None:
        self._message = message
        streaming = message.state is MessageState.STREAMING
        self._say_waiting(self.tr("Waiting for the first words") if streaming and not message.content else "")
        self._notice.show_notice(notice_of(message), message.state, bool(message.content))
        self._footer.show_message(message, siblings, self._own_peer)

    def _look(self) -> None:
        if self._reply is None:
            return
        if self._reply.repairing:
            self._say_waiting(repairing_in_words(self._reply.repairing))
        elif self._reply.text:
            self._say_waiting("")
        if self._reply.text and self._reply.text != self.body.text:
            since = time.perf_counter()
            self.body.grow(self._reply.text)
            took = 1000 * (time.perf_counter() - since)
            self._timer.setInterval(max(LOOK_EVERY, round(took / AT_MOST_BUSY)))

    def _say_waiting(self, text: str) -> None:
        if text != self._waiting.text() or self._waiting.isHidden() == bool(text):
            self._waiting.setText(text)
            self._waiting.setVisible(bool(text))

    def _ask_again(self) -> None:
        self.again.emit(self.message_id)

    def _go_on(self) -> None:
        self.go_on.emit(self.message_id)


class _Notice(QWidget):
    """Why an answer is not whole, and what to do about it."""

    def __init__(self, theme: Theme, retry: Callable[[], None], go_on: Callable[[], None]) -> None:
        super().__init__()
        column = spaced(QVBoxLayout(self), 0, theme.space("small"))
        buttons = QWidget()
        row = Flow(buttons, theme.space("small"))
        self._label = make_label(theme, size="small", tone="waiting", wrap=True, name="answerNotice")
        self._retry = make_button(self.tr("Retry"), "retry", retry)
        self._go_on = make_button(self.tr("Continue"), "continueAnswer", go_on)
        row.addWidget(self._retry)
        row.addWidget(self._go_on)
        column.addWidget(self._label)
        column.addWidget(buttons)

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
        self._theme, self._answer = theme, answer
        self._panel: RoutePanel | None = None
        self._figures = make_label(theme, size="small", tone="muted", wrap=True, name="figures")
        self._servers = self._make_servers(theme)
        self._copy = IconButton(theme, "copy", self.tr("Copy answer"), "copyAnswer", answer.copy)
        self._again = IconButton(
            theme,
            "again",
            self.tr("Answer again (Ctrl+R)"),
            "regenerate",
            lambda: answer.again.emit(answer.message_id),
        )
        self._position = Position(
            theme,
            answer.message_id,
            [answer.message_id],
            self.tr("Earlier answer"),
            self.tr("Later answer"),
            "Answer",
        )
        self._position.turned.connect(answer.turned)
        self._column = spaced(QVBoxLayout(self), 0, theme.space("tight"))
        self._column.addWidget(self._figures)
        tools = QWidget()
        row = Flow(tools, theme.space("tight"))
        for part in (self._copy, self._again, self._position, self._servers):
            row.addWidget(part)
        self._column.addWidget(tools)

    def show_message(self, message: Message, siblings: list[int], own_peer: str) -> None:
        self._message, self._own_peer = message, own_peer
        self.setVisible(message.state is not MessageState.STREAMING)
        self._copy.setVisible(bool(message.content))
        self._again.setVisible(message.state is MessageState.DONE)  # else the notice offers it
        figures = figures_of(message)
        self._figures.setText(figures)
        self._figures.setVisible(bool(figures))
        self._position.show_siblings(siblings)
        self._servers.setChecked(False)
        self._show_panel(False)
        hops = message.report.hops if message.report else ()
        self._servers.setVisible(bool(hops))
        if message.report and hops:
            self._servers.setText(servers_of(message.report, own_peer))

    def _make_servers(self, theme: Theme) -> QToolButton:
        """Says who served the answer; pressed, it shows the route and where the time went."""
        label = self.tr("Show the route and where the time went")
        button = IconButton(
            theme, "chevron", label, "servers", lambda: self._show_panel(self._servers.isChecked())
        )
        button.setCheckable(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFont(theme.font("small"))
        return button

    def _show_panel(self, shown: bool) -> None:
        """It is made when it is asked for: most never are."""
        if self._panel:
            self._panel.hide()
            self._panel.deleteLater()
            self._panel = None
        if shown and self._message.report:
            self._panel = RoutePanel(self._theme, self._message.report, self._own_peer)
            self._column.addWidget(self._panel)
            self._panel.show()
