"""A model that reads several branches of a text at once gives what it would give for each of them."""

import pytest
import torch

from engine.model.branching import Reader, goes_back, masks_for_branches
from tests.tiny_models import tiny_model

TEXT = [7, 3, 9, 4, 8, 2, 6, 1, 5, 3]  # longer than the windows of these models


@pytest.mark.parametrize(
    "family", ["llama", "mistral", "gemma2", "gemma3_text", "gpt2", "opt", "deepseek_v3"]
)
def test_branches_are_read_apart(family: str) -> None:
    model = tiny_model(family)
    masks = masks_for_branches(model)
    assert masks is not None
    reader = Reader(model, masks)
    reader.read(TEXT)
    reader.look([(11,), (12,), (13,)])
    reader.look([(12, 20), (11, 21)])
    got = reader.look([(12, 20, 30), (11, 21, 30)])
    for path, scores in zip([(12, 20, 30), (11, 21, 30)], got, strict=True):
        torch.testing.assert_close(scores[None], Reader(model).read([*TEXT, *path]), rtol=1e-3, atol=1e-4)


def test_a_branch_that_comes_true_becomes_text() -> None:
    model = tiny_model("llama")
    reader = Reader(model, masks_for_branches(model))
    reader.read(TEXT)
    reader.look([(11,), (12,)])
    reader.look([(12, 20), (11, 21), (12, 22)])
    reader.go_on([*TEXT, 12])
    assert reader.tokens == [*TEXT, 12]
    got = reader.look([(22, 40)])
    torch.testing.assert_close(got, Reader(model).read([*TEXT, 12, 22, 40]), rtol=1e-3, atol=1e-4)
    reader.go_on([*TEXT, 12, 22, 41])
    assert reader.tokens == [*TEXT, 12, 22]
    got = reader.read([41])
    torch.testing.assert_close(got, Reader(model).read([*TEXT, 12, 22, 41]), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("family", ["bloom", "mpt"])
def test_a_model_that_counts_by_itself_reads_one_line(family: str) -> None:
    model = tiny_model(family)
    assert goes_back(model)
    assert masks_for_branches(model) is None
