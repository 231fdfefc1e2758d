"""Layers that run on another computer: what stands for them, and what a model's own code makes of layers."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers.cache_utils import Cache

from engine.errors import UnsupportedModel
from engine.model.stack import LayerStack


@dataclass(frozen=True)
class LayerHabits:
    """How a model's own code deals with its layers."""

    answers_with_tuple: bool  # it takes `(hidden, …)` from them
    cache: Any  # the empty cache that it makes for them; None if it makes none


class Elsewhere(nn.Module):
    """Stands where a layer was, and gives back the hidden states that it gets.

    It looks like the layer to code that asks for the layer's attributes, but holds none of its weights.
    """

    def __init__(self, layer: nn.Module, answers_with_tuple: bool) -> None:
        super().__init__()
        self._layer = (layer,)  # inside a tuple it is no submodule
        self._answers_with_tuple = answers_with_tuple

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(self.__dict__["_layer"][0], name)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        hidden = states_of(args, kwargs)
        return (hidden,) if self._answers_with_tuple else hidden


def states_of(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Tensor:
    """The hidden states among the arguments of a layer."""
    return kwargs[_name_of_states(kwargs)] if not args else args[0]


def with_states(args: tuple[Any, ...], kwargs: Mapping[str, Any], states: Tensor) -> tuple[Any, Any]:
    """The arguments of a layer, with other hidden states `[rows, tokens, values]`."""
    shaped = states.view(*states.shape[:2], *states_of(args, kwargs).shape[2:])
    if args:
        return (shaped, *args[1:]), kwargs
    return args, {**kwargs, _name_of_states(kwargs): shaped}


def states_from(answer: Any) -> Tensor:
    """The hidden states `[rows, tokens, values]` in what a layer answers."""
    states = answer if isinstance(answer, Tensor) else answer[0]
    return states.flatten(2)


def _name_of_states(kwargs: Mapping[str, Any]) -> str:
    if "hidden_states" in kwargs:
        return "hidden_states"
    return next(name for name, value in kwargs.items() if isinstance(value, Tensor))


# --- what a model makes of its layers


class _Seen(Exception):
    """What a model takes a layer's answer for."""

    def __init__(self, as_tuple: bool) -> None:
        self.as_tuple = as_tuple


class _Answer(Tensor):
    """Stands for a layer's answer; the first thing that the model does to it tells what it expects."""

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is Tensor.__getitem__:
            raise _Seen(isinstance(args[1], int))  # else it is a part of a tensor, such as the first token's
        raise _Seen(func in (Tensor.__iter__, Tensor.__len__, Tensor.unbind))


class _Asking(Elsewhere):
    """Stands where a layer was, and answers with an `_Answer`."""

    def __init__(self, layer: nn.Module, caches: list[Any]) -> None:
        super().__init__(layer, answers_with_tuple=False)
        self._caches = caches

    def forward(self, *args: Any, **kwargs: Any) -> Tensor:
        self._caches += [value for value in (*args, *kwargs.values()) if isinstance(value, Cache)]
        return states_of(args, kwargs).as_subclass(_Answer)


@torch.inference_mode()
def habits_of(decoder: nn.Module, stack: LayerStack, accepted: Iterable[str]) -> LayerHabits:
    """Seen by running `decoder` with layers that ask back. Its weights must be there, whatever they are."""
    caches: list[Any] = []
    device = next(p.device for p in decoder.parameters())
    wanted = {"input_ids": torch.zeros((1, 2), dtype=torch.long, device=device), "use_cache": True}
    asking = nn.ModuleList([_Asking(layer, caches) for layer in stack.layers])
    setattr(stack.owner, stack.attribute, asking)
    try:
        out = decoder(**{name: value for name, value in wanted.items() if name in accepted})
        if any(isinstance(value, _Answer) for value in (out.values() if isinstance(out, Mapping) else out)):
            return LayerHabits(answers_with_tuple=False, cache=None)  # handed on as it came
    except _Seen as seen:
        return LayerHabits(seen.as_tuple, copy.deepcopy(caches[0]) if caches else None)
    finally:
        setattr(stack.owner, stack.attribute, stack.layers)
    raise UnsupportedModel(f"{type(decoder).__name__} makes nothing of what its layers answer.")
