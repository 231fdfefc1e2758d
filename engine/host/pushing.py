"""Passes a session's outputs on to the server of the next layers, without the detour by the client."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from engine.duties import until_first_ends
from engine.errors import PeerRefused, PeerUnreachable, ProtocolViolation
from engine.host.in_flight import Held
from engine.host.outbox import SEND_SECONDS, Outbox
from engine.wire import frames
from engine.wire.messages import NextServer, Refusal, Step
from engine.wire.pushes import PUSH_PROTOCOL, OpenPush, PushOpened, receive_push

log = logging.getLogger("potluck.host")

OPEN_SECONDS = 5.0  # for the next server's answer
NO_STREAM = (PeerUnreachable, PeerRefused, ProtocolViolation, TimeoutError)


class Stream(frames.PromptStream, Protocol):
    def close(self) -> None: ...


class Dialler(Protocol):
    """The part of a swarm node that reaches other servers. Raises PeerUnreachable."""

    async def open(self, peer: str, protocol: str, addresses: Sequence[str] = ...) -> Stream: ...


async def open_push(dialler: Dialler, to: NextServer) -> Stream:
    """A stream that brings steps or a cache to another server's session. Raises one of NO_STREAM."""
    stream = await dialler.open(to.peer, PUSH_PROTOCOL, to.addresses)
    try:
        async with asyncio.timeout(OPEN_SECONDS):
            await frames.send(stream, OpenPush(ticket=to.ticket))
            answer = await receive_push(stream, max_payload=0)
        check_answer(answer, PushOpened)
    except BaseException:
        stream.close()
        raise
    return stream


def check_answer(answer: object, expected: type) -> None:
    """Raises PeerRefused or ProtocolViolation."""
    if isinstance(answer, Refusal):
        raise PeerRefused(f"Another server refused: {answer.text}", answer.code)
    if not isinstance(answer, expected):
        raise ProtocolViolation("A server answered with something else.")


class Push:
    """Outputs on their way to one session at the next server. Fails once and for all.

    `on_failure` gets the number of the first step that surely did not arrive.
    """

    def __init__(self, dialler: Dialler, to: NextServer, on_failure: Callable[[int], None]) -> None:
        self.to = to
        self.has_failed = False
        self._dialler = dialler
        self._on_failure = on_failure
        self._outbox = Outbox()
        self._number = 0  # of the latest step
        self._task: asyncio.Task[None] | None = None

    async def expect(self, number: int) -> None:
        """Get ready for a step's output: dial with the first one, wait for room with later ones.

        A server that takes nothing in for too long counts as gone.
        """
        self._number = number
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        if not self._outbox.has_room:
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await self._outbox.room()
            except TimeoutError:
                await self.give_up()

    def put(self, step: Step, *payload: frames.Payload, held: Held) -> None:
        if not self.has_failed:
            self._outbox.put(step, *payload, number=step.number, held=held)

    async def _run(self) -> None:
        try:
            stream = await open_push(self._dialler, self.to)
            try:
                await until_first_ends(self._outbox.send_to(stream), _told_off(stream))
            finally:
                stream.close()
        except NO_STREAM as error:
            log.info("pushes to %s end: %s", self.to.peer, error)
        self._fail()

    def _fail(self) -> None:
        number = self._outbox.first_number or self._number
        self.has_failed = True
        self._outbox.clear()
        self._on_failure(number)

    async def give_up(self) -> None:
        """For another next server, or none. What has not been sent counts as failed."""
        await self._end()
        if self._outbox.first_number:
            self._fail()

    async def close(self) -> None:
        """With the session."""
        await self._end()
        self._outbox.clear()

    async def _end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


async def _told_off(stream: Stream) -> None:
    """The next server says nothing on this stream, unless it ends it. Raises one of NO_STREAM."""
    check_answer(await receive_push(stream, max_payload=0), type(None))
