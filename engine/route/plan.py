"""Which servers a session walks through: a shortest path over the layers, as a pure function of directory
data.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

from engine.wire.records import SpanRecord

LINK_SECONDS = 0.002  # what one more hop costs when nothing is known about a link
LAYER_SECONDS = 0.005  # what a layer costs on a server that has not said how fast it is


@dataclass(frozen=True)
class PlannedHop:
    """One server's part of a chain: layers [start, end)."""

    server: SpanRecord
    start: int
    end: int


def plan_chain(
    servers: Iterable[SpanRecord],
    start: int,
    end: int,
    doubt: Mapping[str, float] | None = None,
) -> tuple[PlannedHop, ...] | None:
    """The cheapest chain for layers [start, end), or None if there is none.

    A chain's cost is the sum over its hops of the link, the server's decode step time for these layers,
    scaled by its queue, and `doubt`: seconds added per peer that has failed lately.
    """
    usable = [server for server in servers if server.usable]
    joining = [LINK_SECONDS + (doubt or {}).get(server.peer, 0.0) for server in usable]
    per_layer = [_layer_seconds(server) for server in usable]
    with_server: dict[int, _Way] = {}  # the cheapest way up to here that ends with this server
    ways = {start: _Way(0.0, -1, start)}  # the cheapest way up to each layer
    for layer in range(start, end):
        if layer not in ways:
            return None
        serving = [index for index, server in enumerate(usable) if server.start <= layer < server.end]
        for index in serving:
            joined = _Way(ways[layer].seconds + joining[index], index, layer)
            way = _cheaper(with_server.get(index, joined), joined)
            with_server[index] = way._replace(seconds=way.seconds + per_layer[index])
        if serving:
            ways[layer + 1] = reduce(_cheaper, (with_server[index] for index in serving))
    return _hops(usable, ways, start, end) if end in ways else None


class _Way(NamedTuple):
    """How a chain comes to a layer."""

    seconds: float  # its cost so far
    server: int  # its last one
    since: int  # the layer at which that one took over


def _cheaper(a: _Way, b: _Way) -> _Way:
    """`a`, unless `b` is cheaper by more than rounding."""
    return b if b.seconds < a.seconds - 1e-9 else a


def _hops(
    servers: Sequence[SpanRecord], ways: Mapping[int, _Way], start: int, end: int
) -> tuple[PlannedHop, ...]:
    """The way to `end`, followed back to `start`."""
    hops: list[PlannedHop] = []
    while end > start:
        way = ways[end]
        hops.append(PlannedHop(servers[way.server], way.since, end))
        end = way.since
    return tuple(reversed(hops))


def _layer_seconds(server: SpanRecord) -> float:
    """Of one decode step through one layer, the server's queue included."""
    span = server.end - server.start
    alone = server.step_seconds / span if server.step_seconds else LAYER_SECONDS
    return alone * (1 + server.queue_depth)


def covered(servers: Iterable[SpanRecord]) -> tuple[tuple[int, int], ...]:
    """Layer ranges that usable servers serve, merged and in order."""
    ranges: list[tuple[int, int]] = []
    for start, end in sorted((s.start, s.end) for s in servers if s.usable):
        if ranges and start <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], max(end, ranges[-1][1]))
        else:
            ranges.append((start, end))
    return tuple(ranges)
