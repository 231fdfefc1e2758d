"""Questions to one peer about the parts of one model. Answers come in the order of the questions."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from engine.api.sentences import said
from engine.errors import PeerRefused, PeerUnreachable, ProtocolViolation
from engine.weights.manifest import MAX_JSON_BYTES
from engine.wire import frames
from engine.wire.parts import (
    MAX_NAMES,
    PARTS_PROTOCOL,
    AskChunk,
    AskHashes,
    AskManifest,
    AskOffer,
    Question,
    Refused,
    receive_answer,
)
from engine.wire.records import SpanRecord


class Stream(frames.ByteStream, Protocol):
    def close(self) -> None: ...


class Dialler(Protocol):
    """The part of a swarm node that asking needs."""

    async def open(self, peer: str, protocol: str, addresses: Sequence[str] = ...) -> Stream: ...


class AskedPeer:
    """An open stream. Everything raises PeerRefused, PeerUnreachable (silence, too) or ProtocolViolation."""

    def __init__(self, stream: Stream, model: str, answer_seconds: float) -> None:
        self._stream = stream
        self._model = model
        self._answer_seconds = answer_seconds

    @classmethod
    @asynccontextmanager
    async def dial(
        cls, dialler: Dialler, server: SpanRecord, model: str, answer_seconds: float
    ) -> AsyncIterator["AskedPeer"]:
        """Open for as long as the context lasts."""
        stream = await dialler.open(server.peer, PARTS_PROTOCOL, server.addresses)
        try:
            yield cls(stream, model, answer_seconds)
        finally:
            stream.close()

    async def manifest(self) -> bytes:
        await self._ask(AskManifest(model=self._model))
        return await self._answer(MAX_JSON_BYTES)

    async def which(self, names: Sequence[str]) -> frozenset[int]:
        """The places in `names` of the parts that the peer has."""
        here: set[int] = set()
        for start in range(0, len(names), MAX_NAMES):
            here.update(start + place for place in await self._which(names[start : start + MAX_NAMES]))
        return frozenset(here)

    async def _which(self, names: Sequence[str]) -> list[int]:
        await self._ask(AskOffer(model=self._model), bytes.fromhex("".join(names)))
        marks = await self.answer(len(names))
        if not set(marks) <= {0, 1}:
            raise ProtocolViolation("An offer holds something else than yes and no.")
        return [place for place, mark in enumerate(marks) if mark]

    async def ask_hashes(self, part: str) -> None:
        await self._ask(AskHashes(model=self._model, part=part))

    async def ask_chunk(self, part: str, index: int) -> None:
        await self._ask(AskChunk(model=self._model, part=part, index=index))

    async def answer(self, size: int) -> bytes:
        """What was asked for: exactly `size` bytes."""
        found = await self._answer(size)
        if len(found) != size:
            raise ProtocolViolation(f"An answer holds {len(found)} bytes instead of {size}.")
        return found

    async def _ask(self, question: Question, payload: bytes = b"") -> None:
        try:
            async with asyncio.timeout(self._answer_seconds):
                await frames.send(self._stream, question, payload)
        except TimeoutError:
            raise _silent() from None

    async def _answer(self, max_size: int) -> bytes:
        try:
            async with asyncio.timeout(self._answer_seconds):
                answer, payload = await receive_answer(self._stream, max_size)
        except TimeoutError:
            raise _silent() from None
        if isinstance(answer, Refused):
            raise PeerRefused(said("Another computer does not pass on parts now."), answer.code)
        return payload


def _silent() -> PeerUnreachable:
    return PeerUnreachable(said("Another computer did not answer in time."))
