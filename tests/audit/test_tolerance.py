"""What honest differences look like, and what is beyond them."""

import numpy as np
import pytest
import torch

from engine.audit.tolerance import Rows, agrees, bounds_of, difference
from tests.audit.spans import FAMILIES, PRECISIONS, computed, lively_model
from tests.tiny_models import N_LAYERS, some_states

TOKENS = 48
TOOK: Rows = some_states(TOKENS).numpy()


def honest(model: torch.nn.Module, precision: str, chunk: int = TOKENS) -> Rows:
    return computed(model, precision, some_states(TOKENS), chunk)


def agree(a: Rows, b: Rows, *precisions: str) -> bool:
    return agrees(difference(TOOK, a, b), bounds_of(precisions, N_LAYERS))


@pytest.mark.parametrize("family", FAMILIES)
def test_honest_differences_never_trip(family: str) -> None:
    for seed in range(3):
        model = lively_model(family, seed)
        results = [("float32", honest(model, "float32", chunk)) for chunk in (TOKENS, 7, 1)]
        results += [(precision, honest(model, precision)) for precision in PRECISIONS]
        for mine, ours in results:
            assert all(agree(ours, theirs, mine, other) for other, theirs in results), (mine, seed)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_coarser_precision_than_announced_trips(family: str) -> None:
    model = lively_model(family)
    true = honest(model, "float32")
    for precision in ("bfloat16", "float16"):
        assert not agree(true, honest(model, precision), "float32", "float32"), precision


LIES = {
    "random": lambda rows: rows[:, ::-1] * np.float32(-1),
    "scaled": lambda rows: rows * np.float32(1.02),
    "zeros": np.zeros_like,
    "what came in": lambda rows: TOOK,
    "the tokens before": lambda rows: np.roll(rows, 1, axis=0),
    "a tenth random": lambda rows: np.where(np.arange(len(rows))[:, None] % 10 == 0, rows[:, ::-1], rows),
}


@pytest.mark.parametrize("announced", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("lie", LIES)
def test_wrong_results_trip(lie: str, announced: str) -> None:
    model = lively_model("llama")
    true, served = honest(model, "float32"), honest(model, announced)
    assert agree(true, served, "float32", announced)
    assert not agree(true, LIES[lie](served), "float32", announced)


@pytest.mark.parametrize("announced", ["float32", "float16", "bfloat16", "int8", "nf4"])
def test_other_weights_trip(announced: str) -> None:
    true, other = (honest(lively_model("llama", seed), "float32") for seed in (0, 1))
    assert not agree(true, other, "float32", announced)


def test_an_unknown_precision_hides_no_more_than_the_coarsest_one() -> None:
    assert bounds_of(["float32", "a word"], 7) == bounds_of(["nf4", "float32"], 7)
    assert not agree(honest(lively_model("llama"), "float32"), TOOK, "a word", "nf4")


def test_one_odd_token_is_nobodys_lie() -> None:
    true = honest(lively_model("llama"), "float32")
    odd = true.copy()
    odd[5] *= -1
    assert agree(true, odd, "float32", "float32")
    odd[9] *= -1
    assert not agree(true, odd, "float32", "float32")


def test_zeros_differ_from_anything_but_zeros() -> None:
    zeros, ones = np.zeros_like(TOOK), np.ones_like(TOOK)
    assert agree(zeros, zeros, "float32", "float32")
    assert not agree(zeros, ones, "nf4", "nf4")
    assert not agree(ones, zeros, "nf4", "nf4")
