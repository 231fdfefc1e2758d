"""A session: hidden states walk a chain of servers; a server that fails is replaced, and only its span is
rebuilt.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from engine.api.schema import HopReport
from engine.errors import (
    MissingLayers,
    PeerRefused,
    PeerUnreachable,
    ProtocolViolation,
    SessionLost,
    SwarmError,
)
from engine.layer_ranges import gaps
from engine.model.extras import StepExtras
from engine.route.history import Chunk, cut
from engine.route.hop import Dialler, Hop, HopFailed, HopSettings
from engine.route.plan import PlannedHop, covered, plan_chain
from engine.wire.records import SpanRecord

log = logging.getLogger("potluck.route")

LOST = "The connection to the swarm was lost: send the message again."

LookUp = Callable[[], Awaitable[Sequence[SpanRecord]]]


@dataclass(frozen=True)
class SessionSettings:
    chunk_tokens: int = 256  # of a prefill; chunks follow each other through the hops
    opening_wait_seconds: float = 2.0  # for a first chain
    repair_wait_seconds: float = 20.0  # for a replacement in mid-answer
    look_again_seconds: float = 0.5
    avoid_seconds: float = 3.0  # a server that has failed
    hop: HopSettings = field(default_factory=HopSettings)


@dataclass(frozen=True)
class SwarmModel:
    """What a session needs to know of its model."""

    digest: str
    name: str
    n_layers: int
    causal: bool = True  # False: an encoder, which reads each text whole, in one step at position 0


class SwarmSession:
    """Layers [0, n) of a model as one coroutine, wherever they are served. One step at a time."""

    def __init__(
        self,
        dialler: Dialler,
        look_up: LookUp,
        model: SwarmModel,
        settings: SessionSettings | None = None,
    ) -> None:
        self._dialler = dialler
        self._look_up = look_up
        self._model = model
        self._settings = settings or SessionSettings()
        self._chain: list[Hop] = []
        self._avoided: dict[str, float] = {}  # peer -> when to consider it again
        self._refusals: dict[str, PeerRefused] = {}  # peer -> its last one
        self._turn = asyncio.Lock()
        self._closed = False
        self.trips = 0
        self.replayed_spans = 0

    async def step(self, hidden: Tensor, position: int, extras: StepExtras | None = None) -> Tensor:
        """`[tokens, hidden]` at `position` through all layers; what stood there before is forgotten.

        Raises MissingLayers when no chain is found in time, SessionLost after `close` or an earlier failure.
        """
        async with self._turn:
            try:
                return await self._step(Chunk(position, hidden, extras or None))
            except BaseException:
                self._drop(self._chain)  # hops may hold half a step: the chain is over
                self._chain = []
                raise

    async def _step(self, step: Chunk) -> Tensor:
        if not self._chain:
            if step.position > 0 or self._closed:
                raise SessionLost(LOST)
            hops = await self._open_chain(0, self._model.n_layers, self._patience())
            self._put_in(0, 0, hops)
        for hop in self._chain:
            hop.start_step()
        chunks = cut(step, self._settings.chunk_tokens) if self._model.causal else [step]
        outputs: list[Tensor] = []
        deadline: float | None = None  # one for all repairs of a step: else they might never end
        while len(outputs) < len(chunks):
            try:
                await self._walk(chunks[len(outputs) :], outputs)
            except HopFailed as failure:
                deadline = deadline or time.monotonic() + self._patience()
                await self._replace(failure, chunks[len(outputs)].position, deadline)
        self.trips += len(chunks)
        return torch.cat(outputs) if len(outputs) > 1 else outputs[0]

    def _patience(self) -> float:
        """Seconds to wait for servers: longer in mid-answer, when there is something to lose."""
        mid_answer = self.trips > 0
        return self._settings.repair_wait_seconds if mid_answer else self._settings.opening_wait_seconds

    @property
    def is_open(self) -> bool:
        return bool(self._chain)

    def start_counting(self) -> None:
        """From here on `trips`, `replayed_spans` and `report` tell of a new answer."""
        self.trips = self.replayed_spans = 0
        for hop in self._chain:
            hop.start_counting()

    def close(self) -> None:
        """For good. A step that is under way ends with SessionLost."""
        self._closed = True
        self._drop(self._chain)
        self._chain = []

    def _drop(self, hops: Sequence[Hop]) -> None:
        for hop in hops:
            hop.close()

    def _put_in(self, at: int, until: int, hops: Sequence[Hop]) -> None:
        """Hops into the chain in place of [at, until); a session that was closed meanwhile opens nothing."""
        if self._closed:
            self._drop(hops)
            raise SessionLost(LOST)
        self._chain[at:until] = hops

    def report(self) -> tuple[HopReport, ...]:
        return tuple(
            HopReport(
                peer=hop.peer,
                start=hop.planned.start,
                end=hop.planned.end,
                steps=hop.steps,
                seconds=hop.seconds,
                compute_seconds=hop.compute_seconds,
            )
            for hop in self._chain
        )

    # --- walking

    async def _walk(self, chunks: Sequence[Chunk], outputs: list[Tensor]) -> None:
        """Send chunks down the chain, each as soon as the hop is free; append what comes out, in order."""
        if len(chunks) == 1:
            outputs.append(await self._walk_one(chunks[0], self._chain))
            return
        # All walks run to their end, also when one fails: a walk cut short would leave a healthy hop with
        # an answer that nobody has read.
        results = await asyncio.gather(
            *(self._walk_one(chunk, self._chain) for chunk in chunks), return_exceptions=True
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result
            outputs.append(result)

    async def _walk_one(self, chunk: Chunk, hops: Sequence[Hop]) -> Tensor:
        for hop in hops:
            chunk = replace(chunk, hidden=await hop.forward(chunk))
        return chunk.hidden

    # --- repairing

    async def _replace(self, failure: HopFailed, upto: int, deadline: float) -> None:
        """Put servers in the failed hop's place and bring them to position `upto`."""
        failed = failure.hop
        if self._closed:
            raise SessionLost(LOST)
        log.info("layers %d:%d: %s", failed.planned.start, failed.planned.end, failure)
        past = failed.history.upto(upto, self._settings.chunk_tokens)
        at = self._chain.index(failed)
        failed.close()
        if not failed.was_evicted:
            self._avoid(failed.peer, failure.cause)
        while True:
            wait = deadline - time.monotonic()
            fresh = await self._open_chain(failed.planned.start, failed.planned.end, wait)
            try:
                await self._replay(fresh, past)
            except HopFailed as again:
                self._avoid(again.hop.peer, again.cause)
                self._drop(fresh)
                continue
            self._put_in(at, at + 1, fresh)
            self.replayed_spans += 1
            return

    async def _replay(self, hops: Sequence[Hop], past: Sequence[Chunk]) -> None:
        for chunk in past:
            await self._walk_one(chunk, hops)

    async def _open_chain(self, start: int, end: int, wait_seconds: float) -> list[Hop]:
        """Open sessions with servers for layers [start, end), looking again until `wait_seconds` have
        passed. From then on servers that have failed stay out, so that this comes to an end.
        """
        deadline = time.monotonic() + wait_seconds
        while True:
            records = await self._look_up()
            too_late = time.monotonic() > deadline
            welcome = [record for record in records if not self._is_avoided(record.peer, for_good=too_late)]
            planned = plan_chain(welcome, start, end)
            if planned is not None:
                hops = await self._open_all(planned)
                if hops is not None:
                    return hops
            elif too_late:
                raise self._why_no_chain(records, welcome, start, end)
            else:
                await asyncio.sleep(self._settings.look_again_seconds)

    def _why_no_chain(
        self, records: Sequence[SpanRecord], welcome: Sequence[SpanRecord], start: int, end: int
    ) -> SwarmError:
        listed = {record.peer for record in records}
        refusals = [refusal for peer, refusal in self._refusals.items() if peer in listed]
        if refusals and plan_chain(records, start, end) is not None:
            return refusals[-1]
        open_parts = gaps(covered(welcome), start, end)
        return MissingLayers(self._model.name, open_parts, self._model.n_layers)

    async def _open_all(self, planned: Sequence[PlannedHop]) -> list[Hop] | None:
        """All hops of a chain at once, or None if a server cannot be had; that one is avoided for a while."""
        results = await asyncio.gather(
            *(Hop.open(self._dialler, self._model.digest, hop, self._settings.hop) for hop in planned),
            return_exceptions=True,
        )
        hops = [result for result in results if isinstance(result, Hop)]
        if len(hops) == len(planned):
            return hops
        self._drop(hops)
        for plan, result in zip(planned, results, strict=True):
            if isinstance(result, PeerUnreachable | PeerRefused | ProtocolViolation):
                log.info("peer %s: %s", plan.server.peer, result)
                self._avoid(plan.server.peer, result)
            elif isinstance(result, BaseException):
                raise result
        return None

    def _avoid(self, peer: str, cause: Exception) -> None:
        self._avoided[peer] = time.monotonic() + self._settings.avoid_seconds
        self._refusals.pop(peer, None)
        if isinstance(cause, PeerRefused):
            self._refusals[peer] = cause  # the newest last

    def _is_avoided(self, peer: str, for_good: bool) -> bool:
        return peer in self._avoided and (for_good or self._avoided[peer] > time.monotonic())
