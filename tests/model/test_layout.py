"""Matrices as the processor multiplies them: the same numbers and answers, nothing of the old buffers."""

import pytest
import torch
from torch import nn

from engine.model import layout
from engine.model.kept import Kept
from engine.model.layout import lay_out
from engine.model.packed import Packed, pack


def a_layer() -> tuple[nn.Module, torch.Tensor]:
    """A linear layer and a norm on one buffer, as a part of the store gives them."""
    torch.manual_seed(0)
    buffer = torch.randn(64 * 16 + 16)
    layer = nn.Sequential(nn.Linear(16, 64, bias=False), nn.LayerNorm(64, bias=False))
    layer[0].weight = nn.Parameter(buffer[:1024].view(64, 16), requires_grad=False)
    layer[1].weight = nn.Parameter(buffer[-64:], requires_grad=False)
    return layer, buffer


@pytest.fixture(params=[True, False], ids=["packed", "not packed"])
def packs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether matrices are packed where this processor can."""
    if not request.param:
        monkeypatch.setattr(layout, "pack", lambda matrix: None)
    monkeypatch.setattr(layout, "is_faster", lambda dtype: True)
    return request.param


@pytest.mark.usefixtures("packs")
def test_the_numbers_stay_the_same() -> None:
    layer, _ = a_layer()
    rows = torch.randn(3, 16)
    before, weight = layer(rows), layer[0].weight.clone()
    lay_out(layer)
    assert torch.equal(layer[0].weight + 0, weight)
    assert torch.allclose(layer(rows), before, atol=1e-6)


def test_linear_weights_are_packed_where_that_can_be_done(packs: bool) -> None:
    layer, _ = a_layer()
    can = packs and pack(torch.eye(64)) is not None
    lay_out(layer)
    assert isinstance(layer[0].weight, Packed) == can


def test_linear_weights_lie_column_by_column_else_where_mkl_multiplies(packs: bool) -> None:
    layer, _ = a_layer()
    lay_out(layer)
    columns = not isinstance(layer[0].weight, Packed) and torch.backends.mkl.is_available()
    assert layer[0].weight.stride() == ((1, 64) if columns else (16, 1))


@pytest.mark.usefixtures("packs")
def test_nothing_keeps_the_read_buffer_alive() -> None:
    layer, buffer = a_layer()
    lay_out(layer)
    start, end = buffer.data_ptr(), buffer.data_ptr() + buffer.numel() * 4
    parameters = [p for p in layer.parameters() if not isinstance(p, Kept)]
    assert not any(start <= parameter.data_ptr() < end for parameter in parameters)
