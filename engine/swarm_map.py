"""Who serves what, from the directory's records, for people to look at."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol

from engine.api.map_schema import MapModel, MapServer, MapState, SwarmMap, Ways
from engine.api.schema import HopReport
from engine.peers.book import PeerBook
from engine.placement.reading import believed
from engine.precision import runs_of
from engine.wire.records import PROTOCOL_VERSION, ServerState, SpanRecord

MAX_MODELS = 100
MAX_SERVERS = 1000  # of one model
FRESH_SECONDS = 2.0  # that several windows share one look

RoundTrip = Callable[[str], float | None]  # of a peer, in seconds


class Records(Protocol):
    async def records(self) -> Sequence[SpanRecord]: ...


class Swarm(Protocol):
    @property
    def supply(self) -> Records: ...

    @property
    def book(self) -> PeerBook: ...

    @property
    def ways(self) -> Callable[[], Ways]: ...


def map_of(records: Iterable[SpanRecord], own: Collection[str], round_trip: RoundTrip) -> SwarmMap:
    """`own`: peers of this computer. Servers that no chain of ours can use are left out. Pure."""
    by_model: dict[str, list[SpanRecord]] = defaultdict(list)
    for record in records:
        if record.protocol == PROTOCOL_VERSION and record.state is not ServerState.OFFLINE:
            by_model[record.model].append(record)
    most = sorted(by_model.items(), key=lambda item: (-len(item[1]), item[0]))[:MAX_MODELS]
    return SwarmMap(models=tuple(_model(digest, of, own, round_trip) for digest, of in most))


def _model(
    digest: str, records: Sequence[SpanRecord], own: Collection[str], round_trip: RoundTrip
) -> MapModel:
    """How many layers it has, and what it is called, is what most say."""
    n_layers = Counter(record.n_layers for record in records).most_common(1)[0][0]
    agreed = [record for record in records if record.n_layers == n_layers]
    agreed.sort(key=lambda record: (record.peer not in own, record.start, record.end, record.peer))
    rates = believed([record.tokens_per_s * (record.end - record.start) for record in agreed])
    shown = list(zip(agreed, rates, strict=True))[:MAX_SERVERS]
    return MapModel(
        digest=digest,
        name=Counter(record.model_name for record in agreed).most_common(1)[0][0],
        n_layers=n_layers,
        servers=tuple(
            _server(record, rate, record.peer in own, round_trip(record.peer)) for record, rate in shown
        ),
    )


def _server(record: SpanRecord, layer_tokens_per_s: float, own: bool, round_trip: float | None) -> MapServer:
    rate = layer_tokens_per_s / (record.end - record.start) if record.tokens_per_s else 0.0
    return MapServer(
        peer=record.peer,
        start=record.start,
        end=record.end,
        state=MapState(record.state.value),
        precisions=runs_of(record.precisions),
        tokens_per_s=rate,
        busy=record.busy,
        waiting=record.queue_depth,
        round_trip=None if own else round_trip,
        protocol=record.protocol,
        own=own,
    )


def with_answers(swarm: SwarmMap, ways: Ways) -> SwarmMap:
    """The map with the ways of answers that are made at this moment. Pure."""
    by_model: dict[str, list[tuple[HopReport, ...]]] = defaultdict(list)
    for digest, hops in ways:
        by_model[digest].append(hops)
    lit = (model.model_copy(update={"answers": tuple(by_model[model.digest])}) for model in swarm.models)
    return SwarmMap(models=tuple(lit))


class SwarmMapper:
    """Asks the swarm that this computer is in; without one, nobody serves anything."""

    def __init__(
        self,
        swarm: Callable[[], Swarm | None],
        own: Callable[[], Collection[str]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._swarm, self._own, self._clock = swarm, own, clock
        self._seen: tuple[Swarm, float, Sequence[SpanRecord]] | None = None

    async def swarm_map(self) -> SwarmMap:
        """Raises SwarmError."""
        swarm = self._swarm()
        if swarm is None:
            return SwarmMap()
        records = await self._records(swarm)
        round_trips = {record.peer: swarm.book.round_trip(record.peer) for record in records}
        seen = await asyncio.to_thread(map_of, records, frozenset(self._own()), round_trips.get)
        return with_answers(seen, swarm.ways())

    async def _records(self, swarm: Swarm) -> Sequence[SpanRecord]:
        now = self._clock()
        if self._seen is None or self._seen[0] is not swarm or now - self._seen[1] > FRESH_SECONDS:
            self._seen = (swarm, now, await swarm.supply.records())
        return self._seen[2]
