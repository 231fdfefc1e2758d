"""Answers other computers' probes, within limits: a probe costs its receiver no more than its sender."""

import asyncio
import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from engine.errors import PeerUnreachable, ProtocolViolation
from engine.exchange.rate import Bucket
from engine.wire import frames
from engine.wire.probes import (
    Bulk,
    Echo,
    Ping,
    Pong,
    ProbeQuestion,
    ProbeRefusal,
    ProbeRefusalCode,
    receive_question,
)
from engine.wire.records import Coordinates

log = logging.getLogger("potluck.network")


class Stream(frames.ByteStream, Protocol):
    peer: str


@dataclass(frozen=True)
class ProbeLimits:
    streams: int = 64
    streams_of_a_peer: int = 2
    seconds: float = 15.0  # that a stream may take in all
    refusing_seconds: float = 2.0  # that one may take for which there is no room
    pings_per_s: float = 20.0  # of a peer
    bulk_bytes_per_s: float = 1 << 16  # of a peer: one large echo in a few seconds
    all_bulk_bytes_per_s: float = 1 << 22
    peers: int = 1024  # whose allowances are known


class _Allowance:
    """What one peer may still ask for."""

    def __init__(self, limits: ProbeLimits, now: float) -> None:
        self.pings = Bucket(limits.pings_per_s, now)
        self.nbytes = Bucket(limits.bulk_bytes_per_s, now)


class ProbeServer:
    """`coordinates` tells where this computer sees itself now."""

    def __init__(
        self,
        coordinates: Callable[[], Coordinates],
        limits: ProbeLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._coordinates = coordinates
        self._limits = limits or ProbeLimits()
        self._clock = clock
        self._streams: Counter[str] = Counter()
        self._allowances: OrderedDict[str, _Allowance] = OrderedDict()  # least recently seen first
        self._all_bytes = Bucket(self._limits.all_bulk_bytes_per_s, clock())

    async def handle(self, stream: Stream) -> None:
        """Answer one peer until it closes the stream, breaks the protocol, or takes too long."""
        has_room = self._has_room_for(stream.peer)
        seconds = self._limits.seconds if has_room else self._limits.refusing_seconds
        with suppress(PeerUnreachable, TimeoutError):  # the peer has what it wanted, or is gone
            async with asyncio.timeout(seconds):
                code = await (self._converse(stream) if has_room else self._turn_away(stream))
                await frames.send(stream, ProbeRefusal(code=code))

    async def _turn_away(self, stream: Stream) -> ProbeRefusalCode:
        """What came is read before it is refused: a stream closed over unread bytes loses the refusal."""
        with suppress(ProtocolViolation):
            await frames.receive_payload(stream, await receive_question(stream))
        return ProbeRefusalCode.BUSY

    async def _converse(self, stream: Stream) -> ProbeRefusalCode:
        self._streams[stream.peer] += 1
        try:
            while True:
                question = await receive_question(stream)
                payload = await frames.receive_payload(stream, question)
                if not self._is_allowed(question, stream.peer):
                    return ProbeRefusalCode.TOO_MUCH
                await self._answer(stream, question, payload)
        except ProtocolViolation as violation:
            log.info("peer %s: %s", stream.peer, violation)
            return ProbeRefusalCode.BAD_MESSAGE
        finally:
            self._streams -= Counter({stream.peer: 1})  # forgets peers without streams

    def _has_room_for(self, peer: str) -> bool:
        limits = self._limits
        return self._streams.total() < limits.streams and self._streams[peer] < limits.streams_of_a_peer

    def _is_allowed(self, question: ProbeQuestion, peer: str) -> bool:
        now = self._clock()
        allowance = self._allowance(peer, now)
        if isinstance(question, Ping):
            return _take(1, now, allowance.pings)
        return _take(question.nbytes, now, allowance.nbytes, self._all_bytes)

    def _allowance(self, peer: str, now: float) -> _Allowance:
        allowance = self._allowances.pop(peer, None) or _Allowance(self._limits, now)
        self._allowances[peer] = allowance
        if len(self._allowances) > self._limits.peers:
            self._allowances.popitem(last=False)
        return allowance

    async def _answer(self, stream: Stream, question: ProbeQuestion, payload: bytes) -> None:
        if isinstance(question, Bulk):
            await frames.send(stream, Echo(nonce=question.nonce, size=len(payload)), payload)
        else:
            await frames.send(stream, Pong(nonce=question.nonce, coordinates=self._coordinates()))


def _take(amount: int, now: float, *buckets: Bucket) -> bool:
    """Whether none of `buckets` is in debt; then `amount` is taken from each."""
    if any(bucket.seconds_to_wait(now) > 0 for bucket in buckets):
        return False
    for bucket in buckets:
        bucket.take(amount, now)
    return True
