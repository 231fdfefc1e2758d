"""The clock of a line, without any clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.emulation.lane import (
    BACKLOG_SECONDS,
    LARGEST_CHUNK,
    SMALLEST_CHUNK,
    Conditions,
    Lane,
    chunk_bytes,
)

SLOW = Conditions(delay_seconds=0.1, bytes_per_s=1000.0)


def test_a_perfect_line_brings_bytes_at_once():
    lane = Lane()
    assert lane.arrival(10**9, 5.0, Conditions()) == 5.0
    assert lane.seconds_to_room(5.0) == 0.0


def test_bytes_take_their_time_to_go_in_and_then_the_delay():
    assert Lane().arrival(500, 5.0, SLOW) == pytest.approx(5.0 + 0.5 + 0.1)


def test_bytes_wait_for_those_before_them_and_not_for_the_delay():
    lane = Lane()
    lane.arrival(500, 5.0, SLOW)
    assert lane.arrival(100, 5.0, SLOW) == pytest.approx(5.0 + 0.5 + 0.1 + 0.1)
    assert lane.arrival(100, 9.0, SLOW) == pytest.approx(9.0 + 0.1 + 0.1)


def test_a_sender_is_held_up_by_what_waits_at_the_entrance():
    lane = Lane()
    lane.arrival(1000, 5.0, SLOW)
    assert lane.seconds_to_room(5.0) == pytest.approx(1.0 - BACKLOG_SECONDS)
    assert lane.seconds_to_room(6.0) == 0.0


def test_what_is_under_way_when_a_line_gets_better_is_not_overtaken():
    lane = Lane()
    late = lane.arrival(500, 5.0, SLOW)
    assert lane.arrival(1, 5.0, Conditions()) >= late


@given(
    st.lists(st.tuples(st.integers(1, 10**5), st.floats(0, 1)), min_size=1, max_size=30),
    st.floats(0, 0.5),
    st.floats(0, 0.5),
    st.floats(1e3, 1e7),
    st.integers(0, 9),
)
def test_order_delay_and_rate_are_kept(chunks, delay, jitter, rate, seed):
    lane = Lane(seed)
    conditions = Conditions(delay, jitter, rate)
    now = before = total = 0.0
    for nbytes, pause in chunks:
        now += pause
        arrival = lane.arrival(nbytes, now, conditions)
        total += nbytes
        assert arrival >= before
        assert arrival >= now + delay + nbytes / rate - 1e-6
        assert arrival >= delay + total / rate - 1e-6
        before = arrival
    assert lane.bytes == total


def test_the_same_seed_gives_the_same_jitter_and_another_seed_another():
    shaky = Conditions(jitter_seconds=1.0)

    def arrivals(seed: int) -> list[float]:
        lane = Lane(seed)
        return [lane.arrival(1, now * 10.0, shaky) for now in range(5)]

    assert arrivals(1) == arrivals(1) != arrivals(2)


@pytest.mark.parametrize(
    ("rate", "expected"), [(None, LARGEST_CHUNK), (1.0, SMALLEST_CHUNK), (1e5, 2000), (1e9, LARGEST_CHUNK)]
)
def test_little_is_read_at_a_time_from_a_slow_line(rate, expected):
    assert chunk_bytes(Conditions(bytes_per_s=rate)) == expected
