"""Layers that run on another computer: what stands for them, and what a model's own code makes of layers."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers.cache_utils import Cache

from engine.api.sentences import said
from engine.errors import UnsupportedModel
from engine.model.stack import LayerStack


@dataclass(frozen=True)
class LayerHabits:
    """How a model's own code deals with its layers."""

    answer_length: int  # it takes tuples of so many from them, the hidden states first; 0: these alone
    cache: Any  # the empty cache that it makes for them; None if it makes none

    @property
    def answers_with_tuple(self) -> bool:
        return self.answer_length > 0


def answer_of(length: int, hidden: Tensor) -> Any:
    """Hidden states in the form in which a model takes them from a layer."""
    return (hidden, *[None] * (length - 1)) if length else hidden


class Elsewhere(nn.Module):
    """Stands where a layer was, and gives back the hidden states that it gets.

    It looks like the layer to code that asks for the layer's attributes, but holds none of its weights.
    """

    def __init__(self, layer: nn.Module, answer_length: int) -> None:
        super().__init__()
        self._layer = (layer,)  # inside a tuple it is no submodule
        self._answer_length = answer_length

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(self.__dict__["_layer"][0], name)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return answer_of(self._answer_length, states_of(args, kwargs))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Without torch's search for hooks: a step may pass a hundred such layers."""
        return self.forward(*args, **kwargs)


class AllLayers(nn.ModuleList):
    """The layers of a model, in whose place others may stand.

    Models slice the list to its full length at each step, for which torch makes another list.
    """

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice) and index.indices(len(self)) == (0, len(self), 1):
            return self
        return super().__getitem__(index)


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


class _Taken(Exception):
    """How a model takes a layer's answer apart."""

    def __init__(self, lengths: tuple[int, ...]) -> None:
        self.lengths = lengths  # of the tuples that it may have meant; 0: none


class _Answer(Tensor):
    """Stands for a layer's answer; the first thing that the model does to it tells what it expects."""

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is Tensor.__getitem__ and isinstance(args[1], int):  # else a part of a tensor, as a token's
            raise _Taken((1,))
        raise _Taken((1,) if func is Tensor.__len__ else (0,))

    def __iter__(self) -> Any:
        raise _Taken((2, 3, 4, 1))


class _Asking(Elsewhere):
    """Stands where a layer was, and answers with an `_Answer`."""

    def __init__(self, layer: nn.Module, caches: list[Any]) -> None:
        super().__init__(layer, answer_length=0)
        self._caches = caches

    def forward(self, *args: Any, **kwargs: Any) -> Tensor:
        self._caches += [value for value in (*args, *kwargs.values()) if isinstance(value, Cache)]
        return states_of(args, kwargs).as_subclass(_Answer)


def habits_of(decoder: nn.Module, stack: LayerStack, accepted: Iterable[str]) -> LayerHabits:
    """Seen by running `decoder` with layers that ask back. Its weights must be there, whatever they are.

    Raises UnsupportedModel if it does something with its layers that nothing can stand for.
    """
    caches: list[Any] = []
    lengths = _lengths_taken(decoder, stack, caches, accepted)
    cache = copy.deepcopy(caches[0]) if caches else None
    if cache is not None:
        cache.reset()  # of what code before the layers may have written down about the dummy tokens
    if len(lengths) == 1:
        return LayerHabits(lengths[0], cache)
    for length in lengths:
        layers = [Elsewhere(layer, length) for layer in stack.layers]
        try:
            _run_with(decoder, stack, layers, accepted)
        except (ValueError, TypeError, AttributeError):
            continue  # it unpacks another number, or needs what is not there
        return LayerHabits(length, cache)
    raise UnsupportedModel(
        said(
            "The layers of {name} hand on more than hidden states: Potluck cannot cut it.",
            name=type(decoder).__name__,
        )
    )


def _lengths_taken(
    decoder: nn.Module, stack: LayerStack, caches: list[Any], accepted: Iterable[str]
) -> tuple[int, ...]:
    try:
        _run_with(decoder, stack, [_Asking(layer, caches) for layer in stack.layers], accepted)
    except _Taken as taken:
        return taken.lengths
    except AttributeError:  # it looks for parts of an answer by their names
        return ()
    return (0,)  # handed on as it came


@torch.inference_mode()
def _run_with(
    decoder: nn.Module, stack: LayerStack, layers: list[Elsewhere], accepted: Iterable[str]
) -> None:
    device = next(p.device for p in decoder.parameters())
    wanted = {"input_ids": torch.zeros((1, 2), dtype=torch.long, device=device), "use_cache": True}
    setattr(stack.owner, stack.attribute, nn.ModuleList(layers))
    try:
        decoder(**{name: value for name, value in wanted.items() if name in accepted})
    finally:
        setattr(stack.owner, stack.attribute, stack.layers)
