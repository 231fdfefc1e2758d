"""Chains of servers: tables, and what a search through all chains would find."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.layer_ranges import gaps
from engine.route.costs import Costs, ServerCosts
from engine.route.plan import PlannedHop, chain_seconds, covered, plan_chain
from engine.route.shortest_path import FEW, lowest
from engine.wire.records import PROTOCOL_VERSION, ServerState, SpanRecord
from tests.route.records import A, B, C, N, peer, server

LAYER = ServerCosts(layer=1.0, from_client=0.5, to_client=0.5, sending=0.5, receiving=0.5, x=0, y=0, z=0)


def outline(chain: tuple[PlannedHop, ...] | None) -> list[tuple[str, int, int]] | None:
    return None if chain is None else [(hop.server.peer, hop.start, hop.end) for hop in chain]


def priced(*costs: ServerCosts) -> Costs:
    """For servers 0, 1, …"""
    return Costs({peer(number): of for number, of in enumerate(costs)})


def alike(servers: Sequence[SpanRecord]) -> Costs:
    return Costs({record.peer: LAYER for record in servers})


@pytest.mark.parametrize(
    ("servers", "span", "expected"),
    [
        ([], (0, N), None),
        ([server(0, 0, N)], (3, 3), []),
        ([server(0, 0, N)], (0, N), [(A, 0, 8)]),
        ([server(0, 0, N)], (2, 5), [(A, 2, 5)]),
        ([server(0, 0, 4)], (0, N), None),
        ([server(0, 4, 8)], (0, N), None),
        ([server(0, 0, 3), server(1, 4, 8)], (0, N), None),  # layer 3 is nobody's
        ([server(0, 0, 4), server(1, 4, 8)], (0, N), [(A, 0, 4), (B, 4, 8)]),
        ([server(1, 4, 8), server(0, 0, 4)], (0, N), [(A, 0, 4), (B, 4, 8)]),
        ([server(0, 0, 4), server(1, 4, 8), server(2, 0, 8)], (0, N), [(C, 0, 8)]),  # one link less
        ([server(0, 0, 8, state=ServerState.DRAINING)], (0, N), None),
        ([server(0, 0, 8, state=ServerState.JOINING)], (0, N), None),
        ([server(0, 0, 8, state=ServerState.OFFLINE)], (0, N), None),
        ([server(0, 0, 8, protocol=PROTOCOL_VERSION + 1)], (0, N), None),
        ([server(0, 0, 8, state=ServerState.DRAINING), server(1, 0, 8)], (0, N), [(B, 0, 8)]),
    ],
)
def test_servers_that_are_alike(servers, span, expected) -> None:
    assert outline(plan_chain(servers, *span, alike(servers))) == expected
    assert outline(plan_chain(servers, *span)) == expected


EVERYWHERE = [server(0, 0, 8), server(1, 0, 8)]


@pytest.mark.parametrize(
    ("servers", "costs", "expected"),
    [
        (EVERYWHERE, priced(LAYER._replace(layer=2.0), LAYER), [(B, 0, 8)]),
        (EVERYWHERE, priced(LAYER._replace(from_client=0.6), LAYER), [(B, 0, 8)]),
        (EVERYWHERE, priced(LAYER._replace(to_client=0.6), LAYER), [(B, 0, 8)]),
        (EVERYWHERE, Costs({B: LAYER._replace(layer=9.0)}), [(B, 0, 8)]),  # without costs: not to be used
        (  # the faster one takes all that it has
            [server(0, 0, 6), server(1, 3, 8)],
            priced(LAYER, LAYER._replace(layer=0.1)),
            [(A, 0, 3), (B, 3, 8)],
        ),
        (
            [server(0, 0, 6), server(1, 3, 8)],
            priced(LAYER._replace(layer=0.1), LAYER),
            [(A, 0, 6), (B, 6, 8)],
        ),
        (  # a detour is worth its two links when the middle is slow
            [server(0, 0, 8), server(1, 2, 6)],
            priced(LAYER, LAYER._replace(layer=0.1)),
            [(A, 0, 2), (B, 2, 6), (A, 6, 8)],
        ),
        (
            [server(0, 0, 8), server(1, 2, 6)],
            priced(LAYER, LAYER._replace(layer=0.1, receiving=4.0)),
            [(A, 0, 8)],
        ),
        (  # both have the second half: the one that is near the first half's server
            [server(0, 0, 4), server(1, 4, 8), server(2, 4, 8)],
            priced(LAYER._replace(x=3.0), LAYER, LAYER._replace(x=3.1)),
            [(A, 0, 4), (C, 4, 8)],
        ),
        (  # ... unless the way back from there is longer still
            [server(0, 0, 4), server(1, 4, 8), server(2, 4, 8)],
            priced(LAYER._replace(x=3.0), LAYER, LAYER._replace(x=3.1, to_client=4.0)),
            [(A, 0, 4), (B, 4, 8)],
        ),
        (  # the client would have to carry the nearer one's steps
            [server(0, 0, 4), server(1, 4, 8), server(2, 4, 8)],
            replace(priced(LAYER, LAYER._replace(from_client=2.0), LAYER._replace(x=0.1)), carried={(A, B)}),
            [(A, 0, 4), (C, 4, 8)],
        ),
    ],
)
def test_the_cheapest_chain(servers, costs, expected) -> None:
    assert outline(plan_chain(servers, 0, N, costs)) == expected


# --- against a search through all chains

spans = st.tuples(st.integers(0, N - 1), st.integers(1, N)).filter(lambda span: span[0] < span[1])
seconds = st.sampled_from([0.0, 0.001, 0.01, 0.5])
places = st.sampled_from([-0.2, 0.0, 0.003, 0.2])
costs_of_one = st.builds(ServerCosts, seconds, seconds, seconds, seconds, seconds, places, places, places)
records = st.lists(
    st.builds(
        lambda span, **rest: (span, rest),
        spans,
        state=st.sampled_from([ServerState.ONLINE] * 5 + [ServerState.DRAINING, ServerState.JOINING]),
        protocol=st.sampled_from([PROTOCOL_VERSION] * 5 + [PROTOCOL_VERSION + 1]),
    ),
    max_size=5,
).map(lambda made: [server(number, *span, **rest) for number, (span, rest) in enumerate(made)])
all_costs = st.builds(
    Costs,
    st.dictionaries(st.integers(0, 4).map(peer), costs_of_one, min_size=3, max_size=5),
    st.frozensets(st.tuples(st.integers(0, 4).map(peer), st.integers(0, 4).map(peer)), max_size=3),
)


def all_chains(
    servers: list[SpanRecord], start: int, end: int, costs: Costs
) -> Iterator[tuple[PlannedHop, ...]]:
    if start == end:
        yield ()
    for record in servers:
        if record.usable and record.peer in costs.of and record.start <= start < record.end:
            for border in range(start + 1, min(record.end, end) + 1):
                for rest in all_chains(servers, border, end, costs):
                    yield (PlannedHop(record, start, border), *rest)


@given(records, st.tuples(st.integers(0, 3), st.integers(4, 6)), all_costs)
def test_a_chain_is_found_whenever_there_is_one_and_none_is_cheaper(
    servers: list[SpanRecord], span: tuple[int, int], costs: Costs
) -> None:
    chain = plan_chain(servers, *span, costs)
    others = [chain_seconds(other, costs) for other in all_chains(servers, *span, costs)]
    assert (chain is None) == (not others)
    if chain is not None:
        assert chain_seconds(chain, costs) == pytest.approx(min(others), abs=1e-7)


@given(records, all_costs)
def test_a_chain_covers_its_layers_without_gaps_by_servers_that_may_be_used(
    servers: list[SpanRecord], costs: Costs
) -> None:
    chain = plan_chain(servers, 0, N, costs)
    usable = [record for record in servers if record.peer in costs.of]
    if chain is None:
        assert gaps(covered(usable), 0, N)
        return
    assert gaps(covered(usable), 0, N) == ()
    assert [chain[0].start, *[hop.end for hop in chain]] == [*[hop.start for hop in chain], N]
    for hop in chain:
        assert hop.server.usable
        assert hop.server.peer in costs.of
        assert hop.server.start <= hop.start < hop.end <= hop.server.end
    assert all(one.server != other.server for one, other in pairwise(chain))


@given(records, all_costs, st.randoms(use_true_random=False))
def test_the_order_of_the_servers_does_not_matter(
    servers: list[SpanRecord], costs: Costs, rng: random.Random
) -> None:
    shuffled = rng.sample(servers, len(servers))
    assert plan_chain(shuffled, 0, N, costs) == plan_chain(servers, 0, N, costs)


# --- large swarms, where most nodes are ruled out unseen


def large_swarm(rng: random.Random, size: int, n_layers: int, longest: int) -> list[SpanRecord]:
    lengths = [rng.randint(1, longest) for _ in range(size)]
    starts = [rng.randint(0, n_layers - length) for length in lengths]
    return [
        server(number, start, start + length, n_layers=n_layers)
        for number, (start, length) in enumerate(zip(starts, lengths, strict=True))
    ]


def large_costs(rng: random.Random, servers: Sequence[SpanRecord]) -> Costs:
    def of_one() -> ServerCosts:
        x, y, z = (rng.gauss(0, 0.03) for _ in range(3))
        return ServerCosts(rng.uniform(0.001, 0.01), *(rng.uniform(0.0, 0.05) for _ in range(4)), x, y, z)

    peers = [record.peer for record in servers]
    carried = frozenset((rng.choice(peers), rng.choice(peers)) for _ in servers)
    return Costs({peer: of_one() for peer in peers}, carried)


def cheapest_seconds(servers: Sequence[SpanRecord], n_layers: int, costs: Costs) -> float:
    """By the book: every link at every layer."""
    of = {record.peer: costs.of[record.peer] for record in servers}
    links = {
        (a, b): chain_seconds((PlannedHop(a, 0, 1), PlannedHop(b, 1, 2)), costs)
        - of[a.peer].from_client
        - of[b.peer].to_client
        - of[a.peer].layer
        - of[b.peer].layer
        for a in servers
        for b in servers
    }
    ways = {s: of[s.peer].from_client + of[s.peer].layer for s in servers if s.start == 0}
    for layer in range(1, n_layers):
        ways = {
            b: of[b.peer].layer + min(cost + (0.0 if a == b else links[a, b]) for a, cost in ways.items())
            for b in servers
            if b.start <= layer < b.end
        }
    return min(cost + of[record.peer].to_client for record, cost in ways.items())


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("longest", [3, 12])
def test_nothing_is_lost_by_looking_at_few(seed: int, longest: int) -> None:
    rng = random.Random(seed)
    servers = [server(0, 0, 12, n_layers=12), *large_swarm(rng, 3 * FEW, 12, longest)[1:]]
    costs = large_costs(rng, servers)
    chain = plan_chain(servers, 0, 12, costs)
    assert chain is not None
    assert chain_seconds(chain, costs) == pytest.approx(cheapest_seconds(servers, 12, costs), abs=1e-7)


def test_of_nodes_that_are_alike_the_same_few_are_looked_at_first_at_each_layer() -> None:
    few = lowest(np.zeros((N, 10 * FEW)), FEW)
    assert (few.sum(axis=1) == FEW).all()
    assert (few == few[0]).all()


def test_the_only_chain_among_many_servers_is_found() -> None:
    """It leads over servers that look worst."""
    rng = random.Random(3)
    crowd = [server(number, 0, 5) for number in range(2, 4 * FEW)]
    costs = large_costs(rng, [*crowd, server(0, 0, 6), server(1, 6, 8)])
    worst = ServerCosts(5.0, 5.0, 5.0, 5.0, 5.0, 9.0, 9.0, 9.0)
    only_way = Costs({**costs.of, A: worst, B: worst})
    chain = plan_chain([*crowd, server(0, 5, 6), server(1, 6, 8)], 0, N, only_way)
    assert chain is not None
    assert outline(chain)[-2:] == [(A, 5, 6), (B, 6, 8)]


# --- what is covered


@pytest.mark.parametrize(
    ("servers", "ranges"),
    [
        ([], ()),
        ([server(0, 2, 4)], ((2, 4),)),
        ([server(0, 2, 4), server(1, 4, 6)], ((2, 6),)),
        ([server(0, 0, 6), server(1, 2, 4)], ((0, 6),)),
        ([server(0, 5, 6), server(1, 0, 3), server(2, 2, 4)], ((0, 4), (5, 6))),
        ([server(0, 0, 8, state=ServerState.DRAINING), server(1, 2, 4)], ((2, 4),)),
    ],
)
def test_covered(servers: list[SpanRecord], ranges: tuple[tuple[int, int], ...]) -> None:
    assert covered(servers) == ranges


@pytest.mark.parametrize(
    ("ranges", "span", "missing"),
    [
        ((), (0, 8), ((0, 8),)),
        (((0, 8),), (0, 8), ()),
        (((2, 4),), (0, 8), ((0, 2), (4, 8))),
        (((2, 4),), (2, 4), ()),
        (((2, 4),), (3, 6), ((4, 6),)),
        (((5, 8),), (0, 4), ((0, 4),)),
        (((0, 2), (3, 4)), (1, 8), ((2, 3), (4, 8))),
    ],
)
def test_gaps(ranges, span, missing) -> None:
    assert gaps(ranges, *span) == missing


@given(st.lists(spans, max_size=5), spans)
def test_gaps_are_the_layers_that_nobody_covers(served: list[tuple[int, int]], span: tuple[int, int]) -> None:
    servers = [server(i, a, b) for i, (a, b) in enumerate(served)]
    open_layers = [layer for a, b in gaps(covered(servers), *span) for layer in range(a, b)]
    assert open_layers == [layer for layer in range(*span) if not any(a <= layer < b for a, b in served)]
