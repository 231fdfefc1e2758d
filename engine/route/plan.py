"""Which servers a session walks through: a shortest path over the layers, as a pure function of directory
data.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from engine.wire.records import SpanRecord

# What one more hop costs when nothing is known about a link, and what a server costs per layer when it has
# not
# said how fast it is; seconds.
LINK_SECONDS = 0.002
LAYER_SECONDS = 0.005


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
    usable = [s for s in servers if s.usable and s.start < end and s.end > start]
    doubt = doubt or {}
    borders = sorted({b for s in usable for b in (s.start, s.end) if start <= b <= end} | {start, end})

    @cache
    def best(at: int) -> tuple[float, tuple[PlannedHop, ...]] | None:
        if at == end:
            return 0.0, ()
        options = []
        for server in usable:
            if not server.start <= at < server.end:
                continue
            for border in borders:
                if at < border <= server.end and (rest := best(border)) is not None:
                    cost = _hop_seconds(server, border - at) + doubt.get(server.peer, 0.0)
                    options.append((cost + rest[0], (PlannedHop(server, at, border), *rest[1])))
        return min(options, key=lambda option: option[0], default=None)

    found = best(start)
    return None if found is None else found[1]


def _hop_seconds(server: SpanRecord, layers: int) -> float:
    span = server.end - server.start
    per_layer = server.step_seconds / span if server.step_seconds else LAYER_SECONDS
    return LINK_SECONDS + per_layer * layers * (1 + server.queue_depth)


def covered(servers: Iterable[SpanRecord]) -> tuple[tuple[int, int], ...]:
    """Layer ranges that usable servers serve, merged and in order."""
    ranges: list[tuple[int, int]] = []
    for start, end in sorted((s.start, s.end) for s in servers if s.usable):
        if ranges and start <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], max(end, ranges[-1][1]))
        else:
            ranges.append((start, end))
    return tuple(ranges)


def gaps(ranges: Sequence[tuple[int, int]], start: int, end: int) -> tuple[tuple[int, int], ...]:
    """The parts of [start, end) that merged, ordered `ranges` leave open."""
    open_parts, at = [], start
    for a, b in ranges:
        if a > at:
            open_parts.append((at, min(a, end)))
        at = max(at, b)
        if at >= end:
            break
    if at < end:
        open_parts.append((at, end))
    return tuple(open_parts)
