"""Chains of servers: tables, and what a search through all chains would find."""

import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.layer_ranges import gaps
from engine.route.plan import LAYER_SECONDS, LINK_SECONDS, PlannedHop, covered, plan_chain
from engine.wire.records import PROTOCOL_VERSION, ServerState, SpanRecord

N = 8


def server(
    number: int,
    start: int,
    end: int,
    *,
    step_seconds: float = 0.0,
    queue_depth: int = 0,
    state: ServerState = ServerState.ONLINE,
    protocol: int = PROTOCOL_VERSION,
    n_layers: int = N,
) -> SpanRecord:
    return SpanRecord(
        peer=peer(number),
        model="0f" * 32,
        model_name="tiny",
        start=start,
        end=end,
        n_layers=n_layers,
        state=state,
        protocol=protocol,
        step_seconds=step_seconds,
        queue_depth=queue_depth,
        expires=0,
    )


def peer(number: int) -> str:
    return "Qm" + "abcdefghijkmnopqrstuvwxyz"[number % 25] * (20 + number // 25)


def outline(chain: tuple[PlannedHop, ...] | None) -> list[tuple[str, int, int]] | None:
    return None if chain is None else [(hop.server.peer, hop.start, hop.end) for hop in chain]


A, B, C = peer(0), peer(1), peer(2)


@pytest.mark.parametrize(
    ("servers", "span", "expected"),
    [
        ([], (0, N), None),
        ([server(0, 0, N)], (0, N), [(A, 0, 8)]),
        ([server(0, 0, N)], (2, 5), [(A, 2, 5)]),
        ([server(0, 0, 4)], (0, N), None),
        ([server(0, 4, 8)], (0, N), None),
        ([server(0, 0, 3), server(1, 4, 8)], (0, N), None),  # layer 3 is nobody's
        ([server(0, 0, 4), server(1, 4, 8)], (0, N), [(A, 0, 4), (B, 4, 8)]),
        ([server(1, 4, 8), server(0, 0, 4)], (0, N), [(A, 0, 4), (B, 4, 8)]),
        ([server(0, 0, 4), server(1, 4, 8), server(2, 0, 8)], (0, N), [(C, 0, 8)]),  # one hop less
        ([server(0, 0, 8, step_seconds=4), server(1, 0, 8, step_seconds=2)], (0, N), [(B, 0, 8)]),
        (
            [server(0, 0, 8, step_seconds=2, queue_depth=3), server(1, 0, 8, step_seconds=4)],
            (0, N),
            [(B, 0, 8)],
        ),
        (  # the faster one takes all that it has
            [server(0, 0, 6, step_seconds=6), server(1, 3, 8, step_seconds=0.5)],
            (0, N),
            [(A, 0, 3), (B, 3, 8)],
        ),
        (
            [server(0, 0, 6, step_seconds=0.6), server(1, 3, 8, step_seconds=5)],
            (0, N),
            [(A, 0, 6), (B, 6, 8)],
        ),
        (  # a detour is worth its two links when the middle is slow
            [server(0, 0, 8, step_seconds=8), server(1, 2, 6, step_seconds=0.04)],
            (0, N),
            [(A, 0, 2), (B, 2, 6), (A, 6, 8)],
        ),
        ([server(0, 0, 8, state=ServerState.DRAINING)], (0, N), None),
        ([server(0, 0, 8, state=ServerState.JOINING)], (0, N), None),
        ([server(0, 0, 8, state=ServerState.OFFLINE)], (0, N), None),
        ([server(0, 0, 8, protocol=PROTOCOL_VERSION + 1)], (0, N), None),
        ([server(0, 0, 8, state=ServerState.DRAINING), server(1, 0, 8, step_seconds=9)], (0, N), [(B, 0, 8)]),
    ],
)
def test_plan_chain(servers, span, expected) -> None:
    assert outline(plan_chain(servers, *span)) == expected


def test_doubt_counts_once_for_each_hop() -> None:
    servers = [server(0, 0, 8), server(1, 0, 8, step_seconds=1)]
    assert outline(plan_chain(servers, 0, N, doubt={A: 0.9})) == [(A, 0, 8)]
    assert outline(plan_chain(servers, 0, N, doubt={A: 1.1})) == [(B, 0, 8)]
    assert outline(plan_chain(servers[:1], 0, N, doubt={A: 1000.0})) == [(A, 0, 8)]


# --- against a search through all chains

spans = st.tuples(st.integers(0, N - 1), st.integers(1, N)).filter(lambda span: span[0] < span[1])
swarms = st.lists(
    st.builds(
        lambda span, **rest: (span, rest),
        spans,
        step_seconds=st.sampled_from([0.0, 0.001, 0.01, 0.5]),
        queue_depth=st.integers(0, 3),
        state=st.sampled_from([ServerState.ONLINE] * 5 + [ServerState.DRAINING, ServerState.JOINING]),
        protocol=st.sampled_from([PROTOCOL_VERSION] * 5 + [PROTOCOL_VERSION + 1]),
    ),
    max_size=5,
).map(lambda made: [server(number, *span, **rest) for number, (span, rest) in enumerate(made)])


def all_chains(servers: list[SpanRecord], start: int, end: int) -> Iterator[tuple[PlannedHop, ...]]:
    if start == end:
        yield ()
    for record in servers:
        if record.usable and record.start <= start < record.end:
            for border in range(start + 1, min(record.end, end) + 1):
                for rest in all_chains(servers, border, end):
                    yield (PlannedHop(record, start, border), *rest)


def seconds(chain: tuple[PlannedHop, ...], doubt: dict[str, float]) -> float:
    """As the planner's docstring says."""
    total = 0.0
    for hop in chain:
        of_span = hop.server.step_seconds / (hop.server.end - hop.server.start)
        of_layer = (of_span or LAYER_SECONDS) * (1 + hop.server.queue_depth)
        total += LINK_SECONDS + doubt.get(hop.server.peer, 0.0) + of_layer * (hop.end - hop.start)
    return total


@given(
    swarms,
    st.tuples(st.integers(0, 3), st.integers(4, 6)),
    st.sampled_from([{}, {A: 0.1}, {A: 0.003, B: 1.0}]),
)
def test_a_chain_is_found_whenever_there_is_one_and_none_is_cheaper(
    servers: list[SpanRecord], span: tuple[int, int], doubt: dict[str, float]
) -> None:
    chain = plan_chain(servers, *span, doubt)
    cheapest = min((seconds(other, doubt) for other in all_chains(servers, *span)), default=None)
    assert (chain is None) == (cheapest is None)
    if chain is not None:
        assert seconds(chain, doubt) == pytest.approx(cheapest, abs=1e-6)


@given(swarms)
def test_a_chain_covers_its_layers_without_gaps_by_usable_servers(servers: list[SpanRecord]) -> None:
    chain = plan_chain(servers, 0, N)
    if chain is None:
        assert gaps(covered(servers), 0, N)
        return
    assert gaps(covered(servers), 0, N) == ()
    assert [chain[0].start, *[hop.end for hop in chain]] == [*[hop.start for hop in chain], N]
    for hop in chain:
        assert hop.server.usable
        assert hop.server.start <= hop.start < hop.end <= hop.server.end
    assert all(one.server != other.server for one, other in pairwise(chain))


def test_a_large_swarm_is_planned_in_no_time() -> None:
    """Two hundred servers of eighty layers: far below what a token takes."""
    servers = [server(i, i % 71, i % 71 + 10, step_seconds=0.01 * (i % 7), n_layers=80) for i in range(200)]
    took = []
    for _ in range(5):
        started = time.perf_counter()
        assert plan_chain(servers, 0, 80) is not None
        took.append(time.perf_counter() - started)
    assert min(took) < 0.05


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
