"""Lets clients open sessions, and servers bring steps to them: admission, and leaving."""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator

from engine.errors import PeerUnreachable, ProtocolViolation
from engine.host.acceptance import Acceptance, Refused
from engine.host.arrivals import Arrivals
from engine.host.batcher import Batcher
from engine.host.handover import HandOvers
from engine.host.in_flight import InFlight
from engine.host.limits import Conduct, HostLimits
from engine.host.pushing import Dialler
from engine.host.schedule import Layers
from engine.host.served_session import Facilities, ServedSession, Stream
from engine.host.signal import Signal
from engine.wire import frames
from engine.wire.messages import OpenSession, Refusal, RefusalCode
from engine.wire.pushes import OpenPush, PushOpened, receive_push
from engine.wire.records import PROTOCOL_VERSION

LOOK_SECONDS = 0.5
OPENING_SECONDS = 10.0  # from the stream to its open message
NO_SESSION = "No session here has this ticket."

log = logging.getLogger("potluck.host")


class SpanServer:
    """Serves layers [start, end) of one model to whoever opens a session."""

    def __init__(
        self,
        batcher: Batcher,
        model: str,
        layers: Layers,
        hidden_size: int,
        context: int,
        dialler: Dialler,
        limits: HostLimits | None = None,
    ) -> None:
        self._limits = limits or HostLimits()
        self._conduct = Conduct(self._limits, time.monotonic)
        self._batcher = batcher
        self._model = model
        self._layers = layers
        acceptance, in_flight = Acceptance(batcher.runner, hidden_size, context), InFlight()
        self._facilities = Facilities(
            batcher,
            acceptance,
            Arrivals(acceptance, in_flight),
            dialler,
            HandOvers(batcher, in_flight, dialler),
            self._limits,
            self._conduct.note_bad_message,
        )
        self._sessions: dict[str, ServedSession] = {}  # by ticket
        self._unopened: Counter[str] = Counter()
        self._changed = Signal()
        self.draining = False

    def drain(self) -> None:
        """Take no new sessions, and tell the clients of all others to go elsewhere."""
        self.draining = True
        for session in self._sessions.values():
            session.say_leaving()

    async def sessions_changed(self) -> None:
        """Returns when the next session opens or ends."""
        await self._changed.wait()

    async def unused(self) -> None:
        """Returns when no session is in use. Those that are kept for a next turn are nobody to wait for."""
        while self._batcher.unfinished_sessions:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self.sessions_changed()

    # --- sessions

    async def handle(self, stream: Stream) -> None:
        """Talk to one client until it closes the stream or breaks the protocol."""
        async with self._refusing(stream):
            with self._opening(stream.peer):
                async with asyncio.timeout(OPENING_SECONDS):
                    opening, _ = await frames.receive(stream, max_payload=0)
            session = self._admit(opening, stream.peer)
            try:
                await session.serve(stream)
            finally:
                self._dismiss(session)

    def _admit(self, opening: object, peer: str) -> ServedSession:
        if not isinstance(opening, OpenSession):
            raise ProtocolViolation("A session starts with an open message.")
        if opening.version != PROTOCOL_VERSION:
            raise Refused(RefusalCode.BAD_MESSAGE, f"This server speaks protocol {PROTOCOL_VERSION}.")
        if self.draining:
            raise Refused(RefusalCode.DRAINING, "This server is leaving and takes no new sessions.")
        if opening.model != self._model:
            raise Refused(RefusalCode.WRONG_MODEL, "This server serves another model.")
        start, end = self._layers
        if not start <= opening.start < opening.end <= end:
            raise Refused(RefusalCode.SPAN_NOT_SERVED, f"This server serves layers {start}:{end}.")
        theirs = sum(session.hosted.peer == peer for session in self._sessions.values())
        if len(self._sessions) >= self._limits.sessions or theirs >= self._limits.sessions_of_a_peer:
            raise Refused(RefusalCode.NO_ROOM, "This server has as many sessions open as it can.")
        session = self._new_session(opening, peer)
        self._sessions[session.ticket] = session
        self._changed.send()
        return session

    def _new_session(self, opening: OpenSession, peer: str) -> ServedSession:
        layers = opening.start, opening.end
        if opening.fork is None:
            return ServedSession(self._batcher.open(layers, peer), self._facilities, opening.outputs)
        parent = self._sessions.get(opening.fork.ticket)
        if parent is None or parent.hosted.peer != peer:  # who has seen another's ticket learns nothing by it
            raise Refused(RefusalCode.UNKNOWN_TICKET, NO_SESSION)
        hosted = parent.fork(layers, opening.fork.position)
        return ServedSession(hosted, self._facilities, opening.outputs, forked_after=parent.last_number)

    def _dismiss(self, session: ServedSession) -> None:
        del self._sessions[session.ticket]
        self._batcher.close(session.hosted)
        self._changed.send()

    # --- what other servers bring to them

    async def handle_push(self, stream: Stream) -> None:
        """Take in what another server brings, until one of the two sides ends it."""
        # A client can have an honest server bring nonsense: its session may be of another model.
        async with self._refusing(stream, counts=False):
            with self._opening(stream.peer):
                async with asyncio.timeout(OPENING_SECONDS):
                    session = self._session_for(await receive_push(stream, max_payload=0))
                    await frames.send(stream, PushOpened())
            await session.serve_push(stream)

    def _session_for(self, opening: object) -> ServedSession:
        if not isinstance(opening, OpenPush):
            raise ProtocolViolation("A push stream starts with an open message.")
        session = self._sessions.get(opening.ticket)
        if session is None:
            raise Refused(RefusalCode.UNKNOWN_TICKET, NO_SESSION)
        if self.draining and not session.hosted.cache.length:
            raise Refused(RefusalCode.DRAINING, "This server is leaving and takes no new sessions.")
        return session

    @contextlib.contextmanager
    def _opening(self, peer: str) -> Iterator[None]:
        limits = self._limits
        if not self._conduct.may_open(peer):
            raise Refused(RefusalCode.NO_ROOM, "Too much came from this peer: it may come back in a minute.")
        if self._unopened.total() >= limits.unopened or self._unopened[peer] >= limits.unopened_of_a_peer:
            raise Refused(RefusalCode.NO_ROOM, "Too many streams here wait for their open message.")
        self._unopened[peer] += 1
        try:
            yield
        finally:
            self._unopened -= Counter({peer: 1})  # forgets peers that have none

    @contextlib.asynccontextmanager
    async def _refusing(self, stream: Stream, counts: bool = True) -> AsyncIterator[None]:
        """Tells a peer why its stream ends. One that is gone or silent is told nothing.

        `counts`: nonsense is this peer's own.
        """
        try:
            yield
            return
        except (PeerUnreachable, TimeoutError):
            return
        except Refused as refused:
            refusal = refused.refusal
        except ProtocolViolation as violation:
            log.info("peer %s: %s", stream.peer, violation)
            if counts:
                self._conduct.note_bad_message(stream.peer)
            refusal = Refusal(code=RefusalCode.BAD_MESSAGE, text=str(violation)[:500])
        with contextlib.suppress(PeerUnreachable, TimeoutError):
            async with asyncio.timeout(OPENING_SECONDS):
                await frames.send(stream, refusal)
