"""One stream is one session: admission, then steps until the client closes it."""

import asyncio
import contextlib
import logging
from secrets import token_hex
from typing import Protocol

from engine.errors import PeerUnreachable, ProtocolViolation
from engine.host.batcher import Batcher, HostedSession
from engine.host.budget import NoRoom
from engine.host.in_flight import InFlight
from engine.host.runner import SpanRunner
from engine.host.schedule import Layers
from engine.model.extras import StepExtras
from engine.wire import frames
from engine.wire.messages import (
    MAX_MASK_BYTES,
    MAX_MASKED_TOKENS,
    MAX_SESSION_TOKENS,
    MAX_STEP_TOKENS,
    OpenSession,
    Refusal,
    RefusalCode,
    SessionOpened,
    Step,
    StepOutput,
    text_limit,
)
from engine.wire.records import PROTOCOL_VERSION
from engine.wire.tensors import pack, payload_digest, unpack, unpack_extras

LOOK_SECONDS = 0.5
OPENING_SECONDS = 10.0  # from the stream to its open message
IDLE_SECONDS = 30 * 60.0  # between two steps
PAYLOAD_SECONDS = 20.0  # in which the rest of a step has to arrive, beside what the slowest link needs
SLOWEST_BYTES_PER_S = 64_000
MAX_SESSIONS = 512
MAX_SESSIONS_OF_A_PEER = 64

log = logging.getLogger("potluck.host")


class Stream(frames.ByteStream, Protocol):
    peer: str


class Refused(Exception):
    """Ends a session with a reason that the client is told."""

    def __init__(self, code: RefusalCode, text: str) -> None:
        super().__init__(text)
        self.refusal = Refusal(code=code, text=text[:500])


