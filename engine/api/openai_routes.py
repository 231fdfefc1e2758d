"""`/v1`: OpenAI's words around Potluck's replies."""

import time
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.answer_stream import ended_early, streamed
from engine.api.answers import MAX_CHAT_BODY, EventStreamAnswer, json_answer, read_body, unless_left
from engine.api.completion_schema import ReplyRequest
from engine.api.embedding_schema import Embedding, EmbeddingList, EmbeddingRequest, EmbeddingUsage
from engine.api.openai_schema import (
    AssistantMessage,
    ChatChunk,
    ChatCompletion,
    ChatRequest,
    Choice,
    ChunkChoice,
    Delta,
    ModelCard,
    ModelList,
    Usage,
)
from engine.api.schema import ModelInfo
from engine.api.sse import json_event
from engine.errors import UnknownModel
from engine.generate.events import Embeddings, Finished, ReplyEvent, TextPiece
from engine.precision import Precision

ReplyStream = AsyncGenerator[ReplyEvent, None]  # `aclose` stops it at once


class Replies(Protocol):
    """What makes the answers. Raises PotluckError."""

    def reply(self, request: ReplyRequest) -> ReplyStream: ...

    async def embed(self, model: str, texts: Sequence[str], floor: Precision | None = None) -> Embeddings: ...

    async def models(self) -> tuple[ModelInfo, ...]: ...


class OpenAIRoutes:
    def __init__(self, replies: Replies) -> None:
        self._replies = replies

    def routes(self) -> list[Route]:
        return [
            Route("/v1/models", self.models, methods=["GET"]),
            Route("/v1/models/{model:path}", self.model, methods=["GET"]),
            Route("/v1/chat/completions", self.chat, methods=["POST"]),
            Route("/v1/embeddings", self.embeddings, methods=["POST"]),
        ]

    async def models(self, _: Request) -> Response:
        cards = tuple(_card(info) for info in await self._replies.models())
        return json_answer(ModelList(data=cards))

    async def model(self, request: Request) -> Response:
        wanted, known = request.path_params["model"], await self._replies.models()
        for info in known:
            if info.name == wanted:
                return json_answer(_card(info))
        raise UnknownModel(wanted, [info.name for info in known])

    async def chat(self, request: Request) -> Response:
        order = await read_body(request, ChatRequest, MAX_CHAT_BODY)
        events = self._replies.reply(order)
        if order.stream:
            return EventStreamAnswer(streamed(events, ChunkWriter(order)))
        return json_answer(await unless_left(request.receive, _whole(order, events)))

    async def embeddings(self, request: Request) -> Response:
        order = await read_body(request, EmbeddingRequest)
        making = self._replies.embed(order.model, order.input, order.floor)
        made = await unless_left(request.receive, making)
        return json_answer(_embedding_list(order, made))


def _card(info: ModelInfo) -> ModelCard:
    return ModelCard(id=info.name, potluck=info)


def _embedding_list(order: EmbeddingRequest, made: Embeddings) -> EmbeddingList:
    vectors = enumerate(made.vectors)
    return EmbeddingList(
        data=tuple(Embedding.of(index, vector, order.encoding_format) for index, vector in vectors),
        model=order.model,
        usage=EmbeddingUsage(prompt_tokens=made.prompt_tokens, total_tokens=made.prompt_tokens),
    )


async def _whole(order: ChatRequest, events: ReplyStream) -> ChatCompletion:
    texts: list[str] = []
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Finished):
                return _completion(order, "".join(texts), event)
            texts.append(event.text)
    raise ended_early()


def _completion(order: ChatRequest, text: str, end: Finished) -> ChatCompletion:
    choice = Choice(message=AssistantMessage(content=text), finish_reason=end.reason)
    return ChatCompletion(
        id=_new_id(),
        created=int(time.time()),
        model=order.model,
        choices=(choice,),
        usage=usage_of(end),
        potluck=end.report,
    )


class ChunkWriter:
    """The chunks of one streamed answer."""

    def __init__(self, order: ChatRequest) -> None:
        self._model = order.model
        self._wants_usage = order.wants_usage
        self._id = _new_id()
        self._created = int(time.time())
        self.finished = False

    def opening(self) -> tuple[bytes, ...]:
        return (self._encode(self._chunk(Delta(role="assistant", content=""))),)

    def lines(self, event: ReplyEvent) -> tuple[bytes, ...]:
        if isinstance(event, TextPiece):
            chunk = self._chunk(Delta(content=event.text))
            told = {"potluck_status": event.status, "potluck": event.report}
            return (self._encode(chunk.model_copy(update=told)),)
        self.finished = True
        return self._finish(event)

    def _finish(self, end: Finished) -> tuple[bytes, ...]:
        choice = ChunkChoice(delta=Delta(), finish_reason=end.reason)
        last = self._encode(self._chunk(choice).model_copy(update={"potluck": end.report}))
        if not self._wants_usage:
            return (last,)
        usage = ChatChunk(
            id=self._id, created=self._created, model=self._model, choices=(), usage=usage_of(end)
        )
        return (last, self._encode(usage))

    def _chunk(self, content: Delta | ChunkChoice) -> ChatChunk:
        choice = ChunkChoice(delta=content) if isinstance(content, Delta) else content
        return ChatChunk(id=self._id, created=self._created, model=self._model, choices=(choice,))

    def _encode(self, chunk: ChatChunk) -> bytes:
        value = chunk.model_dump(mode="json", exclude_none=True)
        for choice in value["choices"]:
            choice.setdefault("finish_reason", None)  # OpenAI always sends it
        return json_event(value)


def usage_of(end: Finished) -> Usage:
    return Usage(
        prompt_tokens=end.prompt_tokens,
        completion_tokens=end.completion_tokens,
        total_tokens=end.prompt_tokens + end.completion_tokens,
    )


def _new_id() -> str:
    return f"chatcmpl-{uuid.uuid4().hex}"
