"""Which servers take a piece of batch work, where nobody waits for a single answer: drawn by speed.

A shortest path would send everything to the same few servers. Drawn in proportion to what each can take, the
work spreads over all of them, without anybody who directs it.
"""

from collections.abc import Sequence
from random import Random

from engine.route.costs import Costs
from engine.route.plan import PlannedHop
from engine.wire.records import SpanRecord


def choose_for_throughput(
    servers: Sequence[SpanRecord], start: int, end: int, costs: Costs, random: Random
) -> tuple[PlannedHop, ...] | None:
    """A chain for layers [start, end), or None if there is none.

    At its start and wherever a server's layers end, the next one is drawn among all that go on from there,
    in proportion to `costs.tokens_per_s`. The same input and random state, in whatever order, give the same.

    Source: Ryabinin et al. 2023, "SWARM Parallelism", section 3.2 (stochastic wiring).
    """
    candidates = sorted(
        (server for server in servers if server.usable and server.peer in costs.of),
        key=lambda server: (server.peer, server.start, server.end),
    )
    hops: list[PlannedHop] = []
    while start < end:
        serving = [server for server in candidates if server.start <= start < server.end]
        if not serving:
            return None
        (drawn,) = random.choices(serving, [costs.tokens_per_s[server.peer] for server in serving])
        hops.append(PlannedHop(drawn, start, min(drawn.end, end)))
        start = hops[-1].end
    return tuple(hops)
