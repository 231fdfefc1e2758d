"""One answer while it arrives: from the engine into the store, piece by piece."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing

from pydantic import ValidationError
from PySide6.QtCore import QObject, Signal

from desktop.app_state import sentence_of_error
from desktop.chat.store import ChatStore, Message, MessageState
from engine.api.openai_schema import ChatChunk, ChatMessage, ChatRequest, StreamOptions
from engine.api.schema import AnswerReport
from engine.errors import BadRequest, PotluckError

SAVE_EVERY = 0.2  # seconds; what arrived longer ago is on disk

Chat = Callable[[ChatRequest], AsyncIterator[ChatChunk]]


class Reply(QObject):
    """Collects one answer. `text` is what has arrived; a view looks at it when it pleases."""

    ended = Signal(int)  # the message's id, after the store has its final state

    def __init__(self, store: ChatStore, message_id: int, chat: Chat, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._chat = store, chat
        self.message_id = message_id
        self.text = ""
        self._tokens: int | None = None
        self._report: AnswerReport | None = None
        self._state = MessageState.BROKEN
        self._reason = self.tr("The answer broke off, and nobody said why.")
        self._save_timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self, model: str, messages: Sequence[Message]) -> None:
        """Ask the model to go on from these messages."""
        self._task = asyncio.get_running_loop().create_task(self._run(model, messages))

    def stop(self) -> None:
        if self._task:
            self._task.cancel()

    async def finished(self) -> None:
        if self._task:
            await asyncio.wait([self._task])

    async def _run(self, model: str, messages: Sequence[Message]) -> None:
        try:
            await self._receive(make_request(model, messages))
        except PotluckError as error:
            self._reason = sentence_of_error(error)
        except asyncio.CancelledError:
            self._state = MessageState.STOPPED
        finally:
            self._end()

    async def _receive(self, request: ChatRequest) -> None:
        async with aclosing(self._chat(request)) as chunks:  # type: ignore[type-var]
            async for chunk in chunks:
                self._take(chunk)

    def _take(self, chunk: ChatChunk) -> None:
        if chunk.usage:
            self._tokens = chunk.usage.completion_tokens
        self._report = chunk.potluck or self._report
        for choice in chunk.choices:
            self._add(choice.delta.content or "")
            if choice.finish_reason:
                self._state = MessageState.CUT if choice.finish_reason == "length" else MessageState.DONE

    def _add(self, piece: str) -> None:
        self.text += piece
        if piece and self._save_timer is None:
            self._save_timer = asyncio.get_running_loop().call_later(SAVE_EVERY, self._save)

    def _save(self) -> None:
        self._save_timer = None
        self._store.save_text(self.message_id, self.text)

    def _end(self) -> None:
        if self._save_timer:
            self._save_timer.cancel()
        self._store.end_answer(
            self.message_id, self.text, self._state, self._reason, self._tokens, self._report
        )
        self.ended.emit(self.message_id)


def make_request(model: str, messages: Sequence[Message]) -> ChatRequest:
    """The conversation as the engine reads it; the model samples as it likes. Raises BadRequest: too long."""
    try:
        return ChatRequest(
            model=model,
            messages=tuple(turns(messages)),
            stream=True,
            stream_options=StreamOptions(include_usage=True),
        )
    except ValidationError:
        raise BadRequest("The conversation is too long to be sent: begin a new one.") from None


def turns(messages: Sequence[Message]) -> list[ChatMessage]:
    """User and assistant in turn: answers that never began are left out, neighbouring questions joined."""
    said: list[ChatMessage] = []
    for message in messages:
        if not message.content:
            continue
        if said and said[-1].role == message.role:
            said[-1] = ChatMessage(role=message.role, content=f"{said[-1].content}\n\n{message.content}")
        else:
            said.append(ChatMessage(role=message.role, content=message.content))
    return said
