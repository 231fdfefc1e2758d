"""`/v1/completions`: texts that go on as they begin, one after another."""

import time
import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from functools import reduce

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.answer_stream import ended_early, streamed
from engine.api.answers import MAX_CHAT_BODY, EventStreamAnswer, json_answer, read_body, unless_left
from engine.api.completion_schema import Completion, CompletionChoice, CompletionRequest
from engine.api.openai_routes import Replies, usage_of
from engine.api.openai_schema import Usage
from engine.api.sse import json_event
from engine.generate.events import Finished, ReplyEvent, TextPiece


@dataclass(frozen=True)
class _Part:
    """Of the answer to one of the texts."""

    index: int
    event: ReplyEvent

    @property
    def choice(self) -> CompletionChoice:
        if isinstance(self.event, Finished):
            return CompletionChoice(index=self.index, text="", finish_reason=self.event.reason)
        return CompletionChoice(index=self.index, text=self.event.text)


class CompletionRoutes:
    def __init__(self, replies: Replies) -> None:
        self._replies = replies

    def routes(self) -> list[Route]:
        return [Route("/v1/completions", self.complete, methods=["POST"])]

    async def complete(self, request: Request) -> Response:
        order = await read_body(request, CompletionRequest, MAX_CHAT_BODY)
        parts = _parts(self._replies, order)
        if order.stream:
            return EventStreamAnswer(streamed(parts, _Writer(order)))
        return json_answer(await unless_left(request.receive, _whole(order, parts)))


async def _parts(replies: Replies, order: CompletionRequest) -> AsyncGenerator[_Part, None]:
    for index, prompt in enumerate(order.prompt):
        if order.echo:
            yield _Part(index, TextPiece(prompt, 0))
        end: ReplyEvent | None = None
        async with aclosing(replies.reply(order.alone(prompt))) as events:
            async for end in events:
                yield _Part(index, end)
        if not isinstance(end, Finished):
            raise ended_early()


async def _whole(order: CompletionRequest, parts: AsyncGenerator[_Part, None]) -> Completion:
    choices: dict[int, CompletionChoice] = {}
    ends: list[Finished] = []
    async with aclosing(parts):
        async for part in parts:
            new, before = part.choice, choices.get(part.index)
            text = new.text if before is None else before.text + new.text
            choices[part.index] = new.model_copy(update={"text": text})
            if isinstance(part.event, Finished):
                ends.append(part.event)
    return _Envelope(order).around(*choices.values(), usage=_sum(ends), potluck=ends[-1].report)


class _Envelope:
    """What all pieces of one answer have in common."""

    def __init__(self, order: CompletionRequest) -> None:
        self._bare = Completion(
            id=f"cmpl-{uuid.uuid4().hex}", created=int(time.time()), model=order.model, choices=()
        )

    def around(self, *choices: CompletionChoice, **more: object) -> Completion:
        return self._bare.model_copy(update={"choices": choices, **more})


class _Writer:
    """The pieces of a streamed answer."""

    def __init__(self, order: CompletionRequest) -> None:
        self._order = order
        self._envelope = _Envelope(order)
        self._ends: list[Finished] = []

    def opening(self) -> tuple[bytes, ...]:
        return ()

    def lines(self, part: _Part) -> tuple[bytes, ...]:
        if not isinstance(part.event, Finished):
            return (_encoded(self._envelope.around(part.choice)),)
        self._ends.append(part.event)
        last = _encoded(self._envelope.around(part.choice, potluck=part.event.report))
        if not (self.finished and self._order.wants_usage):
            return (last,)
        return (last, _encoded(self._envelope.around(usage=_sum(self._ends))))

    @property
    def finished(self) -> bool:
        return len(self._ends) == len(self._order.prompt)


def _encoded(piece: Completion) -> bytes:
    return json_event(piece.model_dump(mode="json"))


def _sum(ends: list[Finished]) -> Usage:
    return reduce(
        lambda a, b: Usage(**{name: count + getattr(b, name) for name, count in a.model_dump().items()}),
        map(usage_of, ends),
    )
