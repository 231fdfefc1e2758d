"""A whole model, run by its own code: what servers' answers are compared with."""

from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache, PreTrainedModel

from engine.model.stack import find_stack


class WholeModel:
    """Hidden states through all layers of a model, step by step."""

    def __init__(self, model: PreTrainedModel, cache: Any = None) -> None:
        self._stack = find_stack(model)
        self._cache = DynamicCache(config=model.config) if cache is None else cache

    @torch.inference_mode()
    def step(self, hidden: Tensor, **more: Any) -> Tensor:
        """`[tokens, hidden]` as the embeddings of the next tokens; out comes what the last layer gives."""
        seen: list[Tensor] = []
        hook = self._stack.layers[-1].register_forward_hook(
            lambda layer, args, out: seen.append(out if isinstance(out, Tensor) else out[0])
        )
        name = "cache_params" if "Mamba" in type(self._stack.owner).__name__ else "past_key_values"
        try:
            self._stack.owner(inputs_embeds=hidden[None], use_cache=True, **{name: self._cache}, **more)
        finally:
            hook.remove()
        return seen[0][0]
