"""A whole tiny model and the same model cut: its shell, and spans each with a cache of its own."""

import copy
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor
from transformers import PreTrainedModel

from engine.model.extras import StepExtras
from engine.model.shell import cache_argument, cut_shell
from engine.model.span import cut_span
from engine.model.stack import find_stack
from engine.model.swarm_cache import SwarmCache


class CachedSpans:
    """Spans one after the other, each with its own cache, as on separate servers. Positions only grow."""

    def __init__(self, model: PreTrainedModel, cuts: Sequence[tuple[int, int]]) -> None:
        self._spans = [cut_span(copy.deepcopy(model), start, end) for start, end in cuts]
        self.forget()

    def forget(self) -> None:
        self._caches = [span.new_cache() for span in self._spans]

    def __call__(self, hidden: Tensor, position: int, extras: StepExtras | None = None) -> Tensor:
        """`[1, tokens, values]` at `position` through all spans."""
        for span, cache in zip(self._spans, self._caches, strict=True):
            hidden = span.forward(hidden, cache)
        return hidden


def uneven_cuts(model: PreTrainedModel) -> list[tuple[int, int]]:
    """Three spans, the first of a single layer."""
    n_layers = len(find_stack(model).layers)
    cuts = [0, 1, 3, n_layers]
    return list(pairwise(cuts))


def cut(model: PreTrainedModel) -> tuple[PreTrainedModel, CachedSpans]:
    return cut_shell(copy.deepcopy(model)), CachedSpans(model, uneven_cuts(model))


@torch.inference_mode()
def difference(model: PreTrainedModel, prompt: Tensor, new_tokens: int) -> float:
    """How far the cut model's logits are from the whole model's, relative to `max(1, |x|)`; infinite if it
    chooses other tokens.

    Compared: the whole prompt, and each of `new_tokens` greedy steps.
    """
    shell, spans = cut(model)
    how = {
        "max_new_tokens": new_tokens + 1,
        "do_sample": False,
        "use_cache": True,
        "eos_token_id": None,
        "pad_token_id": 0,
        "output_logits": True,
        "return_dict_in_generate": True,
        "attention_mask": torch.ones_like(prompt),
    }
    whole = model.generate(prompt, **how)
    ours = shell.generate(prompt, **how, **{cache_argument(shell): SwarmCache(spans)})
    if not torch.equal(ours.sequences, whole.sequences):
        return float("inf")
    spans.forget()
    prefill = shell(prompt, use_cache=True, **{cache_argument(shell): SwarmCache(spans)}).logits
    return max(
        _relative(prefill, model(prompt).logits),
        *(_relative(a, b) for a, b in zip(ours.logits, whole.logits, strict=True)),
    )


def _relative(a: Tensor, b: Tensor) -> float:
    return float(((a - b).abs() / b.abs().clamp(min=1)).max())
