"""One server's part of a session: its stream, its answers, and the history that rebuilds it elsewhere."""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Protocol

from torch import Tensor

from engine.errors import PeerRefused, PeerUnreachable, ProtocolViolation
from engine.route.history import Chunk, History
from engine.route.plan import PlannedHop
from engine.wire import frames
from engine.wire.messages import (
    SESSION_PROTOCOL,
    OpenSession,
    Refusal,
    RefusalCode,
    SessionOpened,
    Step,
    StepOutput,
    WireDtype,
)
from engine.wire.tensors import pack, pack_extras, unpack


class Stream(frames.ByteStream, Protocol):
    def close(self) -> None: ...


class Dialler(Protocol):
    """The part of a swarm node that a session needs."""

    async def open(self, peer: str, protocol: str, addresses: Sequence[str] = ...) -> Stream: ...


log = logging.getLogger("potluck.route")


@dataclass(frozen=True)
class HopSettings:
    dtype: WireDtype = "float32"
    open_seconds: float = 5.0  # for a server's answer to an open message
    step_seconds: float = 10.0  # for a step; a server that takes longer counts as hung
    token_seconds: float = 0.1  # as much longer for each token of the step


class HopFailed(Exception):
    """This hop's server is gone, silent, refuses, or answers nonsense. Nobody else is to blame."""

    def __init__(self, hop: "Hop", cause: Exception) -> None:
        super().__init__(f"{hop.peer}: {cause}")
        self.hop = hop
        self.cause = cause


class Hop:
    """An open session with one server for layers [start, end)."""

    def __init__(self, planned: PlannedHop, stream: Stream, settings: HopSettings) -> None:
        self.planned = planned
        self.history = History()
        self._answers: dict[int, tuple[Chunk, Tensor]] = {}  # of this step, by position
        self.start_counting()
        self._failure: Exception | None = None
        self._stream = stream
        self._settings = settings
        self._turn = asyncio.Lock()
        self._numbers = count(1)

    @classmethod
    async def open(cls, dialler: Dialler, model: str, planned: PlannedHop, settings: HopSettings) -> "Hop":
        """Dial the server and open a session. Raises PeerUnreachable, PeerRefused or ProtocolViolation."""
        server = planned.server
        stream = await dialler.open(server.peer, SESSION_PROTOCOL, server.addresses)
        try:
            async with asyncio.timeout(settings.open_seconds):
                await frames.send(stream, OpenSession(model=model, start=planned.start, end=planned.end))
                reply, _ = await frames.receive(stream)
            if isinstance(reply, Refusal):
                raise _refused(reply)
            if not isinstance(reply, SessionOpened):
                raise ProtocolViolation("A server answered an open message with something else.")
        except TimeoutError:
            stream.close()
            raise PeerUnreachable("A server did not answer in time.") from None
        except BaseException:
            stream.close()
            raise
        return cls(planned, stream, settings)

    @property
    def was_evicted(self) -> bool:
        """The server is well; it only gave this idle session's cache away."""
        failure = self._failure
        return isinstance(failure, PeerRefused) and failure.refusal == RefusalCode.EVICTED

    @property
    def peer(self) -> str:
        return self.planned.server.peer

    def start_counting(self) -> None:
        self.steps = 0
        self.seconds = 0.0  # waited for
        self.compute_seconds = 0.0  # of which the server computed

    def start_step(self) -> None:
        """Forget the last step's answers."""
        self._answers.clear()

    async def forward(self, chunk: Chunk) -> Tensor:
        """`[tokens, hidden]` through this server's layers. Raises HopFailed, and only that.

        A chunk that was answered in this step already, before another hop failed, is not sent again: a
        server that cannot go back would have to be rebuilt for it.
        """
        async with self._turn:
            if (answer := self._answer_to(chunk)) is not None:
                return answer
            started = time.monotonic()
            self.history.write(chunk)
            if self._failure is not None:
                raise HopFailed(self, self._failure)
            try:
                async with asyncio.timeout(self._seconds_for(len(chunk))):
                    out = await self._exchange(chunk)
            except TimeoutError:
                self._failure = PeerUnreachable("A server did not answer in time.")
                raise HopFailed(self, self._failure) from None
            except (PeerUnreachable, PeerRefused, ProtocolViolation) as error:
                self._failure = error
                raise HopFailed(self, error) from error
            self._answers[chunk.position] = chunk, out
            self.steps += 1
            self.seconds += time.monotonic() - started
            return out

    async def _exchange(self, chunk: Chunk) -> Tensor:
        meta, payload = pack(chunk.hidden, self._settings.dtype)
        extras, more = pack_extras(chunk.extras) if chunk.extras else (None, b"")
        step = Step(number=next(self._numbers), position=chunk.position, tensor=meta, extras=extras)
        await frames.send(self._stream, step, payload, more)
        reply, body = await frames.receive(self._stream)
        if isinstance(reply, Refusal):
            raise _refused(reply)
        if not isinstance(reply, StepOutput) or reply.position != chunk.position or reply.tensor != meta:
            raise ProtocolViolation("A server answered a step with something else.")
        self.compute_seconds += reply.compute_seconds
        return unpack(reply.tensor, body).to(chunk.hidden.dtype)

    def _answer_to(self, chunk: Chunk) -> Tensor | None:
        before, answer = self._answers.get(chunk.position, (None, None))
        return answer if before is not None and before.hidden is chunk.hidden else None

    def _seconds_for(self, tokens: int) -> float:
        return self._settings.step_seconds + self._settings.token_seconds * tokens

    def close(self) -> None:
        self._stream.close()


# A stranger's own words are for the log alone.
_SENTENCES = {
    RefusalCode.NO_ROOM: "A server's cache is full: try again in a while, or start a shorter conversation.",
    RefusalCode.DRAINING: "A server is leaving and takes no new chats: try again.",
    RefusalCode.FAILED: "A server could not compute this step: try again.",
}


def _refused(reply: Refusal) -> PeerRefused:
    log.info("a server refused (%s): %s", reply.code, reply.text)
    sentence = _SENTENCES.get(reply.code, "A server refused this chat: try again.")
    return PeerRefused(sentence, reply.code)
