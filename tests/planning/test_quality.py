"""What plans think of precisions agrees with what they do to the starter model's words."""

from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.planning.quality import quality, sensitivity
from engine.precision import PRECISIONS
from tests.bench.precision import TEXT, Reading, mixtures
from tests.tiny_models import one_torch_thread

__all__ = ["one_torch_thread"]

TOKENS = 256
MEASURED = ("float32", "int8", "nf4, ends in float32", "nf4")  # the best first


@pytest.mark.starter
def test_measured_quality_is_in_the_order_that_plans_prefer(starter_store) -> None:
    reading = Reading(*starter_store, TEXT.read_text(), TOKENS)
    mixes = [mixtures(reading.manifest.n_layers)[name] for name in MEASURED]
    measured = [exp(-reading.divergence(mix)) for mix in mixes]
    expected = [quality(mix, len(mix)) for mix in mixes]
    assert measured == sorted(measured, reverse=True)
    assert expected == sorted(expected, reverse=True)
    assert measured == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize("n_layers", [1, 2, 7, 30, 80])
def test_layers_share_what_is_lost(n_layers: int) -> None:
    assert sum(sensitivity(layer, n_layers) for layer in range(n_layers)) == pytest.approx(1)


@given(st.lists(st.sampled_from(PRECISIONS), min_size=1, max_size=80), st.data())
def test_more_bits_are_never_worse(precisions, data) -> None:
    before = quality(precisions, len(precisions))
    assert 0 < before <= 1
    at = data.draw(st.integers(0, len(precisions) - 1))
    finer = data.draw(st.sampled_from(PRECISIONS[PRECISIONS.index(precisions[at]) :]))
    assert quality([*precisions[:at], finer, *precisions[at + 1 :]], len(precisions)) >= before


@given(st.lists(st.sampled_from(PRECISIONS), min_size=2, max_size=40), st.data())
def test_spans_multiply_to_the_whole_model(precisions, data) -> None:
    cut, n = data.draw(st.integers(1, len(precisions) - 1)), len(precisions)
    parts = quality(precisions[:cut], n) * quality(precisions[cut:], n, start=cut)
    assert parts == pytest.approx(quality(precisions, n))


def test_nothing_is_lost_in_float32() -> None:
    assert quality(["float32"] * 12, 12) == 1
