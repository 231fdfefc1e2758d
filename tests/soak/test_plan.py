"""The schedule of a soak, from its seed alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.soak.plan import CALM_SECONDS, NATURES, Event, Kind, schedule, spans_for, uncovered

N_LAYERS = 30
SPANS = spans_for(N_LAYERS, 4)
HALF_HOUR = 1800.0


def is_gone(event: Event, at: float) -> bool:
    return NATURES[event.kind].takes_server and event.at <= at < event.over_at


def left_without(events: tuple[Event, ...], at: float) -> frozenset[int]:
    """Layers that nobody serves at that time, as far as the plan knows."""
    gone = {event.slot for event in events if is_gone(event, at)}
    return uncovered([span for slot, span in enumerate(SPANS) if slot not in gone], N_LAYERS)


@pytest.mark.parametrize("servers", range(3, 9))
@pytest.mark.parametrize("n_layers", [3, 7, 30, 80])
def test_a_chain_is_left_whichever_server_is_taken_away(servers, n_layers):
    spans = spans_for(n_layers, servers)
    assert len(spans) == servers
    for slot in range(servers):
        assert not uncovered(spans[:slot] + spans[slot + 1 :], n_layers)


def test_the_seed_says_what_happens():
    assert schedule(5, 600, SPANS, N_LAYERS) == schedule(5, 600, SPANS, N_LAYERS)
    assert schedule(5, 600, SPANS, N_LAYERS) != schedule(6, 600, SPANS, N_LAYERS)


@given(st.integers(0, 10**9), st.floats(20, 900))
@settings(max_examples=40, deadline=None)
def test_events_are_in_order_one_at_a_time_for_each_server_and_over_before_the_end(seed, seconds):
    over_at = dict.fromkeys(range(len(SPANS)), 0.0)
    before = 0.0
    for event in schedule(seed, seconds, SPANS, N_LAYERS):
        assert before <= event.at >= over_at[event.slot]
        assert event.at + event.lasts <= seconds - CALM_SECONDS
        before, over_at[event.slot] = event.at, event.over_at


@given(st.integers(0, 10**9))
@settings(max_examples=40, deadline=None)
def test_one_server_lives_from_the_beginning_to_the_end(seed):
    ended = {event.slot for event in schedule(seed, 900, SPANS, N_LAYERS) if NATURES[event.kind].ends_server}
    assert seed % len(SPANS) not in ended


def test_in_half_an_hour_everything_happens_and_now_and_then_a_layer_is_gone():
    events = schedule(1, HALF_HOUR, SPANS, N_LAYERS)
    assert {event.kind for event in events} == set(Kind)
    seconds = [at for at in range(int(HALF_HOUR)) if left_without(events, at)]
    assert 0 < len(seconds) < 0.15 * HALF_HOUR
