"""The shell: a Hugging Face model whose layer stack is replaced by one module that sends hidden states away.

Embeddings, their scaling, the final norm and the head are the model's own, so `generate()` works unmodified.
"""

import copy
from functools import partial
from typing import Any

from torch import nn
from transformers import PreTrainedModel

from engine.model.elsewhere import AllLayers, Elsewhere, LayerHabits, answer_of, habits_of, states_of
from engine.model.span import CACHE_ARGUMENTS, accepted_by, shrink
from engine.model.stack import find_stack
from engine.model.swarm_cache import SwarmCache


class RemoteStack(Elsewhere):
    """Stands where the first layer was. Finds the SwarmCache among its arguments and steps it."""

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        cache = next((value for value in (*kwargs.values(), *args) if isinstance(value, SwarmCache)), None)
        if cache is None:
            raise TypeError("a shell generates only with a SwarmCache as past_key_values")
        hidden = states_of(args, kwargs)
        out = cache.step(hidden.flatten(2)).view(hidden.shape)
        return answer_of(self._answer_length, out)


def cut_shell(skeleton: PreTrainedModel) -> PreTrainedModel:
    """Replace the layer stack of a full-depth model without weights. The rest is for the caller to fill."""
    stack = find_stack(skeleton)
    habits = habits_in(copy.deepcopy(skeleton))
    first, *others = stack.layers
    remote = [
        RemoteStack(first, habits.answer_length),
        *(Elsewhere(layer, habits.answer_length) for layer in others),
    ]
    setattr(stack.owner, stack.attribute, AllLayers(remote))
    decoder, _ = stack.decoder_of(skeleton)
    decoder.register_forward_pre_hook(partial(_fit_cache, habits.cache), with_kwargs=True)
    return skeleton.eval()


def _fit_cache(pattern: Any, decoder: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    for value in (*args, *kwargs.values()):
        if isinstance(value, SwarmCache):
            value.fit(pattern)


def cache_argument(model: PreTrainedModel) -> str:
    """The name by which a model's forward, and hence `generate()`, takes its cache."""
    accepted = accepted_by(model)
    return next((name for name in CACHE_ARGUMENTS if name in accepted), CACHE_ARGUMENTS[0])


def habits_in(twin: PreTrainedModel) -> LayerHabits:
    """What the model makes of its layers. The twin is used up."""
    stack = find_stack(twin)
    decoder, _ = stack.decoder_of(twin)
    shrink(decoder, keep=())
    return habits_of(decoder, stack, accepted_by(decoder))
