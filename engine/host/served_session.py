"""One session at a server: its steps come from its client and from the server before, and run one by one.

The output of a step goes to the next server first, if the client has said so, and then to the client. Each of
the two has an outbox: neither waits for the other's link.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, Protocol

from engine.duties import until_first_ends
from engine.errors import PeerUnreachable, ProtocolViolation
from engine.host.acceptance import Acceptance, Refused
from engine.host.arrivals import Arrival, Arrivals
from engine.host.batcher import Batcher
from engine.host.budget import NoRoom
from engine.host.handover import HandOvers
from engine.host.hosted_session import HostedSession
from engine.host.limits import Allowance, HostLimits
from engine.host.outbox import Outbox
from engine.host.pending import StepResult
from engine.host.pushing import Dialler, Push
from engine.host.schedule import Layers
from engine.wire import frames
from engine.wire.messages import (
    Carry,
    HandedOver,
    HandOver,
    Leaving,
    PushFailed,
    PushTo,
    Refusal,
    RefusalCode,
    SessionOpened,
    Step,
    StepOutput,
    WireEncoding,
)
from engine.wire.pushes import BringCache, CacheTaken, receive_push
from engine.wire.tensors import is_finite, pack

log = logging.getLogger("potluck.host")

IDLE_SECONDS = 30 * 60.0  # without a step
MAX_WAITING = 16  # steps of a session that have come and not yet run
MAX_PUSH_STREAMS = 2  # into one session: from a server that was replaced, and from the one in its place

Order = Arrival | PushTo | Carry | HandOver


class Stream(frames.PromptStream, Protocol):
    peer: str


@dataclass(frozen=True)
class Facilities:
    """What all sessions of a server share."""

    batcher: Batcher
    acceptance: Acceptance
    arrivals: Arrivals
    dialler: Dialler
    hand_overs: HandOvers
    limits: HostLimits
    note_bad_message: Callable[[str], None]


class ServedSession:
    """From its opening until the client closes its stream, is silent for too long, or is refused."""

    def __init__(
        self,
        hosted: HostedSession,
        facilities: Facilities,
        outputs: WireEncoding | None = None,
        forked_after: int | None = None,
    ) -> None:
        """`outputs`: how they travel; None: as their inputs did. `forked_after`: of a fork, the last step
        that the other session had taken.
        """
        self.hosted = hosted
        self._outputs = outputs
        self._forked_after = forked_after
        self.ticket = token_hex(16)
        self._facilities = facilities
        self._turn = asyncio.Lock()  # a step, or a cache that comes or goes
        self._orders: asyncio.Queue[Order] = asyncio.Queue(MAX_WAITING)
        self._waiting: dict[int, int] = {}  # positions of steps that have come and not yet run, by number
        self._to_client = Outbox()
        self._push: Push | None = None
        self._incoming: list[asyncio.Event] = []  # push streams, the oldest first; set: to be closed
        self._bringing: asyncio.Timeout | None = None  # a cache that is on its way here
        self._has_begun = False  # its client has brought its first step
        self._is_over = False
        limits, now = facilities.limits, asyncio.get_running_loop().time()
        self._redirections = Allowance(limits.redirections, limits.redirections_per_s, now)
        self.last_number = 0  # of the steps that were taken
        self._patience = asyncio.timeout(IDLE_SECONDS)

    async def serve(self, stream: Stream) -> None:
        """The client's stream, behind its opening message."""
        opened = SessionOpened(
            max_tokens=self._facilities.acceptance.max_tokens,
            ticket=self.ticket,
            forked_after=self._forked_after,
        )
        self._to_client.put(opened)
        try:
            async with self._patience:
                await until_first_ends(
                    self._refusing(self._listen(stream)),
                    self._refusing(self._work()),
                    self._to_client.send_to(stream),
                )
        except (PeerUnreachable, TimeoutError) as end:
            log.debug("a session of %s ends: %s", stream.peer, end)
        finally:
            await self._close()

    async def serve_push(self, stream: Stream) -> None:
        """What another server brings, until the stream or the session ends. Raises as `Arrivals.receive`."""
        closing = asyncio.Event()
        self._incoming.append(closing)
        if len(self._incoming) > MAX_PUSH_STREAMS:
            self._incoming[0].set()
        if self._is_over:
            closing.set()
        try:
            await until_first_ends(self._listen_to_pushes(stream), closing.wait())
        finally:
            self._incoming.remove(closing)

    def fork(self, layers: Layers, position: int) -> HostedSession:
        """Another session of its client, that begins with what this one holds up to there. Raises Refused."""
        hosted, batcher = self.hosted, self._facilities.batcher
        holds_it = layers == hosted.layers and not hosted.evicted and position <= hosted.cache.length
        if not (holds_it and batcher.runner.can_fork):
            raise Refused(RefusalCode.NOT_FORKED, "A session cannot begin with this one: begin with nothing.")
        try:
            return batcher.fork(hosted, position)
        except NoRoom:
            raise Refused(RefusalCode.NOT_FORKED, "This server's cache is full.") from None

    def say_leaving(self) -> None:
        self._to_client.put(Leaving())

    def _end_incoming(self) -> None:
        for closing in self._incoming:
            closing.set()

    async def _close(self) -> None:
        self._is_over = True
        self._end_incoming()
        if self._push is not None:
            await self._push.close()
        self._to_client.clear()
        while not self._orders.empty():
            _let_go(self._orders.get_nowait())

    # --- what comes in

    async def _listen(self, stream: Stream) -> None:
        while True:
            message = await frames.receive_header(stream)
            if isinstance(message, Step):
                if message.position == 0:
                    self._begin()
                await self._put(await self._receive(stream, message, is_pushed=False))
            elif isinstance(message, PushTo | Carry | HandOver):
                await self._put(message)
            else:
                raise ProtocolViolation("An open session takes steps, and where to push them or its cache.")

    async def _listen_to_pushes(self, stream: Stream) -> None:
        while True:
            message = await receive_push(stream)
            if isinstance(message, Step):
                await self._put(await self._receive(stream, message, is_pushed=True))
            elif isinstance(message, BringCache):
                await self._take_over(stream, message)
            else:
                raise ProtocolViolation("A push stream brings steps or a cache.")

    async def _receive(self, stream: Stream, step: Step, is_pushed: bool) -> Arrival:
        return await self._facilities.arrivals.receive(stream, step, self.hosted.peer, is_pushed)

    async def _put(self, order: Order) -> None:
        try:
            await self._orders.put(order)
        except asyncio.CancelledError:
            _let_go(order)
            raise
        if isinstance(order, Arrival):
            self._waiting[order.step.number] = order.step.position

    async def _refusing(self, duty: Coroutine[Any, Any, None]) -> None:
        """The client hears why its session ends, behind the outputs that are on their way to it."""
        try:
            await duty
            return
        except Refused as refused:
            refusal = refused.refusal
        except ProtocolViolation as violation:
            log.info("peer %s: %s", self.hosted.peer, violation)
            self._facilities.note_bad_message(self.hosted.peer)
            refusal = Refusal(code=RefusalCode.BAD_MESSAGE, text=str(violation)[:500])
        self._end_incoming()
        self._facilities.batcher.close(self.hosted)  # the client may come back at once, and need the room
        self._to_client.end_with(refusal)
        await self._to_client.flushed()

    # --- what is done

    async def _work(self) -> None:
        while True:
            await self._to_client.room()
            order = await self._orders.get()
            try:
                async with self._turn:
                    await self._obey(order)
            finally:
                _let_go(order)

    async def _obey(self, order: Order) -> None:
        if self._to_client.is_ended:
            return
        if isinstance(order, Arrival):
            await self._take(order)
        elif isinstance(order, HandOver):
            await self._hand_over(order)
        else:
            await self._redirect(order)

    async def _redirect(self, order: PushTo | Carry) -> None:
        """Another place for the outputs of later steps. A stream that works stays as it is."""
        if self._push is not None and not self._push.has_failed and self._push.to == order:
            return
        if self._push is not None:
            await self._push.give_up()
        self._push = None
        if isinstance(order, PushTo):
            self._count_connection()
            self._push = Push(self._facilities.dialler, order, self._on_push_failed)

    def _on_push_failed(self, number: int) -> None:
        self._to_client.put(PushFailed(number=number))

    def _count_connection(self) -> None:
        if not self._redirections.take(asyncio.get_running_loop().time()):
            raise Refused(RefusalCode.NO_ROOM, "Outputs are not sent elsewhere as often as that.")

    async def _hand_over(self, to: HandOver) -> None:
        self._count_connection()
        batcher = self._facilities.batcher
        try:
            with batcher.moving(self.hosted):
                length = await self._facilities.hand_overs.give(self.hosted, to)
                self._to_client.put(HandedOver(length=length))
                await self._to_client.flushed()
        except Refused as refused:
            self._to_client.put(refused.refusal)
        else:
            batcher.is_gone(self.hosted)

    async def _take_over(self, stream: Stream, bring: BringCache) -> None:
        async with self._turn, asyncio.timeout(None) as self._bringing:
            if self._has_begun:
                raise Refused(RefusalCode.NOT_HANDED_OVER, "This session goes on from nothing.")
            with self._facilities.batcher.moving(self.hosted):
                await self._facilities.hand_overs.take(self.hosted, bring, stream)
        await frames.send(stream, CacheTaken(length=bring.length))

    def _begin(self) -> None:
        """A client that begins with nothing waits for no cache: nobody is to hold its session up with one."""
        self._has_begun = True
        if self._bringing is not None and not self._bringing.expired():
            with contextlib.suppress(RuntimeError):  # it is there
                self._bringing.reschedule(0)

    async def _take(self, arrival: Arrival) -> None:
        self._waiting.pop(arrival.step.number, None)
        if self._is_next(arrival) and not self._is_taken_back(arrival.step):
            await self._run(arrival)

    def _is_taken_back(self, step: Step) -> bool:
        """Whether a later step that waits stands at the same place or before: nobody needs this one."""
        return any(n > step.number and at <= step.position for n, at in self._waiting.items())

    def _is_next(self, arrival: Arrival) -> bool:
        """False for a copy of a step that came the other way, and for a push that leaves a gap: the client
        fills it.
        """
        step = arrival.step
        leaves_gap = step.position > self.hosted.cache.length
        return step.number > self.last_number and not (arrival.is_pushed and leaves_gap)

    async def _run(self, arrival: Arrival) -> None:
        step = arrival.step
        self._facilities.acceptance.check_place(step, self.hosted)
        self.last_number = step.number
        self._patience.reschedule(asyncio.get_running_loop().time() + IDLE_SECONDS)
        push = None if self._push is None or self._push.has_failed else self._push
        if push is not None:
            await push.expect(step.number)
        self._send(arrival, await self._compute(arrival), push)

    async def _compute(self, arrival: Arrival) -> StepResult:
        try:
            return await self._facilities.batcher.step(
                self.hosted, arrival.hidden, arrival.step.position, arrival.extras
            )
        except NoRoom:
            raise Refused(RefusalCode.NO_ROOM, "This server's cache is full.") from None
        except Exception as error:  # of a model's own code: any kind
            log.exception("a forward failed")
            raise Refused(RefusalCode.FAILED, f"The forward failed: {error}") from error

    def _send(self, arrival: Arrival, result: StepResult, push: Push | None) -> None:
        step = arrival.step
        meta, body = pack(result.hidden, self._outputs or step.tensor.dtype)
        if not is_finite(meta, body):
            raise Refused(RefusalCode.FAILED, "The forward gave numbers that are not finite.")
        if push is not None:
            pushed = Step(number=step.number, position=step.position, tensor=meta, extras=step.extras)
            push.put(pushed, body, arrival.extras_bytes, held=arrival.held)
        output = StepOutput(
            number=step.number,
            position=step.position,
            tensor=meta,
            compute_seconds=result.compute_seconds,
            saw=arrival.saw,
        )
        self._to_client.put(output, body, number=step.number, held=arrival.held)


def _let_go(order: Order) -> None:
    if isinstance(order, Arrival):
        order.held.let_go()
