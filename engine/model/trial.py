"""Does a model that is cut into layers compute what the whole model does? Tried out, with made-up weights.

The trial takes seconds and little memory, whatever the size of the model, and needs none of its weights.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.cache_utils import Cache

from engine.api.sentences import said
from engine.errors import UnsupportedModel
from engine.model.elsewhere import states_from, states_of
from engine.model.made_up import make_up_weights
from engine.model.span import CACHE_ARGUMENTS, Span, accepted_by, cut_span, next_positions
from engine.model.stack import LayerStack, find_stack, text_config

_STEPS = (4, 1, 1)  # tokens: a prompt, and what follows it
_SAME = 1e-4  # of the largest number: how far the same computation may differ


@dataclass(frozen=True)
class CutFacts:
    """What the trial found out about a model that can be cut."""

    cache_values: tuple[int, ...]  # for each layer, numbers that it caches for every token


def check_cut(build: Callable[[], PreTrainedModel]) -> CutFacts:
    """Compare every layer by itself, and uneven spans, with the whole model that `build` gives.

    `build` makes the model at full depth, its parameters without memory (on the meta device), the buffers
    that no file holds with their values. Raises UnsupportedModel, which says what was seen.
    """
    model = build().eval()
    stack = find_stack(model)
    make_up_weights(model, stack)
    with torch.inference_mode():
        steps = _run_whole(model, stack)
        whole = cut_span(model, 0, len(stack.layers))
        kept = [_kept(whole.narrow(i, i + 1), steps) for i in range(whole.n_layers)]
        for start, end in _uneven(whole.n_layers):
            _kept(whole.narrow(start, end), steps)
    return CutFacts(cache_values=tuple(map(_growth, kept)))


def _uneven(n_layers: int) -> Iterator[tuple[int, int]]:
    """Three spans, as far as there are layers for them."""
    cuts = sorted({0, max(1, n_layers // 5), max(1, n_layers * 3 // 5), n_layers})
    return pairwise(cuts)


def _growth(kept: Sequence[int]) -> int:
    """Numbers that one token added; the first step has many tokens, the second one."""
    return kept[1] - kept[0] if len(kept) > 1 else 0


# --- the whole model


class _LastLayerDone(Exception):
    """The rest of the model is not needed."""


class _Step:
    """What went into each layer of the whole model in one step, and what came out: `[1, tokens, values]`."""

    def __init__(self) -> None:
        self.into: list[Tensor] = []
        self.out: list[Tensor] = []
        self.cache: Cache | None = None

    def listen(self, layers: Sequence[nn.Module]) -> list[Any]:
        """Hooks to be removed again."""
        before = [layer.register_forward_pre_hook(self._before, with_kwargs=True) for layer in layers]
        after = [layer.register_forward_hook(self._after) for layer in layers]
        return [*before, *after, layers[-1].register_forward_hook(self._stop)]

    def _before(self, layer: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.into.append(states_of(args, kwargs).flatten(2).clone())
        for value in (*args, *kwargs.values()):
            if isinstance(value, Cache):
                self.cache = value

    def _after(self, layer: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        self.out.append(states_from(output).clone())

    def _stop(self, *args: Any) -> None:
        raise _LastLayerDone


def _run_whole(model: PreTrainedModel, stack: LayerStack) -> list[_Step]:
    """Raises UnsupportedModel if the model does not run, or not one layer after the other."""
    ids = _varied_ids(model, sum(_STEPS))
    first = _run_step(model, stack, ids[:, : _STEPS[0]], None)
    if first.cache is None:
        if model.can_generate():
            raise UnsupportedModel(
                said(
                    "{name} keeps no cache of what it has read: every new word would have to send the "
                    "whole text again. Potluck cannot serve it.",
                    name=_name(model),
                )
            )
        return [_run_step(model, stack, ids, None)]
    steps = [first]
    for tokens in ids[:, _STEPS[0] :].split(_STEPS[1:], dim=1):
        steps.append(_run_step(model, stack, tokens, first.cache))
    return steps


def _run_step(model: PreTrainedModel, stack: LayerStack, ids: Tensor, cache: Cache | None) -> _Step:
    step = _Step()
    accepted = accepted_by(model)
    wanted = {
        "input_ids": ids,
        "position_ids": next_positions(cache, ids),
        "use_cache": True,
        **dict.fromkeys(CACHE_ARGUMENTS, cache),
    }
    hooks = step.listen(stack.layers)
    try:
        model(**{name: value for name, value in wanted.items() if name in accepted})
    except _LastLayerDone:
        pass
    except Exception as error:
        raise UnsupportedModel(
            said("{name} does not run by itself: {reason}", name=_name(model), reason=_first_line(error))
        ) from error
    finally:
        for hook in hooks:
            hook.remove()
    if len(step.out) != len(stack.layers):
        raise UnsupportedModel(
            said(
                "{name} does not run its layers one after the other: Potluck cannot cut it.",
                name=_name(model),
            )
        )
    if any(states.shape[:2] != ids.shape for states in step.into):
        raise UnsupportedModel(
            said("The layers of {name} take no row of tokens: Potluck cannot cut it.", name=_name(model))
        )
    return step


def _varied_ids(model: PreTrainedModel, tokens: int) -> Tensor:
    """`[1, tokens]`: different ids, none of which the config gives a meaning of its own."""
    special = set(_named_tokens(model.config.to_dict()))
    count = text_config(model.config).vocab_size
    order = torch.randperm(count, generator=torch.Generator().manual_seed(0))
    usual = [i for i in order[: tokens + len(special)].tolist() if i not in special]
    return torch.tensor([usual[:tokens]])


def _named_tokens(config: Mapping[str, Any]) -> Iterator[int]:
    """Ids of a config's special tokens, with those of the configs inside of it."""
    for name, value in config.items():
        if isinstance(value, Mapping):
            yield from _named_tokens(value)
        elif str(name).endswith(("_token_id", "_token_index")):  # some keys are numbers
            yield from value if isinstance(value, list) else [value]


