"""How many ranges hold each layer: against counting one by one."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.api.schema import ModelInfo
from engine.layer_ranges import depth_of

RANGES = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=8)


@given(ranges=RANGES, n_layers=st.integers(1, 10))
def test_depth_is_what_counting_gives(ranges: list[tuple[int, int]], n_layers: int):
    runs = depth_of(ranges, n_layers)
    counted = [sum(a <= layer < b for a, b in ranges) for layer in range(n_layers)]
    assert [depth for start, end, depth in runs for _ in range(start, end)] == counted
    assert all(one[1] == other[0] and one[2] != other[2] for one, other in pairwise(runs))


def test_the_thinnest_layer_counts():
    model = ModelInfo(name="m", digest="d", n_layers=4, context=1, local=False)
    assert model.thinnest == 0
    assert model.model_copy(update={"depth": depth_of([(0, 4), (0, 3)], 4)}).thinnest == 1
