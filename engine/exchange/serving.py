"""Passes the parts in this computer's store on to peers that ask, behind everything else that it does."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol

from engine.beside import beside
from engine.errors import PeerUnreachable, ProtocolViolation, StoreError
from engine.exchange.rate import RateLimit
from engine.weights.content_hash import chunk_count
from engine.weights.manifest import Manifest, Part
from engine.wire import frames
from engine.wire.parts import (
    Answer,
    AskChunk,
    AskHashes,
    AskManifest,
    AskOffer,
    Found,
    PartsRefusal,
    Question,
    Refused,
    receive_question,
    split_names,
)

log = logging.getLogger("potluck.exchange")

SLICE_BYTES = 1 << 18  # sent at a time, so that what the same event loop does for tokens comes in between
KNOWN_SECONDS = 5.0  # for so long the list of the store's models counts as fresh


class PartSource(Protocol):
    """The part of a layer store that is passed on. Raises StoreError."""

    def manifests(self) -> tuple[Manifest, ...]: ...
    def has(self, part: Part) -> bool: ...
    def hashes_of(self, part: Part) -> bytes: ...
    def read_chunk(self, part: Part, index: int) -> bytes: ...


class Stream(frames.ByteStream, Protocol):
    peer: str


@dataclass(frozen=True)
class ServingLimits:
    upload_bytes_per_s: float | None = None  # over all peers; None: no limit
    streams: int = 32
    streams_of_a_peer: int = 4
    reads_at_once: int = 2
    idle_seconds: float = 60.0  # between two questions
    slice_seconds: float = 20.0  # a reader that takes longer for 256 KiB is gone
    wait_seconds: float = 10.0  # of waiting for a turn; where it would be longer, the peer is told instead


class PartServer:
    """Answers questions about the parts of those models whose manifest the store has."""

    def __init__(self, store: PartSource, limits: ServingLimits | None = None) -> None:
        self._limits = limits or ServingLimits()
        self._store = store
        self._models = _KnownModels(store)
        self._rate = RateLimit(self._limits.upload_bytes_per_s)
        self._reads = asyncio.Semaphore(self._limits.reads_at_once)
        self._streams: Counter[str] = Counter()
        self.sent_bytes = 0

    async def handle(self, stream: Stream) -> None:
        """Answer one peer until it closes the stream, breaks the protocol, or says and reads nothing."""
        with suppress(PeerUnreachable, TimeoutError):  # the peer has what it wanted, or is gone
            try:
                await self._converse(stream)
            except ProtocolViolation as violation:
                log.info("peer %s: %s", stream.peer, violation)
                await self._send(stream, Refused(code=PartsRefusal.BAD_MESSAGE))

    @contextmanager
    def _counted(self, peer: str) -> Iterator[None]:
        self._streams[peer] += 1
        try:
            yield
        finally:
            self._streams -= Counter({peer: 1})  # forgets peers without streams

    def _has_room_for(self, peer: str) -> bool:
        limits = self._limits
        return self._streams.total() < limits.streams and self._streams[peer] < limits.streams_of_a_peer

    async def _converse(self, stream: Stream) -> None:
        if not self._has_room_for(stream.peer):
            await self._send(stream, Refused(code=PartsRefusal.BUSY))
            return
        with self._counted(stream.peer):
            while True:
                async with asyncio.timeout(self._limits.idle_seconds):
                    question, names = await receive_question(stream)
                await self._send(stream, *await self._answer(question, names, stream.peer))

    async def _answer(self, question: Question, names: bytes, peer: str) -> tuple[Answer, bytes]:
        if self._rate.backlog_seconds > self._limits.wait_seconds:
            return Refused(code=PartsRefusal.TOO_FAST), b""
        async with self._reads:
            found = await beside(self._look_up, question, names)
        if found is None:
            return Refused(code=PartsRefusal.MISSING), b""
        await self._rate.take(peer, len(found))
        return Found(), found

    def _look_up(self, question: Question, names: bytes) -> bytes | None:
        """What is asked for; None: it is not here."""
        model = self._models.get(question.model)
        if model is None:
            return None
        try:
            return self._read(model, question, names)
        except StoreError as error:
            log.info("a peer asked for what is not here: %s", error)
            return None

    def _read(self, model: "_KnownModel", question: Question, names: bytes) -> bytes | None:
        if isinstance(question, AskManifest):
            return model.manifest.to_json()
        if isinstance(question, AskOffer):
            parts = [model.parts.get(name) for name in split_names(names)]
            return bytes(part is not None and self._store.has(part) for part in parts)
        part = model.parts.get(question.part)
        if part is None:
            return None
        if isinstance(question, AskHashes):
            return self._store.hashes_of(part)
        return self._read_chunk(part, question)

    def _read_chunk(self, part: Part, question: AskChunk) -> bytes | None:
        if question.index >= chunk_count(part.size):
            return None
        return self._store.read_chunk(part, question.index)

    async def _send(self, stream: Stream, answer: Answer, payload: bytes = b"") -> None:
        head, *_ = frames.encode(answer, payload)
        rest = memoryview(payload)
        await self._send_slice(stream, head, rest[:SLICE_BYTES])
        for start in range(SLICE_BYTES, len(rest), SLICE_BYTES):
            await self._send_slice(stream, rest[start : start + SLICE_BYTES])
        self.sent_bytes += len(payload)

    async def _send_slice(self, stream: Stream, *buffers: frames.Payload) -> None:
        async with asyncio.timeout(self._limits.slice_seconds):
            await stream.send(*buffers)


@dataclass(frozen=True)
class _KnownModel:
    manifest: Manifest
    parts: dict[str, Part] = field(default_factory=dict)  # by name


class _KnownModels:
    """The store's models, read anew from time to time: strangers cannot have them read at each question."""

    def __init__(self, store: PartSource) -> None:
        self._store = store
        self._models: dict[str, _KnownModel] = {}
        self._read_at = -KNOWN_SECONDS

    def get(self, digest: str) -> _KnownModel | None:
        if time.monotonic() - self._read_at > KNOWN_SECONDS:
            self._models = {manifest.digest: _known(manifest) for manifest in self._store.manifests()}
            self._read_at = time.monotonic()
        return self._models.get(digest)


def _known(manifest: Manifest) -> _KnownModel:
    return _KnownModel(manifest, {part.digest: part for part in manifest.parts()})
