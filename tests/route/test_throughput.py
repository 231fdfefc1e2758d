"""Batch work is spread over servers in proportion to what they can take."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.layer_ranges import gaps
from engine.route.costs import Costs, unmeasured
from engine.route.plan import PlannedHop, covered
from engine.route.throughput import choose_for_throughput
from engine.wire.records import ServerState, SpanRecord
from tests.route.records import A, B, C, N, server

Outline = tuple[tuple[str, int, int], ...]


def draws(servers: Sequence[SpanRecord], costs: Costs, times: int = 2000) -> dict[Outline, float]:
    """The share of each chain."""
    random = Random(1)
    chains = [choose_for_throughput(servers, 0, N, costs, random) for _ in range(times)]
    counts = Counter(outline(chain) for chain in chains)
    return {chain: count / times for chain, count in counts.items()}


def outline(chain: tuple[PlannedHop, ...] | None) -> Outline:
    assert chain is not None
    return tuple((hop.server.peer, hop.start, hop.end) for hop in chain)


def with_rates(servers: Sequence[SpanRecord], *rates: float) -> Costs:
    rate_of = {record.peer: rate for record, rate in zip(servers, rates, strict=True)}
    return Costs(unmeasured(servers).of, tokens_per_s=rate_of)


def test_servers_are_drawn_in_proportion_to_their_throughput() -> None:
    servers = [server(0), server(1), server(2)]
    shares = draws(servers, with_rates(servers, 10, 30, 60))
    expected = {((A, 0, 8),): 0.1, ((B, 0, 8),): 0.3, ((C, 0, 8),): 0.6}
    assert shares == pytest.approx(expected, abs=0.04)


def test_each_part_of_the_way_is_drawn_by_itself() -> None:
    servers = [server(0, 0, 8), server(1, 0, 4), server(2, 2, 8)]
    shares = draws(servers, with_rates(servers, 10, 10, 30))
    expected = {
        ((A, 0, 8),): 1 / 2,
        ((B, 0, 4), (A, 4, 8)): 1 / 2 * 1 / 4,
        ((B, 0, 4), (C, 4, 8)): 1 / 2 * 3 / 4,
    }
    assert shares == pytest.approx(expected, abs=0.04)


def test_servers_without_costs_and_those_that_leave_get_nothing() -> None:
    servers = [server(0), server(1, state=ServerState.DRAINING), server(2)]
    costs = unmeasured(servers[1:])
    assert draws(servers, costs, times=50) == {((C, 0, 8),): 1.0}


spans = st.tuples(st.integers(0, N - 1), st.integers(1, N)).filter(lambda span: span[0] < span[1])


@given(st.lists(spans, max_size=6), st.randoms(use_true_random=False), st.integers(0, 100))
def test_a_chain_is_drawn_whenever_there_is_one_and_it_is_whole(
    served: list[tuple[int, int]], rng: Random, seed: int
) -> None:
    servers = [server(number, *span) for number, span in enumerate(served)]
    costs = unmeasured(servers)
    chain = choose_for_throughput(servers, 1, N, costs, Random(seed))
    assert (chain is None) == bool(gaps(covered(servers), 1, N))
    if chain is not None:
        assert (chain[0].start, chain[-1].end) == (1, N)
        assert all(one.end == other.start for one, other in pairwise(chain))
        assert all(hop.server.start <= hop.start < hop.end <= hop.server.end for hop in chain)
    shuffled = rng.sample(servers, len(servers))
    assert choose_for_throughput(shuffled, 1, N, costs, Random(seed)) == chain