class SpanServer:
    """Serves layers [start, end) of one model to whoever opens a session."""

    def __init__(self, batcher: Batcher, model: str, layers: Layers, hidden_size: int, context: int) -> None:
        self._batcher = batcher
        self._model = model
        self._layers = layers
        self._hidden_size = hidden_size
        self._context = context
        self._in_flight = InFlight()
        self._runner = batcher.runner
        self._max_tokens = _most_tokens(batcher.runner, hidden_size, context)
        self._changed = asyncio.Condition()
        self.draining = False

    async def sessions_changed(self) -> None:
        """Returns when the next session opens or ends."""
        async with self._changed:
            await self._changed.wait()

    async def unused(self) -> None:
        """Returns when no session is in use. Those that are kept for a next turn are nobody to wait for."""
        while self._batcher.unfinished_sessions:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self.sessions_changed()

    async def handle(self, stream: Stream) -> None:
        """Talk to one client until it closes the stream or breaks the protocol."""
        try:
            await self._converse(stream)
        except Refused as refused:
            await frames.send(stream, refused.refusal)
        except ProtocolViolation as violation:
            log.info("peer %s: %s", stream.peer, violation)
            await frames.send(stream, Refusal(code=RefusalCode.BAD_MESSAGE, text=str(violation)[:500]))

    async def _converse(self, stream: Stream) -> None:
        try:
            async with asyncio.timeout(OPENING_SECONDS):
                opening, _ = await frames.receive(stream, max_payload=0)
        except TimeoutError:
            return
        session = self._admit(opening, stream.peer)
        await self._notify()
        try:
            await frames.send(stream, SessionOpened(max_tokens=self._max_tokens, ticket=token_hex(16)))
            while True:
                await self._serve_step(stream, session)
        except (PeerUnreachable, TimeoutError):
            pass  # the client has closed its session, or forgotten it
        finally:
            self._batcher.close(session)
            await self._notify()

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _admit(self, opening: object, peer: str) -> HostedSession:
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
        sessions = self._batcher.sessions.values()
        theirs = sum(session.peer == peer for session in sessions)
        if len(sessions) >= MAX_SESSIONS or theirs >= MAX_SESSIONS_OF_A_PEER:
            raise Refused(RefusalCode.NO_ROOM, "This server has as many sessions open as it can.")
        return self._batcher.open((opening.start, opening.end), peer)

    async def _serve_step(self, stream: Stream, session: HostedSession) -> None:
        async with asyncio.timeout(IDLE_SECONDS):
            step = await frames.receive_header(stream)
            if not isinstance(step, Step):
                raise ProtocolViolation("An open session takes steps only.")
            self._check(step, session)
        async with self._in_flight.hold(session.peer, step.nbytes):
            output, body = await self._answer(stream, session, step)
        await frames.send(stream, output, body)

    async def _answer(
        self, stream: Stream, session: HostedSession, step: Step
    ) -> tuple[StepOutput, frames.Payload]:
        async with asyncio.timeout(PAYLOAD_SECONDS + step.nbytes / SLOWEST_BYTES_PER_S):
            payload = await frames.receive_payload(stream, step)
        hidden, extras = unpack(step.tensor, payload), self._extras(step, payload)
        try:
            result = await self._batcher.step(session, hidden, step.position, extras)
        except NoRoom:
            raise Refused(RefusalCode.NO_ROOM, "This server's cache is full.") from None
        except Exception as error:  # of a model's own code: any kind
            log.exception("a forward failed")
            raise Refused(RefusalCode.FAILED, f"The forward failed: {error}") from error
        meta, body = pack(result.hidden, step.tensor.dtype)
        output = StepOutput(
            number=step.number,
            position=step.position,
            tensor=meta,
            compute_seconds=result.compute_seconds,
            saw=payload_digest(payload[: step.tensor.nbytes]),
        )
        return output, body

    def _check(self, step: Step, session: HostedSession) -> None:
        if step.tensor.hidden != self._hidden_size:
            raise ProtocolViolation(
                f"This model's hidden states are {self._hidden_size} wide, not {step.tensor.hidden}."
            )
        self._check_size(step)
        if session.evicted and step.position:
            raise Refused(RefusalCode.EVICTED, "This session was idle, and others needed its room.")
        if 0 < step.position < session.cache.length and not self._runner.goes_back:
            raise Refused(RefusalCode.EVICTED, "What this model remembers cannot be cut: open a new session.")
        if step.position > session.cache.length:
            raise Refused(
                RefusalCode.BAD_POSITION,
                f"Position {step.position} does not follow the {session.cache.length} positions held here.",
            )
        if step.position + step.tensor.tokens > self._max_tokens:
            raise Refused(RefusalCode.NO_ROOM, f"A session here holds at most {self._max_tokens} positions.")

    def _check_size(self, step: Step) -> None:
        """What is too large, or of no use to the model, is not even read."""
        if step.tensor.tokens > self._step_tokens(step):
            raise ProtocolViolation(f"A step brings at most {self._step_tokens(step)} tokens.")
        if step.extras is not None and not self._runner.takes(step.extras.axes or 1, step.extras.masks):
            raise ProtocolViolation("This model has no use for such positions or masks.")
        if step.extras is not None and step.extras.masks and step.mask_bytes > MAX_MASK_BYTES:
            raise ProtocolViolation(f"A mask has at most {MAX_MASK_BYTES} bytes.")

    def _step_tokens(self, step: Step) -> int:
        if not self._runner.causal:
            return self._max_tokens
        return MAX_MASKED_TOKENS if step.extras and step.extras.masks else MAX_STEP_TOKENS

    def _extras(self, step: Step, payload: bytes) -> StepExtras | None:
        extras = unpack_extras(step, payload)
        if extras is not None and extras.positions is not None:
            lowest, highest = extras.positions.aminmax()
            if lowest < 0 or highest >= self._context:
                raise ProtocolViolation("A step brings positions that the model does not know.")
        return extras


def _most_tokens(runner: SpanRunner, hidden_size: int, context: int) -> int:
    """Positions in one session; for an encoder, tokens in one text."""
    room = min(runner.budget_tokens, MAX_SESSION_TOKENS) if runner.causal else text_limit(hidden_size)
    return min(room, context)