# --- its parts


def _kept(part: Span, steps: Sequence[_Step]) -> list[int]:
    """How many numbers the part's cache holds after each step.

    Raises UnsupportedModel if the part does not compute what the same layers of the whole did.
    """
    cache, held = part.new_cache(), []
    try:
        for step in steps:
            out = _run_part(part, step.into[part.start], cache)
            if not _same(out, step.out[part.end - 1]):
                raise UnsupportedModel(
                    said(
                        "{where} must need more than the hidden states that come out of the layer before: "
                        "Potluck cannot cut it.",
                        where=_where(part),
                    )
                )
            held.append(_numbers(cache))
    finally:
        part.detach()
    return held


def _run_part(part: Span, hidden: Tensor, cache: Any) -> Tensor:
    try:
        return part.forward(hidden, cache)
    except UnsupportedModel:
        raise
    except Exception as error:
        raise UnsupportedModel(
            said("{where} cannot run alone: {reason}", where=_where(part), reason=_first_line(error))
        ) from error


def _same(a: Tensor, b: Tensor) -> bool:
    if a.shape != b.shape or not bool(torch.isfinite(b).all()):
        return False
    return bool((a - b).abs().max() <= _SAME * b.abs().max().clamp(min=1))


def _numbers(kept: Any) -> int:
    """Numbers in all tensors that a cache holds, however it holds them."""
    if isinstance(kept, Tensor):
        return kept.numel()
    if isinstance(kept, dict):
        return sum(_numbers(value) for value in kept.values())
    if isinstance(kept, (list, tuple)):
        return sum(_numbers(value) for value in kept)
    if type(kept).__module__.startswith("transformers."):
        return _numbers(vars(kept))
    return 0


def _where(part: Span) -> str:
    model = _name(part.decoder)
    if part.n_layers == 1:
        return said("Layer {first} of {model}", first=part.start, model=model)
    return said("Layers {first} to {last} of {model}", first=part.start, last=part.end - 1, model=model)


def _name(model: nn.Module) -> str:
    return type(model).__name__


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
