"""The shell: a Hugging Face model whose layer stack is replaced by one module that sends hidden states away.

Embeddings, their scaling, the final norm and the head are the model's own, so `generate()` works unmodified.
"""

import copy
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from engine.errors import UnsupportedModel
from engine.model.span import cut_config, shrink
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
        out = cache.step(hidden_states)
        return (out,) if self._answers_with_tuple else out


def cut_shell(skeleton: PreTrainedModel) -> PreTrainedModel:
    """Replace the layer stack of a full-depth model without weights. The rest is for the caller to fill."""
    stack = find_stack(skeleton)
    cut_config(stack, 0, 1)
    setattr(stack.owner, stack.attribute, nn.ModuleList([nn.Identity()]))
    remote = RemoteStack(_expects_tuple(copy.deepcopy(skeleton), stack.path))
    setattr(stack.owner, stack.attribute, nn.ModuleList([remote]))
    return skeleton.eval()


class _Seen(Exception):
    """What a model takes a layer's answer for."""

    def __init__(self, as_tuple: bool) -> None:
        self.as_tuple = as_tuple


class _Answer(Tensor):
    """Stands for a layer's answer; the first thing that the model does to it tells what it expects."""

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        raise _Seen(func in (Tensor.__getitem__, Tensor.__iter__, Tensor.__len__, Tensor.unbind))


class _Asking(nn.Module):
    """Stands where the layers were, and answers with an `_Answer`."""

    def forward(self, hidden_states: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        return hidden_states.as_subclass(_Answer)


@torch.inference_mode()
def _expects_tuple(shell: PreTrainedModel, stack_path: str) -> bool:
    """Whether the model takes `(hidden, …)` from its layers: seen by running it. The shell is used up."""
    shell.set_submodule(f"{stack_path}.0", _Asking())
    shrink(shell, keep=())
    ids = torch.zeros((1, 2), dtype=torch.long)
    try:
        shell(input_ids=ids, past_key_values=SwarmCache(walk=None), use_cache=True)
    except _Seen as seen:
        return seen.as_tuple
    raise UnsupportedModel(f"{type(shell).__name__} makes nothing of what its layers answer.")
