"""What can be done with conversations: ask, stop, ask again, go on. Views call it and listen to it."""

import asyncio
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from desktop.chat.database import fold_log
from desktop.chat.records import Message, Setup
from desktop.chat.reply import Chat, Order, Reply
from desktop.chat.store import ChatStore, title_from


class Conductor(QObject):
    """Runs the answers of all conversations; each goes on while another conversation is looked at."""

    listed = Signal()  # the list of conversations changed
    branched = Signal(int)  # a conversation shows other messages than before
    answered = Signal(int)  # an answer ended: its message id

    def __init__(self, store: ChatStore, chat: Chat, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self._chat = chat
        self._replies: dict[int, Reply] = {}  # by conversation
        self._folding: asyncio.Task[None] | None = None

    def reply_in(self, conversation_id: int | None) -> Reply | None:
        return self._replies.get(conversation_id) if conversation_id is not None else None

    def ask(self, conversation_id: int | None, text: str, model: str) -> int:
        """Send the text with what is attached to the draft, and let the answer come. None begins a
        conversation; returns its id.
        """
        draft, files = conversation_id, self.store.attachments.of_draft(conversation_id)
        if conversation_id is None:
            title = title_from(text or ", ".join(file.name for file in files))
            conversation_id = self.store.create(title, self.store.setup(None))
            self.store.keep_setup(None, Setup())
        question = self.store.add_question(conversation_id, self.store.leaf(conversation_id), text)
        self.store.attachments.send_draft(draft, question)
        self._answer(conversation_id, question, model)
        return conversation_id

    def edit(self, question_id: int, text: str, model: str) -> None:
        """Ask in other words, with the same files: a branch of its own beside the first."""
        question = self.store.message(question_id)
        if question.conversation_id in self._replies:
            return
        edited = self.store.add_question(question.conversation_id, question.parent_id, text)
        self.store.attachments.copy(question_id, edited)
        self._answer(question.conversation_id, edited, model)

    def go_on(self, answer_id: int, model: str) -> None:
        """Let the rest of an answer come that is not whole."""
        answer = self.store.message(answer_id)
        if answer.conversation_id not in self._replies:
            self.store.go_on_with(answer_id)
            self._run(answer.conversation_id, answer_id, model or answer.model, self.store.up_to(answer_id))

    def answer_again(self, answer_id: int, model: str) -> None:
        """A further answer to the same question; the earlier one stays."""
        answer = self.store.message(answer_id)
        if answer.parent_id is not None and answer.conversation_id not in self._replies:
            self._answer(answer.conversation_id, answer.parent_id, model or answer.model)

    def show_sibling(self, message_id: int, step: int) -> None:
        siblings = self.store.siblings(message_id)
        at = siblings.index(message_id) + step
        if 0 <= at < len(siblings):
            self.store.show_branch_of(siblings[at])
            self.branched.emit(self.store.message(message_id).conversation_id)

    def stop(self, conversation_id: int | None) -> None:
        if reply := self.reply_in(conversation_id):
            reply.stop()

    def rename(self, conversation_id: int, title: str) -> None:
        self.store.rename(conversation_id, title)
        self.listed.emit()

    def pin(self, conversation_ids: Sequence[int], pinned: bool) -> None:
        self.store.pin(conversation_ids, pinned)
        self.listed.emit()

    def put_into(self, conversation_ids: Sequence[int], folder: str) -> None:
        self.store.put_into(conversation_ids, folder)
        self.listed.emit()

    def delete(self, conversation_ids: Sequence[int]) -> None:
        for each in conversation_ids:
            self.stop(each)
        self.store.delete(*conversation_ids)
        self.listed.emit()

    def restore(self, conversation_ids: Sequence[int]) -> None:
        self.store.restore(*conversation_ids)
        self.listed.emit()

    async def close(self) -> None:
        """Leave every answer and wait until the store has what arrived."""
        for reply in list(self._replies.values()):
            reply.leave()
            await reply.finished()
        if self._folding:
            await self._folding

    def _answer(self, conversation_id: int, question_id: int, model: str) -> None:
        answer_id = self.store.begin_answer(question_id, model)
        self._run(conversation_id, answer_id, model, self.store.up_to(question_id))

    def _run(self, conversation_id: int, answer_id: int, model: str, messages: Sequence[Message]) -> None:
        reply = Reply(self.store, answer_id, self._chat, self)
        self._replies[conversation_id] = reply
        reply.ended.connect(lambda message_id: self._ended(conversation_id, message_id))
        go_on = messages[-1].id == answer_id
        reply.start(Order(model, messages, self.store.setup(conversation_id), go_on))
        self.listed.emit()
        self.branched.emit(conversation_id)

    def _ended(self, conversation_id: int, message_id: int) -> None:
        self._replies.pop(conversation_id).deleteLater()
        if not self._replies and (self._folding is None or self._folding.done()):
            self._folding = asyncio.create_task(asyncio.to_thread(fold_log, self.store.path))
        self.answered.emit(message_id)
