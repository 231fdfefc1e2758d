"""One server's part of a session: its stream, and the history that rebuilds it elsewhere."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from engine.errors import PeerRefused, PeerUnreachable, ProtocolViolation
from engine.route.plan import PlannedHop
from engine.wire import frames
from engine.wire.messages import OpenSession, Refusal, SessionOpened, Step, StepOutput, WireDtype
from engine.wire.tensors import pack, unpack


class Stream(frames.ByteStream, Protocol):
    def close(self) -> None: ...


class Dialler(Protocol):
    """The part of a swarm node that a session needs."""

    async def open(self, peer: str, protocol: str, addresses: Sequence[str] = ...) -> Stream: ...


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
