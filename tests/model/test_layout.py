"""Matrices stored column by column: the same numbers, the same answers, and nothing of the old buffers."""

import torch
from torch import nn

from engine.model.layout import lay_out


def a_layer() -> tuple[nn.Module, torch.Tensor]:
    """A linear layer and a norm on one buffer, as a part of the store gives them."""
    torch.manual_seed(0)
    buffer = torch.randn(6 * 4 + 4)
    layer = nn.Sequential(nn.Linear(4, 6, bias=False), nn.LayerNorm(6, bias=False))
    layer[0].weight = nn.Parameter(buffer[:24].view(6, 4), requires_grad=False)
    layer[1].weight = nn.Parameter(torch.cat([buffer[24:], buffer[:2]]), requires_grad=False)
    return layer, buffer


def test_the_numbers_stay_the_same() -> None:
    layer, _ = a_layer()
    rows = torch.randn(3, 4)
    before, weight = layer(rows), layer[0].weight.clone()
    lay_out(layer)
    assert torch.equal(layer[0].weight, weight)
    assert torch.allclose(layer(rows), before, atol=1e-6)


def test_linear_weights_lie_column_by_column_where_mkl_multiplies() -> None:
    layer, _ = a_layer()
    lay_out(layer)
    assert layer[0].weight.stride() == ((1, 6) if torch.backends.mkl.is_available() else (4, 1))


def test_nothing_keeps_the_read_buffer_alive() -> None:
    layer, buffer = a_layer()
    lay_out(layer)
    start, end = buffer.data_ptr(), buffer.data_ptr() + buffer.numel() * 4
    assert not any(start <= parameter.data_ptr() < end for parameter in layer.parameters())
