"""One answer while it arrives: from the engine into the store, piece by piece."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from desktop.app_state import sentence_of_error
from desktop.chat.records import Message, MessageState, Setup
from desktop.chat.request import Turn, make_request, sent_from, still_sent, turns
from desktop.chat.store import ChatStore
from engine.api.openai_schema import ChatChunk, ChatRequest
from engine.api.schema import AnswerReport
from engine.errors import PotluckError

SAVE_EVERY = 0.2  # seconds; what arrived longer ago is on disk

Chat = Callable[[ChatRequest], AsyncIterator[ChatChunk]]


@dataclass(frozen=True)
class Order:
    """Go on from these messages. With `go_on` the last is the answer itself, which is not whole."""

    model: str
    messages: Sequence[Message]
    setup: Setup
    go_on: bool = False


class Reply(QObject):
    """Collects one answer. `text` is what has arrived; a view looks at it when it pleases."""

    ended = Signal(int)  # the message's id, after the store has its final state

    def __init__(self, store: ChatStore, message_id: int, chat: Chat, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._chat = store, chat
        self.message_id = message_id
        self.text = ""
        self.repairing: tuple[tuple[int, int], ...] = ()  # layers that another server takes over just now
        self._tokens: int | None = None
        self._tokens_before = 0
        self._report: AnswerReport | None = None
        self._left_out = 0  # of what was sent now, by the engine
        self._state = MessageState.BROKEN
        self._reason = self.tr("The answer broke off, and nobody said why.")
        self._stopped = MessageState.STOPPED  # what it becomes when it is stopped
        self._whole: Sequence[Message] = ()
        self._said: Sequence[Turn] = ()
        self._save_timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self, order: Order) -> None:
        if order.go_on:
            self.text = order.messages[-1].content.rstrip()
            self._tokens_before = order.messages[-1].tokens or 0
            self._report = order.messages[-1].report
        self._task = asyncio.get_running_loop().create_task(self._run(order))

    def stop(self) -> None:
        if self._task:
            self._task.cancel()

    def leave(self) -> None:
        """Potluck ends: what has arrived is kept as an answer under way, as after a crash."""
        self._stopped = MessageState.STREAMING
        self.stop()

    async def finished(self) -> None:
        if self._task:
            await asyncio.wait([self._task])

    async def _run(self, order: Order) -> None:
        try:
            await self._receive(self._request(order))
        except PotluckError as error:
            self._reason = sentence_of_error(error)
        except asyncio.CancelledError:
            self._state = self._stopped
        finally:
            self._end()

    def _request(self, order: Order) -> ChatRequest:
        self._whole = order.messages
        self._said = turns(still_sent(order.messages, order.model), self._store.attachments.data)
        return make_request(order.model, self._said, order.setup, go_on=order.go_on)

    async def _receive(self, request: ChatRequest) -> None:
        async with aclosing(self._chat(request)) as chunks:  # type: ignore[type-var]
            async for chunk in chunks:
                self._take(chunk)

    def _take(self, chunk: ChatChunk) -> None:
        if chunk.potluck_status:
            self.repairing = chunk.potluck_status.repairing
        if chunk.potluck:
            self._report, self._left_out = chunk.potluck, chunk.potluck.left_out
            self._tokens = self._tokens_before + chunk.potluck.tokens
        elif any(choice.delta.content for choice in chunk.choices):
            self._tokens = 1 + (self._tokens or self._tokens_before)  # at least, until a report says more
        if chunk.usage:
            self._tokens = self._tokens_before + chunk.usage.completion_tokens
        for choice in chunk.choices:
            self._add(choice.delta.content or "")
            if choice.finish_reason:
                self._state = MessageState.CUT if choice.finish_reason == "length" else MessageState.DONE

    def _add(self, piece: str) -> None:
        self.text += piece
        if piece:
            self.repairing = ()
        if piece and self._save_timer is None:
            self._save_timer = asyncio.get_running_loop().call_later(SAVE_EVERY, self._save)

    def _save(self) -> None:
        self._save_timer = None
        self._store.save_text(self.message_id, self.text)

    def _end(self) -> None:
        if self._save_timer:
            self._save_timer.cancel()
        self._store.end_answer(
            self.message_id,
            self.text,
            self._state,
            self._reason if self._state is MessageState.BROKEN else "",
            self._tokens or self._tokens_before or None,
            self._report,
            sent_from(self._whole, self._said, self._left_out),
        )
        self.ended.emit(self.message_id)
