"""The Chat page: the list of conversations beside the one that is open."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from desktop.app_state import AppState
from desktop.chat.composer import Composer
from desktop.chat.conductor import Conductor
from desktop.chat.conversation_list import ConversationPane
from desktop.chat.message_list import COLUMN_WIDTH, MessageList
from desktop.chat.model_picker import ModelPicker
from desktop.chat.wording import privacy_of
from desktop.os_glue.remembered import Remembered
from desktop.widgets.parts import ElidedLabel, make_label, make_line, set_tone, spaced
from desktop.widgets.theme import Theme

DRAFT_MILLISECONDS = 300
OWN_PEER = "swarm/own_peer"


class ChatPage(QWidget):
    def __init__(self, theme: Theme, state: AppState, conductor: Conductor, remembered: Remembered) -> None:
        super().__init__()
        self.setObjectName("chatPage")
        self._state, self._conductor, self._remembered = state, conductor, remembered
        self._conversation: int | None = None
        self.pane = ConversationPane(theme, conductor, remembered)
        self.messages = MessageList(theme, conductor)
        self.composer = Composer(theme)
        self.picker = ModelPicker(remembered.text("chat/model"))
        self._title = ElidedLabel(theme, "conversationTitle", bold=True)
        self._privacy = make_label(theme, size="small", tone="muted", wrap=True, name="privacy")
        self._draft_timer = QTimer(self, singleShot=True, interval=DRAFT_MILLISECONDS)
        self.setFocusProxy(self.composer.text)
        self._lay_out(theme)
        self._connect()
        self._show_state()
        self.open(None)

    @property
    def conversation(self) -> int | None:
        """The open one; None while a new one has not begun."""
        return self._conversation

    def open(self, conversation_id: int | None) -> None:
        self.keep_draft()
        self._conversation = conversation_id
        self.pane.select(conversation_id)
        self.composer.set_draft(self._conductor.store.draft(conversation_id))
        self._show_messages()

    def open_message(self, message_id: int) -> None:
        """The conversation on a branch that holds this message."""
        message = self._conductor.store.message(message_id)
        if message_id not in {each.id for each in self._conductor.store.branch(message.conversation_id)}:
            self._conductor.store.show_branch_of(message_id)
        self.open(message.conversation_id)

    def keep_draft(self) -> None:
        """What is typed and not sent is on disk after this."""
        if self._draft_timer.isActive():
            self._draft_timer.stop()
            self._conductor.store.keep_draft(self._conversation, self.composer.text.toPlainText())

    def _lay_out(self, theme: Theme) -> None:
        splitter = QSplitter(objectName="chatSplitter", childrenCollapsible=False)
        splitter.addWidget(self.pane)
        splitter.addWidget(self._make_open_side(theme))
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([240, 760])
        splitter.setHandleWidth(1)
        self.pane.setMinimumWidth(180)
        self._remembered.restore_splitter(splitter)
        splitter.splitterMoved.connect(lambda *_: self._remembered.save_splitter(splitter))
        spaced(QHBoxLayout(self), 0, 0).addWidget(splitter)

    def _make_open_side(self, theme: Theme) -> QWidget:
        side = QWidget()
        column = spaced(QVBoxLayout(side), 0, 0)
        column.addLayout(self._make_header(theme))
        column.addWidget(make_line())
        column.addWidget(self.messages, 1)
        column.addLayout(self._make_foot(theme))
        return side

    def _make_header(self, theme: Theme) -> QHBoxLayout:
        header = spaced(QHBoxLayout(), 12, theme.space("small"))
        header.setContentsMargins(theme.space("large"), 12, theme.space("large"), 12)
        header.addWidget(self._title, 1)
        header.addWidget(self.picker)
        return header

    def _make_foot(self, theme: Theme) -> QHBoxLayout:
        foot = spaced(QHBoxLayout(), theme.space("large"), 0)
        beside_bar = theme.space("large") + self.messages.verticalScrollBar().sizeHint().width()
        foot.setContentsMargins(theme.space("large"), theme.space("small"), beside_bar, 12)
        holder = QWidget()
        holder.setMaximumWidth(COLUMN_WIDTH)
        column = spaced(QVBoxLayout(holder), 0, theme.space("small"))
        column.addWidget(self.composer)
        column.addWidget(self._privacy)
        foot.addStretch(1)
        foot.addWidget(holder, 1000)
        foot.addStretch(1)
        return foot

    def _connect(self) -> None:
        self.pane.opened.connect(self.open)
        self.pane.begun.connect(self._begin)
        self.pane.hit.connect(self.open_message)
        self.pane.chosen.connect(self.composer.text.setFocus)
        self.composer.sent.connect(self._send)
        self.composer.stopped.connect(self._stop)
        self.composer.edited.connect(lambda _: self._draft_timer.start())
        self._draft_timer.timeout.connect(self._keep_draft_now)
        self.messages.again.connect(lambda answer: self._conductor.answer_again(answer, self.picker.model))
        self.messages.go_on.connect(lambda: self._send(self.tr("Please continue exactly where you stopped.")))
        self.picker.picked.connect(lambda model: self._remembered.keep_text("chat/model", model))
        self._conductor.branched.connect(self._branched)
        self._conductor.answered.connect(self._answered)
        self._conductor.listed.connect(self._show_title)
        self._state.changed.connect(self._show_state)
        QShortcut(QKeySequence.StandardKey.Cancel, self, activated=self._stop)
        QShortcut(QKeySequence.StandardKey.Find, self, activated=self.pane.focus_search)

    def _begin(self) -> None:
        self.open(None)
        self.composer.text.setFocus()

    def _send(self, text: str) -> None:
        if not self.picker.model or self._conductor.reply_in(self._conversation):
            return
        self._draft_timer.stop()
        self._conductor.store.keep_draft(self._conversation, "")
        self._conversation = self._conductor.ask(self._conversation, text, self.picker.model)
        self.pane.select(self._conversation)
        self._show_messages()
        self.messages.follow_latest()

    def _stop(self) -> None:
        self._conductor.stop(self._conversation)

    def _keep_draft_now(self) -> None:
        self._conductor.store.keep_draft(self._conversation, self.composer.text.toPlainText())

    def _branched(self, conversation_id: int) -> None:
        if conversation_id == self._conversation:
            self._show_messages()

    def _answered(self, message_id: int) -> None:
        message = self._conductor.store.message(message_id)
        if message.conversation_id == self._conversation:
            self.messages.end_answer(message)
            self.composer.set_answering(False)

    def _show_messages(self) -> None:
        self.messages.show_conversation(self._conversation, self._remembered.text(OWN_PEER))
        self.composer.set_answering(self._conductor.reply_in(self._conversation) is not None)
        self._show_title()

    def _show_title(self) -> None:
        title = self._conductor.store.title(self._conversation) if self._conversation else ""
        self._title.show_text(title or self.tr("New conversation"))

    def _learn_own_peer(self) -> None:
        """As which this computer serves: it outlasts a pause, so that answers stay attributed to it."""
        servers = self._state.snapshot.servers if self._state.snapshot else ()
        server = next(iter(servers), None)
        if server and server.peer_id and server.peer_id != self._remembered.text(OWN_PEER):
            self._remembered.keep_text(OWN_PEER, server.peer_id)

    def _show_state(self) -> None:
        self._learn_own_peer()
        self.picker.show_models(self._state.models)
        self.composer.set_may_send(bool(self.picker.model))
        private = self._state.private
        self._privacy.setText(privacy_of(private))
        set_tone(self._privacy, "waiting" if private is False else "muted")
