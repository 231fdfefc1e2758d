"""The shell: a Hugging Face model whose layer stack is replaced by one module that sends hidden states away.

Embeddings, their scaling, the final norm and the head are the model's own, so `generate()` works unmodified.
"""

import copy
from typing import Any

from torch import Tensor, nn
from transformers import PreTrainedModel

from engine.model.elsewhere import Elsewhere, LayerHabits, habits_of
from engine.model.span import accepted_by, shrink
from engine.model.stack import find_stack
from engine.model.swarm_cache import SwarmCache


class RemoteStack(nn.Module):
    """Stands where the layers were. Finds the SwarmCache among its arguments and steps it."""

    def __init__(self, answers_with_tuple: bool) -> None:
        super().__init__()
        self._answers_with_tuple = answers_with_tuple

    def forward(self, hidden_states: Tensor, *args: Any, **kwargs: Any) -> Any:
        cache = next(
            (value for value in (*kwargs.values(), *args) if isinstance(value, SwarmCache)),
            None,
        )
        if cache is None:
            raise TypeError("a shell generates only with a SwarmCache as past_key_values")
        out = cache.step(hidden_states.flatten(2)).view(hidden_states.shape)
        return (out,) if self._answers_with_tuple else out


def cut_shell(skeleton: PreTrainedModel) -> PreTrainedModel:
    """Replace the layer stack of a full-depth model without weights. The rest is for the caller to fill."""
    stack = find_stack(skeleton)
    answers_with_tuple = habits_in(copy.deepcopy(skeleton)).answers_with_tuple
    passed = [Elsewhere(layer, answers_with_tuple) for layer in stack.layers[1:]]
    remote = RemoteStack(answers_with_tuple)
    setattr(stack.owner, stack.attribute, nn.ModuleList([remote, *passed]))
    return skeleton.eval()


def habits_in(twin: PreTrainedModel) -> LayerHabits:
    """What the model makes of its layers. The twin is used up."""
    stack = find_stack(twin)
    decoder, _ = stack.decoder_of(twin)
    shrink(decoder, keep=())
    return habits_of(decoder, stack, accepted_by(decoder))
