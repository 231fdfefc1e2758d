"""Replies with any model of the swarm: what a chat needs here is fetched when it is first asked for."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Protocol

from engine.api.completion_schema import ReplyRequest
from engine.api.openai_routes import Replies
from engine.api.schema import ModelInfo
from engine.errors import PartMissing, WrongHash
from engine.generate.events import Embeddings, ReplyEvent
from engine.layer_ranges import depth_of
from engine.precision import Precision
from engine.route.plan import covered
from engine.supply.supply import Models, Supply
from engine.weights.manifest import Manifest
from engine.wire.records import SpanRecord

_DAMAGED = (WrongHash, PartMissing)


class ClosableReplies(Replies, Protocol):
    def close(self) -> None:
        """Let go of the sessions that are held for a chat's next turn."""


class SuppliedReplies:
    """Another's replies, after this computer has got the shell of the model that is asked for."""

    def __init__(self, replies: ClosableReplies, supply: Supply, directory: Models) -> None:
        self._replies = replies
        self._supply = supply
        self._directory = directory

    async def models(self) -> tuple[ModelInfo, ...]:
        """The models of this computer, then those that others serve."""
        own = await self._replies.models()
        known = {info.digest for info in own}
        records = [record for record in await self._directory.models() if record.model not in known]
        here = (info.model_copy(update={"local": self._supply.has_shell(info.digest)}) for info in own)
        return (*here, *_foreign(records))

    async def reply(self, request: ReplyRequest) -> AsyncGenerator[ReplyEvent, None]:
        begun = False
        try:
            async with aclosing(self._reply(request)) as events:
                async for event in events:
                    begun = True
                    yield event
        except _DAMAGED:  # and gone from the store by now
            if begun:
                raise
            async with aclosing(self._reply(request)) as events:
                async for event in events:
                    yield event

    async def _reply(self, request: ReplyRequest) -> AsyncGenerator[ReplyEvent, None]:
        manifest = await self._ready(request.model)
        exact = request.model_copy(update={"model": manifest.digest})
        async with aclosing(self._replies.reply(exact)) as events:
            async for event in events:
                yield event

    async def embed(self, model: str, texts: Sequence[str], floor: Precision | None = None) -> Embeddings:
        try:
            return await self._replies.embed((await self._ready(model)).digest, texts, floor)
        except _DAMAGED:
            return await self._replies.embed((await self._ready(model)).digest, texts, floor)

    def close(self) -> None:
        self._replies.close()

    async def _ready(self, model: str) -> Manifest:
        manifest = await self._supply.find(model)
        await self._supply.shell(manifest)
        return manifest


def _foreign(records: Sequence[SpanRecord]) -> tuple[ModelInfo, ...]:
    by_model: dict[str, list[SpanRecord]] = {}
    for record in records:
        by_model.setdefault(record.model, []).append(record)
    return tuple(_info(of_one) for of_one in by_model.values())


def _info(records: Sequence[SpanRecord]) -> ModelInfo:
    usable = [record for record in records if record.usable and record.n_layers == records[0].n_layers]
    return ModelInfo(
        name=records[0].model_name,
        digest=records[0].model,
        n_layers=records[0].n_layers,
        context=0,
        local=False,
        covered=covered(usable),
        servers=len(usable),
        depth=depth_of([(record.start, record.end) for record in usable], records[0].n_layers),
    )
