"""One server's part of a session: its stream, and the history that rebuilds it elsewhere."""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from engine.errors import PeerRefused, PeerUnreachable, ProtocolViolation
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
from engine.wire.tensors import pack, unpack


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


class History:
    """Hidden states that went into a hop, by position: what a replacement needs to see."""

    def __init__(self) -> None:
        self._chunks: list[tuple[int, Tensor]] = []  # (position, [tokens, hidden]), in order, without gaps

    @property
    def length(self) -> int:
        if not self._chunks:
            return 0
        position, chunk = self._chunks[-1]
        return position + len(chunk)

    def write(self, position: int, chunk: Tensor) -> None:
        """Everything from `position` on is forgotten, then `chunk` `[tokens, hidden]` stands there."""
        self.crop(position)
        self._chunks.append((position, chunk))

    def crop(self, length: int) -> None:
        while self._chunks and self._chunks[-1][0] >= length:
            self._chunks.pop()
        if self.length > length:
            position, chunk = self._chunks[-1]
            self._chunks[-1] = (position, chunk[: length - position])

    def upto(self, length: int) -> Tensor | None:
        """The states at positions [0, length) as `[length, hidden]`, or None if length is 0."""
        chunks = [chunk[: length - position] for position, chunk in self._chunks if position < length]
        return torch.cat(chunks) if chunks else None


class Hop:
    """An open session with one server for layers [start, end)."""

    def __init__(self, planned: PlannedHop, stream: Stream, settings: HopSettings) -> None:
        self.planned = planned
        self.history = History()
        self.start_counting()
        self._failure: Exception | None = None
        self._stream = stream
        self._settings = settings
        self._turn = asyncio.Lock()

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

    async def forward(self, hidden: Tensor, position: int) -> Tensor:
        """`[tokens, hidden]` through this server's layers at `position`. Raises HopFailed, and only that."""
        async with self._turn:
            started = time.monotonic()
            self.history.write(position, hidden)
            if self._failure is not None:
                raise HopFailed(self, self._failure)
            try:
                async with asyncio.timeout(self._seconds_for(len(hidden))):
                    out = await self._exchange(hidden, position)
            except TimeoutError:
                self._failure = PeerUnreachable("A server did not answer in time.")
                raise HopFailed(self, self._failure) from None
            except (PeerUnreachable, PeerRefused, ProtocolViolation) as error:
                self._failure = error
                raise HopFailed(self, error) from error
            self.steps += 1
            self.seconds += time.monotonic() - started
            return out

    async def _exchange(self, hidden: Tensor, position: int) -> Tensor:
        meta, payload = pack(hidden, self._settings.dtype)
        await frames.send(self._stream, Step(position=position, tensor=meta), payload)
        reply, body = await frames.receive(self._stream)
        if isinstance(reply, Refusal):
            raise _refused(reply)
        if not isinstance(reply, StepOutput) or reply.position != position or reply.tensor != meta:
            raise ProtocolViolation("A server answered a step with something else.")
        self.compute_seconds += reply.compute_seconds
        return unpack(reply.tensor, body).to(hidden.dtype)

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
