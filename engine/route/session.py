"""A session: hidden states walk a chain of servers; a server that fails is replaced, and only its span is
rebuilt.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor

from engine.api.schema import HopReport
from engine.errors import SessionLost
from engine.model.extras import StepExtras
from engine.peers.book import PeerBook
from engine.route.chain import Chain
from engine.route.history import Chunk, History, cut
from engine.route.hop import Dialler, Hop, HopFailed
from engine.route.moving import Mover
from engine.route.opening import LookUp, Need, Opener, SwarmModel
from engine.route.repair import LOST, Route, close
from engine.route.settings import SessionSettings
from engine.route.states import States
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


class SwarmSession:
    """A model's layers as one coroutine, wherever they are served. One step at a time."""

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
        self._opener = Opener(dialler, look_up, model, settings, book)
        self._model = model
        self._settings = settings
        self._book = book
        self._on_close = on_close
        self._auditing = None if audit is None else audit(model, self._on_liar)
        self._route: Route | None = None
        self._mover: Mover | None = None
        self._turn = asyncio.Lock()
        self._closed = False
        self.trips = 0
        self.replayed_spans = 0
        self.liars: set[str] = set()  # peers whose part of this answer was found wrong

    async def step(self, hidden: Tensor, position: int, extras: StepExtras | None = None) -> Tensor:
        """`[tokens, hidden]` at `position` through all layers; what stood there before is forgotten.

        Raises MissingLayers when no chain is found in time, SessionLost after `close` or an earlier failure.
        """
        states = States.of(hidden, self._settings.hop.dtype)
        async with self._turn:
            try:
                outputs = await self._step(Chunk(position, states, extras or None))
            except BaseException:
                self._drop()  # hops may hold half a step: the chain is over
                raise
        tensors = [output.unpacked() for output in outputs]
        return (torch.cat(tensors) if len(tensors) > 1 else tensors[0]).to(hidden.dtype)

    async def _step(self, step: Chunk[States]) -> list[States]:
        route = self._route or await self._open(step)
        if step.position < route.inputs.length:
            await route.go_back(step.position)
        route.inputs.extend(step)
        route.chain.fail_silent()
        route.chain.push_from(route.numbers.coming)
        chunks = cut(step, self._settings.chunk_tokens) if self._model.causal else [step]
        outputs = await self._walk(route, Walk(route.chain, chunks, route.numbers))
        self.trips += len(chunks)
        if self._auditing is not None:
            self._auditing.saw(route.inputs, route.chain.hops)
        return outputs

    async def _open(self, step: Chunk[States]) -> Route:
        if step.position > 0 or self._closed:
            raise SessionLost(LOST)
        self._opener.need = Need(len(step), step.hidden.meta.nbytes // len(step))
        patience = self._settings.opening_wait_seconds
        hops = await self._opener.open(self._model.first, self._model.n_layers, patience)
        if self._closed:
            close(hops)
            raise SessionLost(LOST)
        chain = Chain(hops, self._book, self._on_leaving)
        self._route = Route(chain, self._opener, self._book, self._settings.chunk_tokens)
        self._mover = Mover(self._route, self._opener, self._turn, self._count_replay)
        for hop in hops:
            if hop.is_leaving:  # it said so before anybody listened
                self._on_leaving(hop)
        return self._route

    async def _walk(self, route: Route, walk: Walk) -> list[States]:
        deadline: float | None = None  # one for all repairs of a step: else they might never end
        failed: Hop | None = None
        while True:
            try:
                if failed is not None and deadline is not None:
                    await route.repair(walk, failed, deadline)
                    self._count_replay()
                return await walk.run()
            except HopFailed as failure:
                log.info("%s", failure)
                failed = failure.hop
                deadline = deadline or time.monotonic() + self._settings.repair_wait_seconds
            if self._closed:
                raise SessionLost(LOST)

    def _on_leaving(self, hop: Hop) -> None:
        if self._mover is not None:
            self._mover.move(hop, self._settings.look_again_seconds)

    def _on_liar(self, peer: str) -> None:
        """What it gave, and what others made of it, is computed anew."""
        if self._route is not None and self._route.chain.has_peer(peer):
            self.liars.add(peer)
            self._route.chain.give_up_peer(peer)

    def _count_replay(self) -> None:
        self.replayed_spans += 1

    async def rest(self) -> None:
        """Returns when no step is under way, such as that of an answer that was stopped."""
        async with self._turn:
            pass

    @property
    def is_open(self) -> bool:
        return self._route is not None

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
