"""What other computers see of this one: asked of peers, and told to those that ask."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from engine.errors import PeerUnreachable, ProtocolViolation, SwarmError
from engine.membership.addresses import IpAddress, ip_of, is_relayed
from engine.settings import is_loopback
from engine.wire import frames
from engine.wire.reach import (
    MAX_SEEN_ADDRESS,
    REACH_PROTOCOL,
    AskReach,
    DialBack,
    Seen,
    receive_ask,
    receive_seen,
)

logger = logging.getLogger("potluck.network")

ANSWER_SECONDS = 8.0
DIAL_BACK_SECONDS = 3.0
RATE_SECONDS = 60.0
DIALS_OF_A_HOST = 8  # in RATE_SECONDS
DIALS = 60  # in RATE_SECONDS, for all


class Stream(frames.ByteStream, Protocol):
    peer: str
    address: str  # of its other end, a multiaddr

    def close(self) -> None: ...


class Dialler(Protocol):
    async def open(self, peer: str, protocol: str, addresses: Sequence[str] = ()) -> Stream: ...


@dataclass(frozen=True)
class View:
    """What one peer sees of this computer. Times in seconds."""

    peer: str
    address: str
    dial_back: DialBack
    clock_ahead: float  # the peer's, of this computer's
    uncertainty: float  # of `clock_ahead`: half of the round trip


async def ask(dialler: Dialler, peer: str, port: int | None = None, addresses: Sequence[str] = ()) -> View:
    """Raises SwarmError: the peer cannot be reached, or answers nonsense."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await _ask(await dialler.open(peer, REACH_PROTOCOL, addresses), port)
    except TimeoutError:
        raise PeerUnreachable(f"{peer} does not answer: try another peer.") from None


async def _ask(stream: Stream, port: int | None) -> View:
    try:
        asked_at = time.time()
        await frames.send(stream, AskReach(port=port))
        seen = await receive_seen(stream)
    finally:
        stream.close()
    waited = time.time() - asked_at
    ahead = seen.clock - (asked_at + waited / 2)
    return View(stream.peer, seen.address, seen.dial_back, ahead, abs(waited) / 2)


async def ask_all(dialler: Dialler, peers: Sequence[str], port: int | None) -> tuple[View, ...]:
    """The views of those peers that answer."""
    answers = await asyncio.gather(*(ask(dialler, peer, port) for peer in peers), return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, SwarmError):
            raise answer
    return tuple(answer for answer in answers if isinstance(answer, View))


Connect = Callable[[str, int], Awaitable[None]]  # raises OSError


async def connect_briefly(host: str, port: int) -> None:
    """Open a TCP connection and close it, without a word. Raises OSError."""
    async with asyncio.timeout(DIAL_BACK_SECONDS):  # TimeoutError is an OSError
        _, writer = await asyncio.open_connection(host, port)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


class ReachServer:
    """Tells each peer what it looks like from here.

    `may_dial` says which hosts may be dialled back: a stranger who talks to this computer by way of another
    must not learn which doors are open there.
    """

    def __init__(
        self,
        may_dial: Callable[[IpAddress], bool],
        connect: Connect = connect_briefly,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._may_dial = may_dial
        self._connect = connect
        self._rate = DialRate(clock)

    async def handle(self, stream: Stream) -> None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                question = await receive_ask(stream)
                outcome = await self._dial_back(stream.address, question.port)
                seen = Seen(address=_told(stream.address), dial_back=outcome, clock=time.time())
                await frames.send(stream, seen)
        except (ProtocolViolation, PeerUnreachable, TimeoutError) as error:
            logger.debug("peer %s asked how it is seen: %s", stream.peer, error)

    async def _dial_back(self, address: str, port: int | None) -> DialBack:
        host = host_of(address)
        if port is None:
            return DialBack.NOT_ASKED
        if host is None or not self._may_dial(host):
            return DialBack.NOT_TRIED
        if not self._rate.allows(host):
            return DialBack.TOO_OFTEN
        try:
            await self._connect(str(host), port)
        except OSError:
            return DialBack.NOT_REACHED
        return DialBack.REACHED


def _told(address: str) -> str:
    """A way by many relays can be longer than what is told."""
    return address if len(address) <= MAX_SEEN_ADDRESS else ""


class DialRate:
    """So many connections back in a while: to one host, and in all."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._dials: deque[tuple[float, IpAddress]] = deque()

    def allows(self, host: IpAddress) -> bool:
        """Counts the dial, if so."""
        now = self._clock()
        while self._dials and now - self._dials[0][0] > RATE_SECONDS:
            self._dials.popleft()
        to_host = sum(dialled == host for _, dialled in self._dials)
        if to_host >= DIALS_OF_A_HOST or len(self._dials) >= DIALS:
            return False
        self._dials.append((now, host))
        return True


def host_of(address: str) -> IpAddress | None:
    """The IP address that a multiaddr begins with; None for names and for relayed connections."""
    return None if is_relayed(address) else ip_of(address)


def dialled_back_by(listen: Sequence[str]) -> Callable[[IpAddress], bool]:
    """Which hosts a node that listens there dials back: itself only where nobody else reaches it."""
    private = bool(listen) and all(map(is_loopback, listen))

    def may(host: IpAddress) -> bool:
        if host.is_loopback:
            return private
        return not (host.is_unspecified or host.is_multicast or host.is_link_local or host.is_reserved)

    return may
