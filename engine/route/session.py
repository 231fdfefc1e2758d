"""A session: hidden states walk a chain of servers; a server that fails is replaced, and only its span is
rebuilt.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Protocol

import torch
from torch import Tensor

from engine.api.schema import HopReport
from engine.errors import SessionLost
from engine.model.extras import StepExtras
from engine.peers.book import PeerBook
from engine.route.chain import Chain
from engine.route.forking import fork_hops
from engine.route.history import Chunk, History, cut
from engine.route.hop import Dialler, Hop, HopFailed
from engine.route.moving import Mover
from engine.route.opening import LookUp, Need, Opener, SwarmModel
from engine.route.pieces import piece_tokens, stages_of
from engine.route.repair import LOST, Route, close
from engine.route.settings import SessionSettings
from engine.route.states import States
from engine.route.turn import Turn
from engine.route.walk import Walk

__all__ = ["SessionSettings", "SwarmModel", "SwarmSession"]

log = logging.getLogger("potluck.route")


class Auditing(Protocol):
    """Whoever looks at what the hops of one session give."""

    def saw(self, inputs: History, hops: Sequence[Hop]) -> None:
        """A step has come back."""
        ...

    def close(self) -> None: ...


Audit = Callable[[SwarmModel, Callable[[str], None]], Auditing]  # and what to do with a peer that lies


@dataclass(eq=False)
class _Order:
    """A step that somebody waits for."""

    step: Chunk[Tensor]
    done: "asyncio.Future[list[States]]"
    chunks: Sequence[Chunk[States]] = ()  # that it is cut into, once it is under way

    def has_come_back(self, walk: Walk) -> bool:
        """Then nobody waits any more."""
        answers = [walk.answer_at(chunk.position) for chunk in self.chunks]
        there = [answer for answer in answers if answer is not None]
        if len(there) == len(answers) and not self.done.done():
            self.done.set_result(there)
        return len(there) == len(answers)

    def fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class SwarmSession:
    """A model's layers as one coroutine, wherever they are served.

    Steps may be asked for while others are under way: one that follows them goes along behind them, one that
    goes back waits for what it stands on, and takes the place of what it does not.
    """

    def __init__(
        self,
        dialler: Dialler,
        look_up: LookUp,
        model: SwarmModel,
        settings: SessionSettings,
        book: PeerBook,
        on_close: Callable[[], None] = lambda: None,
        audit: Audit | None = None,
    ) -> None:
        self._dialler = dialler
        self._opener = Opener(dialler, look_up, model, settings, book)
        self._model = model
        self._settings = settings
        self._book = book
        self._on_close = on_close
        self._auditing = None if audit is None else audit(model, self._on_liar)
        self._route: Route | None = None
        self._mover: Mover | None = None
        self._turn = Turn()
        self._orders: deque[_Order] = deque()  # that are not under way
        self._worker: asyncio.Task[None] | None = None
        self._closed = False
        self.trips = 0
        self.replayed_spans = 0
        self.liars: set[str] = set()  # peers whose part of this answer was found wrong
        # Told the layers that another server takes over, and nothing when it goes on.
        self.on_repair: Callable[[tuple[tuple[int, int], ...]], None] | None = None

    async def step(self, hidden: Tensor, position: int, extras: StepExtras | None = None) -> Tensor:
        """`[tokens, hidden]` at `position` through all layers; what stood there before is forgotten.

        Raises MissingLayers when no chain is found in time, SessionLost after `close` or an earlier failure.
        """
        order = _Order(Chunk(position, hidden, extras or None), asyncio.get_running_loop().create_future())
        self._orders.append(order)
        self._work_on()
        try:
            outputs = await order.done
        except asyncio.CancelledError:
            self._withdraw(order)
            raise
        tensors = [output.unpacked() for output in outputs]
        return (torch.cat(tensors) if len(tensors) > 1 else tensors[0]).to(hidden.dtype)

    async def go_on_from(self, other: "SwarmSession", position: int) -> bool:
        """Begin with the first positions of another session, at the same servers: nothing is sent or computed
        for them, and the other one stays as it is. False where that cannot be: begin with nothing.

        Waits for what is under way in the other session, if that is over soon; it goes on afterwards.
        """
        try:
            async with asyncio.timeout(self._settings.fork_wait_seconds):
                await other._turn.acquire()
        except TimeoutError:
            return False
        try:
            route = other._route
            hops = None
            if route is not None:
                hops = await fork_hops(route, self._dialler, self._model.digest, position)
            if route is None or hops is None:
                return False
            inputs = route.inputs.beginning(position)
        finally:
            other._turn.release()
        if self._closed:
            close(hops)
            raise SessionLost(LOST)
        self._opener.need = other._opener.need
        self._start(hops).inputs = inputs
        return True

    # --- steps under way

    def _work_on(self) -> None:
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        elif self._route is not None:
            self._route.chain.on_news()

    def _withdraw(self, order: _Order) -> None:
        """Where it is under way, hops may hold half a step: then the chain is over, and so are all steps."""
        if order in self._orders:
            self._orders.remove(order)
            return
        if self._worker is not None:
            self._worker.cancel()
        while self._orders:
            self._orders.popleft().fail(SessionLost(LOST))
        self._drop()

    async def _work(self) -> None:
        """Until nobody waits."""
        while self._orders:
            async with self._turn:
                under_way = [self._orders.popleft()]
                try:
                    await self._walk(under_way)
                except BaseException as error:
                    self._drop()  # hops may hold half a step: the chain is over
                    for order in under_way:
                        order.fail(error if isinstance(error, Exception) else SessionLost(LOST))
                    if not isinstance(error, Exception):
                        raise

    async def _walk(self, under_way: list[_Order]) -> None:
        """A step, and those that follow it before it has come back."""
        [order] = under_way
        route = self._route or await self._open(order.step)
        if order.step.position < route.inputs.length:
            await route.go_back(order.step.position)
        route.chain.fail_silent()
        route.chain.push_from(route.numbers.coming)
        walk = Walk(route.chain, self._taken_in(order, route), route.numbers)
        failed, deadline = None, inf
        while not walk.is_done and not self._can_be_left(route):
            try:
                if failed is not None:
                    self._tell_repair((failed.planned.start, failed.planned.end))
                    await route.repair(walk, failed, deadline, self._let_go)
                    self._tell_repair()
                    self._count_replay()
                    failed = None
                await walk.go_on()
            except HopFailed as failure:
                log.info("%s", failure)
                failed = failure.hop
                # One for all repairs of a step: else they might never end.
                deadline = min(deadline, time.monotonic() + self._settings.repair_wait_seconds)
            if self._closed:
                raise SessionLost(LOST)
            if self._deliver(route, walk, under_way):
                deadline = inf
            self._let_follow(route, walk, under_way)
        self._deliver(route, walk, under_way)
        for order in under_way:
            order.fail(SessionLost("Another step has taken the place of this one."))

    def _taken_in(self, order: _Order, route: Route) -> Sequence[Chunk[States]]:
        """The step as it travels."""
        states = States.of(order.step.hidden, route.takes)
        step = Chunk(order.step.position, states, order.step.extras)
        route.inputs.extend(step)
        stages = stages_of((hop.planned for hop in route.chain.hops), self._book)
        size = piece_tokens(len(step), stages, self._settings.chunk_tokens)
        order.chunks = cut(step, size) if self._model.causal else [step]
        return order.chunks

    def _let_follow(self, route: Route, walk: Walk, under_way: list[_Order]) -> None:
        """Orders that go on where the walk ends, unless somebody waits for the turn."""
        while self._orders and self._orders[0].step.position == walk.end and not self._turn.is_awaited:
            under_way.append(self._orders.popleft())
            walk.add(self._taken_in(under_way[-1], route))
            route.chain.fail_silent()

    def _can_be_left(self, route: Route) -> bool:
        """Whether what is under way counts no more: the next order goes back to what all hops have told."""
        if not self._orders or self._orders[0].step.position >= route.inputs.length:
            return False
        position = self._orders[0].step.position
        return all(hop.failure is None and hop.outputs.length >= position for hop in route.chain.hops)

    def _deliver(self, route: Route, walk: Walk, under_way: list[_Order]) -> bool:
        """What has come back; whether something has."""
        before = len(under_way)
        while under_way and under_way[0].has_come_back(walk):
            self.trips += len(under_way.pop(0).chunks)
            if self._auditing is not None:
                self._auditing.saw(route.inputs, route.chain.hops)
        return len(under_way) < before

    async def _open(self, step: Chunk[Tensor]) -> Route:
        if step.position > 0 or self._closed:
            raise SessionLost(LOST)
        self._opener.need = Need(len(step), step.hidden.shape[1])
        patience = self._settings.opening_wait_seconds
        hops = await self._opener.open(self._model.first, self._model.n_layers, patience)
        if self._closed:
            close(hops)
            raise SessionLost(LOST)
        return self._start(hops)

    def _start(self, hops: Sequence[Hop]) -> Route:
        chain = Chain(hops, self._book, self._on_leaving)
        self._route = Route(chain, self._opener, self._book, self._settings.chunk_tokens)
        self._mover = Mover(self._route, self._opener, self._turn, self._count_replay)
        for hop in hops:
            if hop.is_leaving:  # it said so before anybody listened
                self._on_leaving(hop)
        return self._route

    def _on_leaving(self, hop: Hop) -> None:
        if self._mover is not None:
            self._mover.move(hop, self._settings.look_again_seconds)

    async def _let_go(self) -> None:
        if self._mover is not None:
            await self._mover.let_go()

    def _on_liar(self, peer: str) -> None:
        """What it gave, and what others made of it, is computed anew."""
        if self._route is not None and self._route.chain.has_peer(peer):
            self.liars.add(peer)
            self._route.chain.give_up_peer(peer)

    def _tell_repair(self, *layers: tuple[int, int]) -> None:
        if self.on_repair is not None:
            self.on_repair(layers)

    def _count_replay(self) -> None:
        self.replayed_spans += 1

    async def rest(self) -> None:
        """Returns when no step is under way, such as that of an answer that was stopped."""
        if self._worker is not None:
            await asyncio.wait({self._worker})

    @property
    def is_open(self) -> bool:
        return self._route is not None

    @property
    def takes_branches(self) -> bool:
        """Whether each of its servers takes steps of several branches of a text."""
        hops = () if self._route is None else self._route.chain.hops
        return bool(hops) and all(hop.planned.server.branches for hop in hops)

    @property
    def room(self) -> int:
        """Positions that each of its servers could have given it when it was opened."""
        hops = () if self._route is None else self._route.chain.hops
        return min((hop.planned.server.free_cache_tokens for hop in hops), default=0)

    @property
    def handed_over_spans(self) -> int:
        return self._mover.handed_over if self._mover is not None else 0

    def start_counting(self) -> None:
        """From here on `trips`, `replayed_spans`, `liars` and `report` tell of a new answer."""
        self.trips = self.replayed_spans = 0
        self.liars = set()
        if self._route is not None:
            self._route.chain.start_counting()

    def report(self) -> tuple[HopReport, ...]:
        return () if self._route is None else self._route.chain.report()

    def close(self) -> None:
        """For good. A step that is under way ends with SessionLost."""
        if not self._closed:
            self._closed = True
            self._on_close()
            if self._auditing is not None:
                self._auditing.close()
        self._drop()

    def _drop(self) -> None:
        if self._mover is not None:
            self._mover.close()
        if self._route is not None:
            self._route.close()
        self._route = self._mover = None
