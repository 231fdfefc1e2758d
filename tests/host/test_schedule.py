"""Which steps run next, and how long a tick waits: tables and properties."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.host.schedule import (
    EXPECTED_TICKS,
    MAX_PADDED_TOKENS,
    MAX_TEXTS_TOKENS,
    PATIENCE,
    Pace,
    Waiting,
    next_tick,
    seconds_to_wait,
)

ALL, HALF = (0, 8), (0, 4)


def decode(session: int, arrived: float, layers: tuple[int, int] = ALL) -> Waiting:
    return Waiting(session, 1, layers, arrived)


def prefill(session: int, arrived: float, layers: tuple[int, int] = ALL) -> Waiting:
    return Waiting(session, 7, layers, arrived)


def placed(session: int, arrived: float, axes: int) -> Waiting:
    return Waiting(session, 1, ALL, arrived, axes=axes)


def alone(session: int, arrived: float) -> Waiting:
    return Waiting(session, 1, ALL, arrived, alone=True)


def prompt(session: int, arrived: float, held: bool = False) -> Waiting:
    return Waiting(session, 256, ALL, arrived, prompt=True, held=held)


def whole(session: int, arrived: float, tokens: int = 7, layers: tuple[int, int] = ALL) -> Waiting:
    return Waiting(session, tokens, layers, arrived, whole=True)


@pytest.mark.parametrize(
    ("waiting", "max_rows", "forwards"),
    [
        ([], 8, ()),
        ([decode(1, 0.0)], 8, ((1,),)),
        ([decode(2, 0.1), decode(1, 0.0)], 8, ((1, 2),)),
        ([decode(1, 0.0), decode(2, 0.1), decode(3, 0.2)], 2, ((1, 2),)),
        ([decode(1, 0.0), decode(2, 0.1), decode(3, 0.2)], 1, ((1,),)),
        ([decode(1, 0.0), decode(2, 0.1, HALF), decode(3, 0.2)], 8, ((1, 3),)),
        ([decode(1, 0.1), decode(2, 0.0, HALF), decode(3, 0.2)], 8, ((2,),)),
        ([prefill(1, 0.0)], 8, ((1,),)),
        ([prefill(1, 0.0), prefill(2, 0.1)], 8, ((1,),)),
        ([prefill(1, 0.0), decode(2, 0.1), decode(3, 0.2)], 8, ((2, 3), (1,))),
        ([prefill(1, 0.1), prefill(2, 0.0), decode(3, 0.2, HALF)], 8, ((3,), (2,))),
        ([placed(1, 0.0, 3), decode(2, 0.1), placed(3, 0.2, 1), placed(4, 0.3, 3)], 8, ((1, 2, 3, 4),)),
        ([placed(1, 0.0, 3), decode(2, 0.1), placed(3, 0.2, 4)], 8, ((1, 2),)),
        ([decode(2, 0.0), placed(3, 0.1, 4), placed(1, 0.2, 3)], 8, ((2, 3),)),
        ([alone(1, 0.0), decode(2, 0.1), decode(3, 0.2)], 8, ((2, 3), (1,))),
        ([alone(1, 0.1), prefill(2, 0.0), alone(3, 0.2)], 8, ((2,),)),
        ([prompt(1, 0.0), prompt(2, 0.1), decode(3, 0.2), prefill(4, 0.3)], 8, ((3,), (4,), (1,))),
        ([prompt(1, 0.0, held=True)], 8, ()),
        ([prompt(1, 0.0, held=True), prompt(2, 0.1)], 8, ((2,),)),
        ([prompt(1, 0.0, held=True), decode(2, 0.1)], 8, ((2,), (1,))),  # its turn may come behind it
        ([prompt(1, 0.0, held=True), prefill(2, 0.1)], 8, ((2,), (1,))),
        ([whole(1, 0.0), whole(2, 0.1), whole(3, 0.2, 5), whole(4, 0.3, layers=HALF)], 8, ((1, 2),)),
        ([whole(1, 0.0), whole(2, 0.1), whole(3, 0.2)], 2, ((1, 2),)),
        ([whole(1, 0.0, 1), whole(2, 0.1, 1)], 8, ((1, 2),)),
        ([whole(n, 0.1 * n, MAX_TEXTS_TOKENS // 2) for n in range(3)], 8, ((0, 1),)),
        ([whole(n, 0.1 * n, 2 * MAX_TEXTS_TOKENS) for n in range(3)], 8, ((0,),)),
    ],
)
def test_next_tick(waiting: list[Waiting], max_rows: int, forwards: tuple[tuple[int, ...], ...]) -> None:
    assert next_tick(waiting, max_rows).forwards == forwards


steps = st.builds(
    Waiting,
    session=st.integers(0, 99),
    tokens=st.sampled_from([1, 1, 1, 2, 256]),
    layers=st.sampled_from([(0, 8), (0, 4), (4, 8)]),
    arrived=st.floats(0, 10),
)
queues = st.lists(steps, max_size=20, unique_by=lambda step: step.session)


@given(queues, st.integers(1, 6))
def test_a_tick_is_sound(waiting: list[Waiting], max_rows: int) -> None:
    by_session = {step.session: step for step in waiting}
    forwards = next_tick(waiting, max_rows).forwards
    run = [session for forward in forwards for session in forward]
    assert len(run) == len(set(run))
    assert set(run) <= set(by_session)
    for forward in forwards:
        assert 1 <= len(forward) <= max_rows
        together = [by_session[session] for session in forward]
        assert len({step.layers for step in together}) == 1
        assert len(together) == 1 or all(step.is_decode for step in together)
    assert sum(not by_session[forward[0]].is_decode for forward in forwards) <= 1
    assert bool(forwards) == bool(waiting)


@given(queues, st.integers(1, 6))
def test_decodes_of_equal_layers_share_a_forward(waiting: list[Waiting], max_rows: int) -> None:
    by_session = {step.session: step for step in waiting}
    for forward in next_tick(waiting, max_rows).forwards:
        first = by_session[forward[0]]
        if first.is_decode:
            alike = sum(step.is_decode and step.layers == first.layers for step in waiting)
            assert len(forward) == min(alike, max_rows)


@given(queues, st.integers(1, 6))
def test_decodes_run_before_the_tick_s_one_prefill(waiting: list[Waiting], max_rows: int) -> None:
    tokens = {step.session: step.tokens for step in waiting}
    kinds = [tokens[forward[0]] == 1 for forward in next_tick(waiting, max_rows).forwards]
    assert kinds in ([], [True], [False], [True, False])


@given(queues, st.integers(1, 6))
def test_every_step_is_run_within_as_many_ticks_as_there_are_steps(
    waiting: list[Waiting], max_rows: int
) -> None:
    """Also while every session whose step has run comes back at once with another."""
    unserved, queue, now = {step.session for step in waiting}, list(waiting), 10.0
    for _ in waiting:
        run = {session for forward in next_tick(queue, max_rows).forwards for session in forward}
        unserved -= run
        now += 1
        queue = [
            Waiting(step.session, step.tokens, step.layers, now) if step.session in run else step
            for step in queue
        ]
    assert not unserved


@given(st.integers(1, 30), st.integers(1, 30))
def test_prefills_never_delay_decodes_by_more_than_a_chunk(prefills: int, decodes: int) -> None:
    """However many prefills wait: between two decode forwards at most one prefill forward runs."""
    waiting = [prefill(i, 0.0) for i in range(prefills)] + [decode(100 + i, 1.0) for i in range(decodes)]
    history: list[str] = []
    chunks_left = defaultdict(lambda: 3)
    for tick in range(12):
        for forward in next_tick(waiting, max_rows=64).forwards:
            history.append("decode" if forward[0] >= 100 else "prefill")
            if forward[0] < 100:
                chunks_left[forward[0]] -= 1
        waiting = [
            Waiting(step.session, step.tokens, step.layers, 2.0 + tick)
            for step in waiting
            if step.is_decode or chunks_left[step.session] > 0
        ]
    assert "prefill,prefill" not in ",".join(history)
    assert history.count("decode") == 12


# --- patience

TICK = 0.1


def pace(**last_output: float) -> Pace:
    return Pace({int(name[1:]): at for name, at in last_output.items()}, TICK)


@pytest.mark.parametrize(
    ("waiting", "seen", "now", "seconds"),
    [
        ([], pace(s1=1.0), 1.0, 0.0),
        ([decode(1, 1.0)], pace(), 1.0, 0.0),  # nobody else is expected
        ([decode(1, 1.0)], pace(s1=1.0), 1.0, 0.0),
        ([decode(1, 1.0)], pace(s1=1.0, s2=1.0), 1.0, PATIENCE * TICK),
        ([decode(1, 1.0)], pace(s1=1.0, s2=1.0), 1.02, PATIENCE * TICK - 0.02),
        ([decode(1, 1.0)], pace(s1=1.0, s2=1.0), 1.03, 0.0),
        ([decode(1, 1.0)], pace(s2=1.0), 1.0 + EXPECTED_TICKS * TICK, 0.0),  # has given up
        ([decode(1, 1.0), decode(2, 1.0)], pace(s1=1.0, s2=1.0), 1.0, 0.0),  # all here
        ([decode(1, 1.0), prefill(3, 1.0)], pace(s1=1.0, s2=1.0), 1.0, 0.0),  # there is work meanwhile
        ([decode(1, 1.0), decode(3, 0.98)], pace(s2=1.0), 1.0, PATIENCE * TICK - 0.02),  # the oldest counts
        ([decode(1, 1.0), prompt(3, 0.5)], pace(s2=1.0), 1.0, 0.0),
        ([decode(1, 1.0), prompt(3, 0.5, held=True)], pace(s2=1.0), 1.0, PATIENCE * TICK),
        ([prompt(3, 0.5, held=True)], pace(s2=1.0), 1.0, 0.0),
    ],
)
def test_seconds_to_wait(waiting: list[Waiting], seen: Pace, now: float, seconds: float) -> None:
    assert seconds_to_wait(waiting, seen, now) == pytest.approx(seconds, abs=1e-9)


@given(
    queues,
    st.dictionaries(st.integers(0, 99), st.floats(0, 12)),
    st.floats(0, 2),
    st.floats(0, 12),
)
def test_the_wait_is_bounded(waiting: list[Waiting], last: dict[int, float], tick: float, now: float) -> None:
    seconds = seconds_to_wait(waiting, Pace(last, tick), now)
    assert seconds >= 0
    if waiting:
        oldest = min(step.arrived for step in waiting)
        assert seconds == 0 or now + seconds <= oldest + PATIENCE * tick + 1e-9
    else:
        assert seconds == 0


def test_a_long_session_does_not_make_all_short_ones_long() -> None:
    long = Waiting(0, 1, ALL, 0.0, length=8000)
    short = [Waiting(i, 1, ALL, float(i), length=50) for i in range(1, 40)]
    [first] = next_tick([long, *short], max_rows=64).forwards
    assert first[0] == 0
    assert 8001 * len(first) <= MAX_PADDED_TOKENS
    [without] = next_tick(short, max_rows=64).forwards
    assert len(without) == len(short)
