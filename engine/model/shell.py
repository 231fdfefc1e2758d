"""The shell: a Hugging Face model whose layer stack is replaced by one module that sends hidden states away.

Embeddings, their scaling, the final norm and the head are the model's own, so `generate()` works unmodified.
"""

import copy
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.cache_utils import DynamicCache

from engine.model.span import cut_config
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
    setattr(stack.owner, stack.attribute, stack.layers[:1])
    cut_config(stack, 0, 1)
    remote = RemoteStack(_layer_answers_with_tuple(copy.deepcopy(skeleton).to("meta"), stack.path))
    setattr(stack.owner, stack.attribute, nn.ModuleList([remote]))
    return skeleton.eval()


@torch.inference_mode()
def _layer_answers_with_tuple(skeleton: PreTrainedModel, stack_path: str) -> bool:
    """Whether the model's layers return `(hidden, …)`: seen by running the first one on the meta device."""
    seen: list[bool] = []

    class _Seen(Exception):
        pass

    def look(layer: nn.Module, args: Any, output: Any) -> None:
        seen.append(isinstance(output, tuple))
        raise _Seen

    handle = skeleton.get_submodule(stack_path)[0].register_forward_hook(look)
    try:
        ids = torch.zeros((1, 2), dtype=torch.long, device=skeleton.device)
        skeleton(input_ids=ids, past_key_values=DynamicCache(config=skeleton.config), use_cache=True)
    except _Seen:
        pass
    finally:
        handle.remove()
    return seen[0]
