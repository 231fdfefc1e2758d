"""Which servers a session walks through: a shortest path over (layer, server), as a pure function."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np

from engine.precision import Precision
from engine.route.costs import Costs, ServerCosts, unmeasured
from engine.route.shortest_path import Swarm, cheapest_path
from engine.wire.records import SpanRecord


@dataclass(frozen=True)
class PlannedHop:
    """One server's part of a chain: layers [start, end)."""

    server: SpanRecord
    start: int
    end: int

    @property
    def precisions(self) -> tuple[Precision, ...]:
        """That these layers are kept in, in order."""
        return self.server.precisions_of(self.start, self.end)


def plan_chain(
    servers: Sequence[SpanRecord], start: int, end: int, costs: Costs | None = None
) -> tuple[PlannedHop, ...] | None:
    """The cheapest chain for layers [start, end), or None if there is none.

    A chain's cost is the sum of its links' (client to first, server to server, last to client), its layers'
    and its hops' doubt (`engine.route.costs`). Servers without costs are not used, nor are those that join,
    drain or speak another protocol. The same input, in whatever order, gives the same chain. Without costs,
    what servers say of themselves counts, and room does not.
    """
    if start >= end:
        return ()
    costs = unmeasured(servers) if costs is None else costs
    candidates = _candidates(servers, start, end, costs)
    path = cheapest_path(_swarm(candidates, start, end, costs)) if candidates else None
    return None if path is None else _hops([candidates[at] for at in path], start)


def _candidates(servers: Iterable[SpanRecord], start: int, end: int, costs: Costs) -> list[SpanRecord]:
    """Servers with some of these layers, nearest to the client first."""
    some = [s for s in servers if s.start < end and s.end > start and s.usable and s.peer in costs.of]
    return sorted(some, key=lambda s: (costs.of[s.peer].radius, s.peer, s.start, s.end))


def _swarm(servers: Sequence[SpanRecord], start: int, end: int, costs: Costs) -> Swarm:
    layers = np.arange(start, end)[:, None]
    starts, ends = np.array([(server.start, server.end) for server in servers]).T
    priced = [costs.of[server.peer] for server in servers]
    layer, from_client, to_client, sending, receiving, *place = np.array(priced).T
    index = {server.peer: at for at, server in enumerate(servers)}
    carried = [(index[a], index[b]) for a, b in costs.carried if a in index and b in index]
    return Swarm(
        (starts <= layers) & (layers < ends),
        layer,
        from_client,
        to_client,
        sending,
        receiving,
        np.stack(place, axis=1),
        np.array(carried, dtype=np.intp).reshape(-1, 2),
    )


def _hops(path: Sequence[SpanRecord], start: int) -> tuple[PlannedHop, ...]:
    """`path` names the server of each layer from `start` on."""
    hops: list[PlannedHop] = []
    for _, run in groupby(path, key=lambda server: (server.peer, server.start, server.end)):
        server, *more = run
        hops.append(PlannedHop(server, start, start + 1 + len(more)))
        start = hops[-1].end
    return tuple(hops)


def chain_seconds(chain: Sequence[PlannedHop], costs: Costs) -> float:
    """What `plan_chain` finds the least of: seconds of one step, doubt included."""
    if not chain:
        return 0.0
    priced = [costs.of[hop.server.peer] for hop in chain]
    total = priced[0].from_client + priced[-1].to_client
    total += sum(of.layer * (hop.end - hop.start) for of, hop in zip(priced, chain, strict=True))
    for a, b in pairwise(chain):
        total += link_seconds(a.server.peer, b.server.peer, costs)
    return total


def link_seconds(sender: str, receiver: str, costs: Costs) -> float:
    """From one server to the next one, whose doubt is included."""
    a, b = costs.of[sender], costs.of[receiver]
    seconds = a.sending + _distance(a, b) + b.receiving
    return max(seconds, a.to_client + b.from_client) if (sender, receiver) in costs.carried else seconds


def _distance(a: ServerCosts, b: ServerCosts) -> float:
    return float(np.hypot(np.hypot(a.x - b.x, a.y - b.y), a.z - b.z))


def covered(servers: Iterable[SpanRecord]) -> tuple[tuple[int, int], ...]:
    """Layer ranges that usable servers serve, merged and in order."""
    ranges: list[tuple[int, int]] = []
    for start, end in sorted((s.start, s.end) for s in servers if s.usable):
        if ranges and start <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], max(end, ranges[-1][1]))
        else:
            ranges.append((start, end))
    return tuple(ranges)
