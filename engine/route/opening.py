"""From published spans to open sessions with servers for some layers."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf
from random import Random

from engine.errors import (
    MissingLayers,
    PeerRefused,
    PeerUnreachable,
    ProtocolViolation,
    SwarmError,
    TooCoarse,
)
from engine.layer_ranges import gaps
from engine.peers.book import PeerBook
from engine.route.costs import Costs, costs_of
from engine.route.encodings import Ends, between, encodings_of, knows
from engine.route.floors import fine_enough, precisions_among
from engine.route.hop import Dialler, Hop
from engine.route.pace import Pace
from engine.route.plan import PlannedHop, covered, plan_chain
from engine.route.settings import SessionSettings
from engine.route.throughput import choose_for_throughput
from engine.wire.messages import RefusalCode, WireEncoding, row_bytes
from engine.wire.records import ServerState, SpanRecord

log = logging.getLogger("potluck.route")

LookUp = Callable[[], Awaitable[Sequence[SpanRecord]]]
Meanwhile = Callable[[], Awaitable[None]]  # what to do while layers are waited for, again and again

# With these a server says that it cannot work; with the others, that it does well but not for this session.
_FAULTS = (RefusalCode.FAILED, RefusalCode.BAD_MESSAGE)
_COMING = (ServerState.CHOOSING, ServerState.JOINING)
PATIENCE = 3  # times as long as otherwise, where somebody has announced the layers that are missing


@dataclass(frozen=True)
class SwarmModel:
    """What a session needs to know of its model."""

    digest: str
    name: str
    n_layers: int
    causal: bool = True  # False: an encoder, which reads each text whole, in one step at position 0
    first: int = 0  # the session walks through layers [first, n_layers)


@dataclass(frozen=True)
class Need:
    """What a session is about to ask of its servers."""

    tokens: int = 0  # positions
    hidden: int = 0  # numbers of each token

    @property
    def step_bytes(self) -> int:
        """That each link moves in a step of one token, at most."""
        return row_bytes("float32", self.hidden)


class Opener:
    """Finds servers for one session, and remembers who did not want it."""

    def __init__(
        self, dialler: Dialler, look_up: LookUp, model: SwarmModel, settings: SessionSettings, book: PeerBook
    ) -> None:
        self._dialler = dialler
        self._look_up = look_up
        self._model = model
        self._settings = settings
        self._book = book
        self._refused: dict[str, tuple[float, PeerRefused]] = {}  # peer -> until when; the newest last
        self._failed: dict[str, float] = {}  # peer -> when, the last time
        self._random = Random()
        self.need = Need()

    async def open(
        self,
        start: int,
        end: int,
        wait_seconds: float,
        meanwhile: Meanwhile | None = None,
        ends: Ends | None = None,
    ) -> list[Hop]:
        """Open sessions with servers for layers [start, end), looking again until `wait_seconds` have
        passed; longer while somebody is about to serve what is missing. Servers that failed a moment before
        get a second chance; whoever fails from then on stays out, so that this comes to an end. `ends`: how
        hidden states come in and go out, if that is settled.

        Raises MissingLayers, TooCoarse, or the refusal that was in the way.
        """
        deadline = time.monotonic() + wait_seconds
        last_look = deadline + (PATIENCE - 1) * wait_seconds
        last_chance = max(deadline, time.monotonic()) + self._settings.second_chance_seconds
        out_since = min(deadline, time.monotonic())
        while True:
            records = await self._records()
            too_late = time.monotonic() > deadline
            left = [
                record
                for record in records
                if not (too_late and self._failed.get(record.peer, -inf) >= out_since) and knows(record, ends)
            ]
            fine = fine_enough(left, self._settings.floor)
            planned = self._plan(fine, start, end)
            if planned is not None:
                if (hops := await self._open_all(planned, ends)) is not None:
                    return hops
                continue
            is_coming = _are_coming(fine, start, end) and time.monotonic() < last_look
            over = time.monotonic() > last_chance or gaps(covered(fine), start, end)
            if too_late and over and not is_coming:
                raise self._why_no_chain(records, left, start, end)
            if meanwhile is not None:
                await meanwhile()
            await asyncio.sleep(self._settings.look_again_seconds)

    async def open_elsewhere(self, left: PlannedHop, ends: Ends, same_weights: bool) -> list[Hop] | None:
        """Sessions for a leaving server's layers at others, or None if there are none for now.

        `same_weights`: with one server alone that keeps and computes each of them in the same precision.
        """
        records = [record for record in await self._others(left) if knows(record, ends)]
        if same_weights:
            records = [record for record in records if _could_succeed(record, left)]
        planned = self._plan(records, left.start, left.end)
        if planned is None:
            return None
        return await self._open_all([replace(planned[0], end=left.end)] if same_weights else planned, ends)

    async def can_spare(self, hop: PlannedHop) -> bool:
        """Whether others serve these layers, too."""
        return self._plan(await self._others(hop), hop.start, hop.end) is not None

    async def _others(self, left: PlannedHop) -> list[SpanRecord]:
        others = [record for record in await self._records() if record.peer != left.server.peer]
        return fine_enough(others, self._settings.floor)

    async def _records(self) -> Sequence[SpanRecord]:
        records = await self._look_up()
        self._book.note_queues(records)
        return records

    def _plan(self, records: Sequence[SpanRecord], start: int, end: int) -> tuple[PlannedHop, ...] | None:
        """Where nobody else is left, servers are asked that have said that they lack room; then those, too,
        that have failed, though not in this moment.
        """
        for last_resort, tokens in ((False, self.need.tokens), (False, 0), (True, 0)):
            welcome = self._welcome(records, last_resort)
            costs = costs_of(welcome, self._book, self.need.step_bytes, tokens, last_resort)
            if (chain := self._choose(welcome, start, end, costs)) is not None:
                return chain
        return None

    def _welcome(self, records: Sequence[SpanRecord], last_resort: bool) -> list[SpanRecord]:
        return [record for record in records if not self._is_avoided(record.peer, last_resort)]

    def _choose(
        self, records: Sequence[SpanRecord], start: int, end: int, costs: Costs
    ) -> tuple[PlannedHop, ...] | None:
        if self._settings.purpose == "batch":
            return choose_for_throughput(records, start, end, costs, self._random)
        return plan_chain(records, start, end, costs)

    def _why_no_chain(
        self, records: Sequence[SpanRecord], left: Sequence[SpanRecord], start: int, end: int
    ) -> SwarmError:
        name, n_layers, floor = self._model.name, self._model.n_layers, self._settings.floor
        listed = {record.peer for record in records}
        refusals = [refusal for peer, (_, refusal) in self._refused.items() if peer in listed]
        if refusals and plan_chain(fine_enough(records, floor), start, end) is not None:
            return refusals[-1]
        welcome = self._welcome(left, last_resort=True)
        unserved = gaps(covered(welcome), start, end)
        too_coarse = gaps(covered(fine_enough(welcome, floor)), start, end)
        if too_coarse and not unserved:
            return TooCoarse(name, too_coarse, n_layers, precisions_among(welcome, too_coarse), floor)
        return MissingLayers(name, unserved, n_layers)

    async def _open_all(self, planned: Sequence[PlannedHop], ends: Ends | None) -> list[Hop] | None:
        """All hops of a chain at once, or None if a server cannot be had; that one is avoided for a while."""
        encodings = self._encodings(planned, ends or self._settings.ends)
        openings = [
            asyncio.ensure_future(self._open_one(plan, Ends(*around)))
            for plan, around in zip(planned, pairwise(encodings), strict=True)
        ]
        try:
            results = await asyncio.gather(*openings, return_exceptions=True)
        except asyncio.CancelledError:
            _close_opened(openings)
            raise
        hops = [result for result in results if isinstance(result, Hop)]
        if len(hops) == len(planned):
            return hops
        _close_opened(openings)
        for plan, result in zip(planned, results, strict=True):
            if isinstance(result, PeerUnreachable | PeerRefused | ProtocolViolation):
                self.avoid(plan.server.peer, result)
            elif isinstance(result, BaseException):
                raise result
        return None

    def _encodings(self, chain: Sequence[PlannedHop], ends: Ends | None) -> tuple[WireEncoding, ...]:
        if ends is not None:
            return between(chain, ends)
        tokens = min(self.need.tokens, self._settings.chunk_tokens)
        return encodings_of(chain, self._model.n_layers, self._book, tokens, self.need.hidden)

    async def _open_one(self, planned: PlannedHop, ends: Ends) -> Hop:
        self._book.note_chosen(planned.server)
        pace = self._pace(planned.server.peer, planned.end - planned.start)
        return await Hop.open(self._dialler, self._model.digest, planned, ends, self._settings.hop, pace)

    def _pace(self, peer: str, layers: int) -> Pace:
        book, known = self._book, self._book.layer_seconds(peer)
        decode = None if known is None else known * layers
        return Pace(self._settings.hop, decode, lambda: book.queue(peer), lambda: book.heard_at(peer))

    def avoid(self, peer: str, cause: Exception) -> None:
        """Somebody else is to serve these layers. Who has failed is noted; who only refuses is not."""
        log.info("peer %s: %s", peer, cause)
        self._refused.pop(peer, None)
        if isinstance(cause, PeerRefused):
            self._refused[peer] = time.monotonic() + self._settings.avoid_seconds, cause
        self._failed[peer] = time.monotonic()
        if not isinstance(cause, PeerRefused) or cause.refusal in _FAULTS:
            self._book.note_failure(peer)

    def _is_avoided(self, peer: str, last_resort: bool) -> bool:
        until, _ = self._refused.get(peer, (0.0, None))
        return time.monotonic() < until or self._book.is_avoided(peer, last_resort)


def _close_opened(openings: Iterable[asyncio.Future[Hop]]) -> None:
    for opening in openings:
        if not opening.cancelled() and opening.exception() is None:
            opening.result().close()


def _are_coming(records: Sequence[SpanRecord], start: int, end: int) -> bool:
    """Whether layers of [start, end) that nobody serves will soon be served."""
    announced = [record for record in records if record.usable or record.state in _COMING]
    missing = gaps(covered(records), start, end)
    return bool(missing) and not gaps(((r.start, r.end) for r in announced), start, end)


def _could_succeed(record: SpanRecord, left: PlannedHop) -> bool:
    if not (record.start <= left.start and left.end <= record.end):
        return False
    same_kept = record.precisions_of(left.start, left.end) == left.precisions
    return same_kept and record.precision == left.server.precision
