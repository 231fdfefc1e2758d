"""What is on its way out on one stream; what cannot leave at once, a task sends: nobody waits for a link."""

import asyncio
from collections import deque
from dataclasses import dataclass

from engine.host.in_flight import Held
from engine.host.signal import Signal
from engine.wire import frames
from engine.wire.messages import Message

MAX_FRAMES = 16  # of steps that wait to be sent
SEND_SECONDS = 20.0  # in which a frame has to leave, beside what the slowest link needs
SLOWEST_BYTES_PER_S = 64_000


def seconds_for(nbytes: int) -> float:
    """How long so many bytes may take on a stream."""
    return SEND_SECONDS + nbytes / SLOWEST_BYTES_PER_S


@dataclass(frozen=True)
class _Frame:
    number: int  # of the step; 0: none
    buffers: tuple[frames.Payload, ...]
    held: Held

    @property
    def nbytes(self) -> int:
        return sum(len(buffer) for buffer in self.buffers)


class Outbox:
    """Frames in the order in which they were put in."""

    def __init__(self) -> None:
        self._frames: deque[_Frame] = deque()
        self._changed = Signal()
        self._stream: frames.PromptStream | None = None
        self.is_ended = False

    def put(
        self, message: Message, *payload: frames.Payload, number: int = 0, held: Held | None = None
    ) -> None:
        """Takes a share in `held`. Whoever puts steps in waits for `room` before. Dropped behind the end."""
        if self.is_ended:
            return
        head, *bodies = frames.encode(message, *payload)
        buffers = (head, *(body for body in bodies if len(body)))
        if self._frames or self._stream is None or not self._stream.send_now(*buffers):
            self._frames.append(_Frame(number, buffers, held.share() if held else Held()))
            self._changed.send()

    def end_with(self, message: Message) -> None:
        """The last word: nothing goes out behind it."""
        self.put(message)
        self.is_ended = True

    @property
    def has_room(self) -> bool:
        return len(self._frames) < MAX_FRAMES

    @property
    def first_number(self) -> int:
        """Of the steps in here; 0: there is none."""
        return next((frame.number for frame in self._frames if frame.number), 0)

    async def room(self) -> None:
        await self._changed.until(lambda: self.has_room)

    async def flushed(self) -> None:
        await self._changed.until(lambda: not self._frames)

    async def send_to(self, stream: frames.PromptStream) -> None:
        """Until cancelled. Raises PeerUnreachable, or TimeoutError where the other side does not read."""
        self._stream = stream
        try:
            await self._send_to(stream)
        finally:
            self._stream = None

    async def _send_to(self, stream: frames.PromptStream) -> None:
        while True:
            await self._changed.until(lambda: bool(self._frames))
            frame = self._frames[0]
            async with asyncio.timeout(seconds_for(frame.nbytes)):
                await stream.send(*frame.buffers)
            self._frames.popleft().held.let_go()
            self._changed.send()

    def clear(self) -> None:
        while self._frames:
            self._frames.popleft().held.let_go()
        self._changed.send()
