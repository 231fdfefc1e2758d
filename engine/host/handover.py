"""A session's cache goes from a server that leaves to its successor, so that nothing is computed twice."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from engine.errors import ProtocolViolation
from engine.host.acceptance import Refused
from engine.host.batcher import Batcher
from engine.host.budget import NoRoom
from engine.host.hosted_session import HostedSession
from engine.host.in_flight import InFlight
from engine.host.kv_cache import KeptPart, PooledCache
from engine.host.pushing import NO_STREAM, Dialler, check_answer, open_push
from engine.wire import frames
from engine.wire.messages import NextServer, RefusalCode
from engine.wire.pushes import MAX_PIECE_BYTES, BringCache, CachePiece, CacheTaken, receive_push
from engine.wire.tensors import DTYPES, as_bytes

HAND_OVER_SECONDS = 60.0  # for all of a session's cache: what takes longer is quicker computed again
AT_ONCE = 2  # sessions that go, and as many that come: tokens are to be computed meanwhile
_NAMES = {dtype: name for name, dtype in DTYPES.items()}


class HandOvers:
    """Of the sessions of one server."""

    def __init__(self, batcher: Batcher, in_flight: InFlight, dialler: Dialler) -> None:
        self._batcher = batcher
        self._in_flight = in_flight
        self._dialler = dialler
        self._going = asyncio.Semaphore(AT_ONCE)
        self._coming = asyncio.Semaphore(AT_ONCE)

    async def give(self, session: HostedSession, to: NextServer) -> int:
        """Bring the cache there, and give how many positions it holds. Here nothing changes.

        Raises Refused if it cannot be done.
        """
        try:
            self._batcher.room.bring_back(session)
        except NoRoom:
            raise _staying("There is no room here for what is remembered of this session.") from None
        pool, parts = self._kept(session)
        try:
            async with asyncio.timeout(HAND_OVER_SECONDS), self._going:
                stream = await open_push(self._dialler, to)
                try:
                    return await self._send_all(stream, session, pool, parts)
                finally:
                    stream.close()
        except NO_STREAM as error:
            raise _staying(f"The successor did not take the cache: {error}") from None

    async def take(self, session: HostedSession, bring: BringCache, stream: frames.ByteStream) -> None:
        """Receive a cache into a session that has not begun. If that fails the session is as before.

        Raises Refused, ProtocolViolation, PeerUnreachable or TimeoutError.
        """
        pool, parts = self._kept(session)
        if (bring.start, bring.end) != session.layers or session.cache.length:
            raise _staying("This session is not a fresh one for the same layers.")
        async with asyncio.timeout(HAND_OVER_SECONDS), self._coming:
            try:
                self._batcher.make_room(session, bring.length)
                for piece in pieces(parts, bring.length):
                    await self._receive(stream, session, pool, piece)
            except NoRoom:
                raise Refused(RefusalCode.NO_ROOM, "This server's cache is full.") from None
            except BaseException:
                self._batcher.release(session)
                raise
            session.cache.length = bring.length

    def _kept(self, session: HostedSession) -> tuple[PooledCache, Sequence[KeptPart]]:
        runner = self._batcher.runner
        if session.evicted or runner.pool is None:
            raise _staying("What is remembered of this session cannot be handed over.")
        parts = runner.pool.parts(runner.span.slots_of(*session.layers))
        if any(part.dtype not in _NAMES for part in parts):
            raise _staying("What is remembered of this session is kept in a precision that does not travel.")
        return runner.pool, parts

    async def _send_all(
        self,
        stream: frames.ByteStream,
        session: HostedSession,
        pool: PooledCache,
        parts: Sequence[KeptPart],
    ) -> int:
        (start, end), length = session.layers, session.cache.length
        await frames.send(stream, BringCache(start=start, end=end, length=length))
        for piece in pieces(parts, length):
            read = partial(pool.read, session.cache, piece.of, piece.start, piece.end)
            states = await self._batcher.on_device(session, read)
            if session.cache.is_broken:
                raise _staying("What is remembered of this session could not be brought back.")
            await frames.send(stream, piece.announced, as_bytes(states))
        answer = await receive_push(stream, max_payload=0)
        check_answer(answer, CacheTaken)
        return length

    async def _receive(
        self, stream: frames.ByteStream, session: HostedSession, pool: PooledCache, piece: "Piece"
    ) -> None:
        """Into blocks that nobody reads yet."""
        announced = await receive_push(stream, MAX_PIECE_BYTES)
        if announced != piece.announced:
            raise _staying("This cache is not like those of this server.")
        async with self._in_flight.hold(session.peer, announced.nbytes):
            states = from_bytes(await frames.receive_payload(stream, announced), piece)
            await self._batcher.on_device(
                session, partial(pool.write, session.cache, piece.of, piece.start, states)
            )


def _staying(text: str) -> Refused:
    return Refused(RefusalCode.NOT_HANDED_OVER, text)


@dataclass(frozen=True)
class Piece:
    """Positions [start, end) of one part of a session's cache."""

    of: KeptPart
    start: int
    end: int

    @property
    def announced(self) -> CachePiece:
        return CachePiece(
            layer=self.of.layer,
            part=self.of.part,
            position=self.start,
            dtype=_NAMES[self.of.dtype],
            tokens=self.end - self.start,
            heads=self.of.heads,
            width=self.of.width,
        )


def pieces(parts: Sequence[KeptPart], length: int) -> Iterator[Piece]:
    """The same on both sides: as large as they may be."""
    for part in parts:
        tokens = max(1, MAX_PIECE_BYTES // part.bytes_per_token)
        for start in range(0, length, tokens):
            yield Piece(part, start, min(start + tokens, length))


def from_bytes(payload: bytes, piece: Piece) -> Tensor:
    """`[tokens, heads, width]`. Raises ProtocolViolation if a number is not finite."""
    flat = torch.frombuffer(bytearray(payload), dtype=piece.of.dtype)
    states = flat.view(piece.end - piece.start, piece.of.heads, piece.of.width)
    if not torch.isfinite(states).all():
        raise ProtocolViolation("A cache holds numbers that are not finite.")
    return states
