"""The Chat page: the list of conversations beside the one that is open."""

from collections.abc import Sequence

from PySide6.QtCore import QTimer
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QFocusEvent,
    QKeySequence,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from desktop.app_state import AppState
from desktop.chat.archiving import Archiving
from desktop.chat.attaching import Attaching
from desktop.chat.attachments import local_files
from desktop.chat.composer import Composer
from desktop.chat.conductor import Conductor
from desktop.chat.conversation_actions import ConversationActions, ask_for_text
from desktop.chat.conversation_list import ConversationPane
from desktop.chat.drop_sign import DropSign
from desktop.chat.header import ChatHeader
from desktop.chat.message_list import COLUMN_WIDTH, MessageList
from desktop.chat.model_picker import ModelPicker
from desktop.chat.records import Setup
from desktop.chat.setup_panel import SetupPanel
from desktop.chat.side_by_side import SideBySide
from desktop.chat.tab_order import stops_in
from desktop.chat.wording import privacy_of
from desktop.os_glue.remembered import Remembered
from desktop.widgets.parts import has_focus, make_label, make_line, set_tone, spaced, tab_through
from desktop.widgets.theme import Theme
from engine.api.schema import ModelInfo

DRAFT_MILLISECONDS = 300
SAID_MILLISECONDS = 8_000
OWN_PEER = "swarm/own_peer"


