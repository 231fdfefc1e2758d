"""What hops cost, and what holes do."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.placement.choice import prospects, ranked
from engine.placement.need import gains
from engine.placement.spans import Floats
from tests.placement.swarms import model, offer, server, swarm

CROWD = 40  # servers of a model: one more holder of a layer makes it no safer
RATES = st.floats(1.0, 1e5)


def worth_by_layers(n_layers: int, longest: int, rate: float) -> Floats:
    """`[layers - 1]`: of spans of so many layers, where all layers are served alike."""
    view = model(n_layers, *(server(0, n_layers, rate) for _ in range(CROWD)))
    need = prospects(swarm(view), [offer(n_layers, longest, rate)])["M"].need
    layers = np.arange(1, n_layers + 1)
    return gains(need, np.zeros_like(layers), layers, rate, 1.0)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 48), st.data(), RATES)
def test_each_layer_more_spares_chats_a_part_of_a_hop(
    n_layers: int, data: st.DataObject, rate: float
) -> None:
    longest = data.draw(st.integers(2, n_layers))
    worth = worth_by_layers(n_layers, longest, rate)
    assert (np.diff(worth[:longest]) > 0).all()
    assert worth[longest - 1 :] == pytest.approx(worth[-1])  # nobody asks for more than fits


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 48), RATES)
def test_hops_count_less_next_to_slow_computing(n_layers: int, rate: float) -> None:
    quick, slow = (worth_by_layers(n_layers, n_layers, speed) for speed in (2 * rate, rate))
    assert quick[0] / quick[-1] < slow[0] / slow[-1] < 1


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 48), st.data(), RATES)
def test_no_span_is_shorter_than_it_could_be_where_that_gains_nothing(
    n_layers: int, data: st.DataObject, rate: float
) -> None:
    """However little of it is in the store, if what lacks is here at once."""
    longest = data.draw(st.integers(2, n_layers))
    held = range(data.draw(st.integers(0, longest - 1)))
    view = model(n_layers, *(server(0, n_layers, rate) for _ in range(CROWD)))
    best = ranked(swarm(view), [offer(n_layers, longest, rate, held=held, bytes_per_s=1e15)])[0]
    assert best.end - best.start == longest


def test_weak_layers_are_worth_hops() -> None:
    strong = [server(start, start + 8, 1000) for start in (0, 8, 16) for _ in range(3)]
    view = model(32, *strong, server(24, 32, 1000))
    long_among_strong = tuple(24 - start for start in range(24)) + (2,) * 7 + (1,)
    best = ranked(swarm(view), [replace(offer(32, 24, 1000), longest=long_among_strong)])[0]
    assert best.start >= 24


def test_a_hole_is_not_closed_with_fewer_layers_for_better_answers() -> None:
    view = model(16, server(0, 4, 100), server(6, 16, 100))
    held = range(16)
    fine, coarse = offer(16, 2, 100, held=held), offer(16, 8, 100, held=held, quality=0.95)
    best = ranked(swarm(view), [fine, coarse])[0]
    assert best.offer == coarse
    assert set(range(best.start, best.end)) > {4, 5}
