"""Packed matrices: the numbers and products of ordinary ones, and each row by itself."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model import packed as packing
from engine.model.kept import kept_bytes
from engine.model.packed import Packed, pack, pack_for_look_ups

# What this processor multiplies by packed matrices.
DTYPES = [d for d in (torch.float32, torch.bfloat16) if pack(torch.eye(64, dtype=d)) is not None]


def a_matrix(outputs: int, inputs: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(outputs, inputs, generator=torch.Generator().manual_seed(1)).to(dtype)


def packed_of(matrix: Tensor) -> Packed:
    packed = pack(matrix)
    assert packed is not None
    return packed


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(64, 64), (192, 96), (128, 64)])
def test_the_numbers_are_the_same(shape: tuple[int, int], dtype: torch.dtype) -> None:
    matrix = a_matrix(*shape, dtype)
    packed = packed_of(matrix)
    assert torch.equal(packed.numbers(), matrix)
    assert torch.equal(packed + 0, matrix)
    assert packed.shape == matrix.shape
    assert packed.dtype is dtype


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("bias", [False, True])
def test_products_are_those_of_ordinary_matrices(dtype: torch.dtype, bias: bool) -> None:
    matrix = a_matrix(128, 64, dtype)
    added = a_matrix(1, 128, dtype)[0] if bias else None
    packed = packed_of(matrix)
    for shape in ((1, 1, 64), (3, 64), (2, 5, 64), (64,), (0, 64)):
        states = torch.randn(shape).to(dtype)
        expected = F.linear(states.double(), matrix.double(), None if added is None else added.double())
        product = F.linear(states, packed, added)
        assert product.shape == expected.shape
        tolerance = 1e-4 if dtype is torch.float32 else 2e-1
        assert torch.allclose(product.double(), expected, atol=tolerance, rtol=1e-2)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(576, 1536), (1536, 576), (192, 64)])
def test_a_row_is_the_same_whatever_is_beside_it(shape: tuple[int, int], dtype: torch.dtype) -> None:
    packed = packed_of(a_matrix(*shape, dtype))
    states = torch.randn(130, shape[1]).to(dtype)
    together = F.linear(states, packed)
    for first, last in [(0, 1), (7, 8), (0, 2), (4, 7), (0, 4), (3, 8), (5, 13), (0, 31), (64, 128)]:
        assert torch.equal(F.linear(states[first:last], packed), together[first:last]), (first, last)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("outputs", [128, 33000])
def test_embeddings_find_the_rows_of_a_head_that_they_share(outputs: int, dtype: torch.dtype) -> None:
    matrix = a_matrix(outputs, 32, dtype)
    shared = pack_for_look_ups(matrix)
    if shared is None:  # this processor has another order
        shared = packed_of(matrix)
    table = nn.Embedding(outputs, 32, device="meta")
    table.weight = nn.Parameter(shared, requires_grad=False)
    ids = torch.tensor([[0, 1, outputs - 1], [63, 64, 65]])
    assert torch.equal(table(ids), matrix[ids])


def test_a_head_that_lies_otherwise_is_not_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "PANEL", 32)
    assert pack_for_look_ups(a_matrix(128, 64)) is None


def test_matrices_that_would_take_more_memory_stay_as_they_are() -> None:
    assert pack(a_matrix(100, 64)) is None


def test_numbers_that_cannot_be_packed_stay_as_they_are() -> None:
    assert pack(torch.ones(64, 64, dtype=torch.float64)) is None


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_it_takes_is_known(dtype: torch.dtype) -> None:
    assert kept_bytes(packed_of(a_matrix(128, 64, dtype))) == 128 * 64 * dtype.itemsize


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_copy_lies_elsewhere_and_is_the_same(dtype: torch.dtype) -> None:
    packed = packed_of(a_matrix(128, 64, dtype))
    copy, states = packed.copied(), torch.randn(5, 64).to(dtype)
    assert copy.packed is not packed.packed
    assert torch.equal(F.linear(states, copy), F.linear(states, packed))