class ChatPage(QWidget):
    def __init__(self, theme: Theme, state: AppState, conductor: Conductor, remembered: Remembered) -> None:
        super().__init__()
        self.setObjectName("chatPage")
        self.setAcceptDrops(True)
        self._theme, self._state, self._conductor, self._remembered = theme, state, conductor, remembered
        self._conversation: int | None = None
        self.pane = ConversationPane(theme, conductor, remembered)
        self.messages = MessageList(theme, conductor)
        self.composer = Composer(theme)
        self.picker = ModelPicker(remembered.text("chat/model"))
        self.setup = SetupPanel(theme, conductor.store.presets)
        self.setup.hide()
        self.attaching = Attaching(conductor.store, self._model, self)
        self.archiving = Archiving(conductor, self)
        self._actions = ConversationActions(self, conductor, self._open_ids, "open")
        self._header = ChatHeader(theme, self.picker, self._actions.all(), self._show_list, self._show_setup)
        self._privacy = make_label(theme, size="small", tone="muted", wrap=True, name="privacy")
        self._said = make_label(theme, size="small", tone="muted", wrap=True, name="said")
        self._said.hide()
        self._said_timer = QTimer(self, singleShot=True, interval=SAID_MILLISECONDS)
        self._draft_timer = QTimer(self, singleShot=True, interval=DRAFT_MILLISECONDS)
        open_side = self._make_open_side()
        self._drop_sign = DropSign(theme, open_side)
        self.sides = SideBySide(self.pane, open_side, remembered)
        spaced(QHBoxLayout(self), 0, 0).addWidget(self.sides)
        self._connect()
        self._add_shortcuts()
        self._show_state()
        self.open(conductor.store.broken_off)
        self._order_stops()

    @property
    def conversation(self) -> int | None:
        """The open one; None while a new one has not begun."""
        return self._conversation

    def open(self, conversation_id: int | None, at_message: int | None = None) -> None:
        """The end of the conversation, or one of its messages."""
        self.keep_draft()
        store = self._conductor.store
        self._conversation = conversation_id
        self.pane.select(conversation_id)
        self.composer.set_draft(store.draft(conversation_id), store.attachments.of_draft(conversation_id))
        self.setup.show_setup(store.setup(conversation_id))
        self._header.show_setup(store.setup(conversation_id))
        self._actions.update()
        self._show_messages(at_message)

    def open_message(self, message_id: int) -> None:
        """The conversation on a branch that holds this message."""
        store = self._conductor.store
        conversation = store.message(message_id).conversation_id
        if message_id not in {each.id for each in store.branch(conversation)}:
            store.show_branch_of(message_id)
        self.open(conversation, message_id)

    def keep_draft(self) -> None:
        """What is typed and not sent is on disk after this."""
        self.setup.keep_pending()
        if self._draft_timer.isActive():
            self._draft_timer.stop()
            self._keep_draft_now()

    async def close_work(self) -> None:
        """End what is still being read or written."""
        await self.attaching.close()
        await self.archiving.close()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """No focus proxy: the Tab key would go to it at once, past the conversations."""
        self.composer.text.setFocus(event.reason())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():  # but opened from the navigation
            self.composer.text.setFocus()

    def focusNextPrevChild(self, onwards: bool) -> bool:
        """The Tab key goes from the chats to the messages, and from there to where one writes."""
        self._order_stops()
        was_there = has_focus(self.messages)
        moved = super().focusNextPrevChild(onwards)
        if moved and not was_there and has_focus(self.messages):
            self.messages.enter(QApplication.focusWidget(), onwards)
        return moved

    def _order_stops(self) -> None:
        tab_through(
            *stops_in(self.pane),
            *stops_in(self._header),
            *stops_in(self.setup),
            *self.messages.stops(),
            *stops_in(self._foot),
        )

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event.mimeData()):
            event.acceptProposedAction()
            self._drop_sign.show_sign(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop_sign.show_sign(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_sign.show_sign(False)
        self.attaching.add_files(self._conversation, local_files(event.mimeData()))
        event.acceptProposedAction()

    # --- how it is laid out

    def _make_open_side(self) -> QWidget:
        side = QWidget()
        column = spaced(QVBoxLayout(side), 0, 0)
        column.addWidget(self._header)
        column.addWidget(make_line())
        column.addLayout(self._centred(self.setup, 0))
        column.addWidget(self.messages, 1)
        column.addLayout(self._make_foot())
        return side

    def _make_foot(self) -> QHBoxLayout:
        self._foot = QWidget()
        column = spaced(QVBoxLayout(self._foot), 0, self._theme.space("small"))
        for part in (self._said, self.composer, self._privacy):
            column.addWidget(part)
        return self._centred(self._foot, self._theme.space("small"))

    def _centred(self, widget: QWidget, above: int) -> QHBoxLayout:
        """In the column of the messages, beside whose bar there is room."""
        large = self._theme.space("large")
        row = spaced(QHBoxLayout(), 0, 0)
        beside_bar = large + self.messages.verticalScrollBar().sizeHint().width()
        row.setContentsMargins(0, above, 0, 12 if above else 0)
        widget.setMaximumWidth(COLUMN_WIDTH)
        row.addSpacing(large)
        row.addStretch(1)
        row.addWidget(widget, 1000)
        row.addStretch(1)
        row.addSpacing(beside_bar)
        return row

    def _connect(self) -> None:
        self.pane.opened.connect(self.open)
        self.pane.hit.connect(self.open_message)
        self.pane.begun.connect(self._begin)
        self.pane.chosen.connect(self._chosen)
        self.pane.restored.connect(self._restored)
        self.sides.list_shown.connect(self._header.list_button.setChecked)
        self._header.list_button.setChecked(self.sides.shows_list)
        self.pane.imports.connect(self.archiving.choose_import)
        self.pane.menu.export.connect(self.archiving.choose_export)
        self._actions.export.connect(self.archiving.choose_export)
        self._actions.deleted.connect(self._deleted)
        self._actions.rename.connect(self._ask_for_title)
        self._header.menu.aboutToShow.connect(self._actions.update)
        self._connect_composer()
        self.messages.filled.connect(self._order_stops)
        self.messages.again.connect(lambda answer: self._conductor.answer_again(answer, self.picker.model))
        self.messages.go_on.connect(lambda answer: self._conductor.go_on(answer, self.picker.model))
        self.messages.edited.connect(
            lambda question, text: self._conductor.edit(question, text, self.picker.model)
        )
        self.setup.changed.connect(self._keep_setup)
        self.setup.closed.connect(self._header.setup_button.click)
        self.archiving.said.connect(self._say)
        self.archiving.imported.connect(self.open)
        self._said_timer.timeout.connect(self._said.hide)
        self.picker.picked.connect(lambda model: self._remembered.keep_text("chat/model", model))
        self._conductor.branched.connect(self._branched)
        self._conductor.answered.connect(self._answered)
        self._conductor.listed.connect(self._show_title)
        self._state.changed.connect(self._show_state)

    def _connect_composer(self) -> None:
        composer, attaching = self.composer, self.attaching
        composer.sent.connect(self._send)
        composer.stopped.connect(self._stop)
        composer.edited.connect(lambda _: self._draft_timer.start())
        composer.edit_last.connect(self.messages.edit_last)
        composer.attach.connect(lambda: attaching.choose(self._conversation))
        composer.files_given.connect(lambda paths: attaching.add_files(self._conversation, paths))
        composer.image_given.connect(lambda image: attaching.add_image(self._conversation, image))
        composer.detach.connect(attaching.remove)
        attaching.changed.connect(self._show_files)
        attaching.failed.connect(composer.show_trouble)
        self._draft_timer.timeout.connect(self._keep_draft_now)

    def _add_shortcuts(self) -> None:
        QShortcut(QKeySequence.StandardKey.Cancel, self, activated=self._escape)
        QShortcut(QKeySequence.StandardKey.Find, self, activated=self._search)
        QShortcut(QKeySequence("Ctrl+B"), self, activated=self._header.list_button.click)
        QShortcut(QKeySequence("Ctrl+O"), self, activated=self.composer.attach.emit)
        QShortcut(QKeySequence("Ctrl+T"), self, activated=self._header.setup_button.click)
        QShortcut(QKeySequence("Ctrl+R"), self, activated=self.messages.answer_last_again)
        QShortcut(QKeySequence("Ctrl+E"), self, activated=self.messages.edit_last)

    # --- what the user does

    def _begin(self) -> None:
        self.open(None)
        self._chosen()

    def _send(self, text: str) -> None:
        if not self.picker.model or self._conductor.reply_in(self._conversation):
            return
        self.setup.keep_pending()
        self._draft_timer.stop()
        self._conductor.store.keep_draft(self._conversation, "")
        asked_in = self._conversation
        self._conversation = self._conductor.ask(asked_in, text, self.picker.model)
        if asked_in is None:  # else it is shown already, as any that goes on
            self.pane.select(self._conversation)
            self._actions.update()
            self._show_messages()
        self._show_files()
        self.messages.follow_latest()

    def _stop(self) -> None:
        self._conductor.stop(self._conversation)

    def _show_setup(self, shown: bool) -> None:
        self.setup.setVisible(shown)
        (self.setup.findChild(QWidget, "systemPrompt") if shown else self.composer.text).setFocus()

    def _show_list(self, shown: bool) -> None:
        """To choose from it; without it, to write."""
        self.sides.show_list(shown)
        if shown:
            self.pane.focus_list()
        else:
            self.composer.text.setFocus()

    def _search(self) -> None:
        if not self.sides.shows_list:
            self.sides.show_list(True)
        self.pane.focus_search()

    def _chosen(self) -> None:
        self.sides.make_room()
        self.composer.text.setFocus()

    def _deleted(self, ids: Sequence[int], title: str) -> None:
        """Shown with the list, which offers them back."""
        self.pane.forget(ids, title)
        if not self.sides.shows_list:
            self.sides.show_list(True)

    def _restored(self, ids: Sequence[int]) -> None:
        """What was deleted last is where one was, unless another chat is open by now."""
        if len(ids) == 1 and self._conversation is None:
            self.open(ids[0])

    def _escape(self) -> None:
        """Leave the list; else stop the answer, or go back to writing."""
        if self._conductor.reply_in(self._conversation) and not has_focus(self.pane):
            self._stop()
        else:
            self._chosen()

    def _keep_setup(self, setup: Setup) -> None:
        self._conductor.store.keep_setup(self._conversation, setup)
        self._header.show_setup(setup)

    def _ask_for_title(self) -> None:
        conversation = self._conversation
        if conversation is not None:
            ask_for_text(
                self,
                self.tr("Rename"),
                self.tr("Title of the chat"),
                self._conductor.store.title(conversation),
                lambda title: self._conductor.rename(conversation, title),
                "askTitle",
            )

    def _open_ids(self) -> tuple[int, ...]:
        return () if self._conversation is None else (self._conversation,)

    def _keep_draft_now(self) -> None:
        self._conductor.store.keep_draft(self._conversation, self.composer.text.toPlainText())

    # --- what is shown

    def _branched(self, conversation_id: int) -> None:
        if conversation_id == self._conversation:
            self._show_messages()

    def _answered(self, message_id: int) -> None:
        message = self._conductor.store.message(message_id)
        if message.conversation_id == self._conversation:
            self.messages.end_answer(message)
            self.composer.set_answering(False)

    def _show_messages(self, at_message: int | None = None) -> None:
        self.messages.show_conversation(self._conversation, self._remembered.text(OWN_PEER), at_message)
        self.composer.set_answering(self._conductor.reply_in(self._conversation) is not None)
        self._show_title()

    def _show_files(self) -> None:
        self.composer.show_files(self._conductor.store.attachments.of_draft(self._conversation))

    def _show_title(self) -> None:
        conversation = self._conversation
        self._header.show_title(self._conductor.store.title(conversation) if conversation else None)

    def _say(self, sentence: str) -> None:
        self._said.setText(sentence)
        self._said.show()
        self._said_timer.start()

    def _model(self) -> ModelInfo | None:
        return next((model for model in self._state.models if model.name == self.picker.model), None)

    def _learn_own_peer(self) -> None:
        """As which this computer serves: it outlasts a pause, so that answers stay attributed to it."""
        here = self._state.snapshot if not self._state.elsewhere else None
        servers = here.servers if here else ()
        server = next(iter(servers), None)
        if server and server.peer_id and server.peer_id != self._remembered.text(OWN_PEER):
            self._remembered.keep_text(OWN_PEER, server.peer_id)

    def _show_state(self) -> None:
        self._learn_own_peer()
        self.picker.show_models([model for model in self._state.models if model.kind != "encoder"])
        self.composer.set_may_send(bool(self.picker.model) and self._state.snapshot is not None)
        private = self._state.private
        self._privacy.setText(privacy_of(private, self._state.elsewhere))
        set_tone(self._privacy, "waiting" if private is False else "muted")
