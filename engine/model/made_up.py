"""Made-up weights for a model of any size, in the memory and the time of a small one."""

import math

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from engine.model.stack import LayerStack

_SMALL = 1 << 16  # numbers; tensors of at most so many get memory of their own
_TAPS = 4  # numbers of its input from which a large linear layer makes each number of its output
_APART = 8  # numbers between the experts of one tensor: enough for them to differ
_SPREAD = 4099  # numbers over which the views of different parameters start


def make_up_weights(model: PreTrainedModel, stack: LayerStack, seed: int = 0) -> None:
    """Give every parameter and buffer without memory seeded values, all in float32.

    Small ones get what the model's own code starts them with, and some noise. Large ones are views of one
    buffer, each from another place on; large linear layers do not multiply by theirs, but combine a few
    numbers of the input for each of the output, which is as good for telling right from wrong.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        _make_up_small(model, generator)
    thin = [m for m in model.modules() if type(m) is nn.Linear and m.weight.is_meta]
    thinned = {id(m.weight) for m in thin}
    dense = [p for p in stack.layers.parameters() if p.is_meta and id(p) not in thinned]
    length = max((*(_reach(p) for p in dense), *(sum(p.shape) for p in model.parameters())))
    width = max((p.shape[-1] for p in dense), default=1)
    buffer = torch.randn(length + _SPREAD, generator=generator) / math.sqrt(width)
    _view_all(model, {id(p) for p in dense}, buffer)
    for index, linear in enumerate(thin):
        linear.forward = _Thin(linear, index)


class _Thin:
    """Stands for the product with a large matrix. Takes no memory, and little time."""

    def __init__(self, linear: nn.Linear, index: int) -> None:
        self._linear = linear
        self._start = index * 37

    def __call__(self, states: Tensor) -> Tensor:
        """`[..., inputs]` to `[..., outputs]`, as large."""
        linear = self._linear
        place = torch.arange(linear.out_features) + self._start
        out = sum(self._tap(states, place, tap) for tap in range(_TAPS)) / math.sqrt(_TAPS)
        return out if linear.bias is None else out + linear.bias

    def _tap(self, states: Tensor, place: Tensor, tap: int) -> Tensor:
        stride = (1, 17, 101, 1009)[tap]
        return states[..., (place * stride + tap) % states.shape[-1]] * torch.cos(place * (tap + 1.7))


def _make_up_small(model: PreTrainedModel, generator: torch.Generator) -> None:
    made: dict[int, nn.Parameter] = {}
    for module in model.modules():
        module.__dict__.pop("_is_hf_initialized", None)
        for name, tensor in _own_tensors(module):
            if not tensor.is_meta or (tensor.numel() > _SMALL and isinstance(tensor, nn.Parameter)):
                continue
            real = torch.zeros(tensor.shape, dtype=_dtype(tensor))
            if isinstance(tensor, nn.Parameter):
                setattr(module, name, made.setdefault(id(tensor), nn.Parameter(real, requires_grad=False)))
            else:
                setattr(module, name, real)
    model.initialize_weights()
    for parameter in made.values():
        noise = torch.randn(parameter.shape, generator=generator)
        parameter.data += (0.1 if parameter.dim() < 2 else 1 / math.sqrt(parameter.shape[-1])) * noise


def _view_all(model: nn.Module, inside: set[int], buffer: Tensor) -> None:
    made: dict[int, nn.Parameter] = {}
    for module in model.modules():
        for name, tensor in list(module.named_parameters(recurse=False)):
            if tensor.is_meta:
                strides = _strides(tensor) if id(tensor) in inside else (1,) * tensor.dim()
                start = len(made) * 37 % _SPREAD
                view = buffer.as_strided(tensor.shape, strides, start)
                made.setdefault(id(tensor), nn.Parameter(view, requires_grad=False))
                setattr(module, name, made[id(tensor)])


def _own_tensors(module: nn.Module) -> list[tuple[str, Tensor]]:
    return [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]


def _dtype(tensor: Tensor) -> torch.dtype:
    return torch.float32 if tensor.is_floating_point() else tensor.dtype


def _strides(tensor: Tensor) -> tuple[int, ...]:
    """Of a view whose matrices are whole, while matrices of one tensor overlap."""
    return (*(_APART,) * (tensor.dim() - 2), tensor.shape[-1], 1)


def _reach(tensor: Tensor) -> int:
    """How many numbers of the buffer such a view covers."""
    return 1 + sum(stride * (size - 1) for stride, size in zip(_strides(tensor), tensor.shape, strict=True))
