"""The order in which layers are fetched ahead of need."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.supply.prefetch import next_layers, redundancy


@pytest.mark.parametrize(
    ("spans", "own", "held", "expected"),
    [
        ([(0, 2)], (0, 2), {0, 1}, [2, 3, 4, 5]),  # nobody serves the rest: the nearest first
        ([(0, 2), (2, 4)], (0, 2), {0, 1}, [4, 5, 2, 3]),  # what nobody serves before what one serves
        ([(2, 4), (0, 6)], (2, 4), {2, 3}, [1, 4, 0, 5]),  # equally served: the nearest on either side
        ([(0, 6)], (0, 6), set(range(6)), []),  # all is here
        ([(0, 6), (3, 6)], (3, 6), {0, 3, 4, 5}, [2, 1]),  # what is here already is not fetched
    ],
)
def test_order(spans, own, held, expected):
    assert next_layers(spans, own, held, 6) == expected


ranges = st.tuples(st.integers(-2, 12), st.integers(-2, 12))


@given(st.lists(ranges, max_size=8), st.sets(st.integers(0, 9)))
def test_every_layer_that_lacks_comes_once_and_thin_ones_first(spans, held):
    order = next_layers(spans, (0, 1), held, 10)
    assert sorted(order) == [layer for layer in range(10) if layer not in held]
    counts = [redundancy(spans, 10)[layer] for layer in order]
    assert counts == sorted(counts)
