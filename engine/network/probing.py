"""One probe of one peer: how long the way there and back takes, and how many bytes go over it."""

import asyncio
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.errors import PeerRefused, PeerUnreachable, ProtocolViolation
from engine.wire import frames
from engine.wire.messages import Message
from engine.wire.probes import (
    MAX_BULK_BYTES,
    PROBE_PROTOCOL,
    Bulk,
    Echo,
    Ping,
    Pong,
    ProbeAnswer,
    ProbeRefusal,
    receive_answer,
)
from engine.wire.records import Coordinates

PINGS = 3  # the fastest counts: the others met a busy event loop, or opened the stream
SHORTEST = 1e-6  # seconds


class ClosableStream(frames.ByteStream, Protocol):
    def close(self) -> None: ...


class Dialler(Protocol):
    """The part of `engine.network.node.Node` that a probe needs."""

    async def open(self, peer: str, protocol: str, addresses: Sequence[str] = ()) -> ClosableStream: ...


@dataclass(frozen=True)
class Transfer:
    """`nbytes` went to the peer in `there` seconds and came back in `back`, the way's delay left out."""

    nbytes: int
    there: float
    back: float


@dataclass(frozen=True)
class Probed:
    round_trip: float  # seconds
    coordinates: Coordinates  # where the peer sees itself
    transfer: Transfer | None


async def probe(
    dialler: Dialler, peer: str, addresses: Sequence[str], seconds: float, with_bulk: bool
) -> Probed:
    """Raises PeerUnreachable, also where it takes longer than `seconds`, PeerRefused or ProtocolViolation."""
    try:
        async with asyncio.timeout(seconds):
            stream = await dialler.open(peer, PROBE_PROTOCOL, addresses)
            try:
                return await _converse(stream, with_bulk)
            finally:
                stream.close()
    except TimeoutError as error:
        raise PeerUnreachable(f"{peer} did not answer a probe in time: try another server.") from error


async def _converse(stream: ClosableStream, with_bulk: bool) -> Probed:
    pings = [await _ping(stream) for _ in range(PINGS)]
    round_trip = min(seconds for seconds, _ in pings)
    transfer = await _transfer(stream, round_trip) if with_bulk else None
    return Probed(round_trip, pings[-1][1].coordinates, transfer)


async def _ping(stream: ClosableStream) -> tuple[float, Pong]:
    began = time.monotonic()
    answer = await _ask(stream, question := Ping(nonce=secrets.token_hex(8)))
    if not isinstance(answer, Pong) or answer.nonce != question.nonce:
        raise ProtocolViolation("A peer answers another probe than it was asked.")
    return max(time.monotonic() - began, SHORTEST), answer


async def _transfer(stream: ClosableStream, round_trip: float) -> Transfer:
    payload = secrets.token_bytes(MAX_BULK_BYTES)  # so that no line on the way can press it together
    question = Bulk(nonce=secrets.token_hex(8), size=len(payload))
    began = time.monotonic()
    answer = await _ask(stream, question, payload)
    arrived = time.monotonic()
    if not isinstance(answer, Echo) or answer.nonce != question.nonce or answer.nbytes != len(payload):
        raise ProtocolViolation("A peer answers another probe than it was asked.")
    if await stream.receive(answer.nbytes) != payload:
        raise ProtocolViolation("A peer does not send back what it got.")
    there, back = arrived - began - round_trip, time.monotonic() - arrived
    return Transfer(len(payload), max(there, SHORTEST), max(back, SHORTEST))


async def _ask(stream: ClosableStream, question: Message, payload: bytes = b"") -> ProbeAnswer:
    await frames.send(stream, question, payload)
    answer = await receive_answer(stream)
    if isinstance(answer, ProbeRefusal):
        raise PeerRefused(str(answer.code), "it takes no more probes at the moment")
    return answer
