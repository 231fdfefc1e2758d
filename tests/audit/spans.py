"""Layers computed in several precisions, as block servers of these would."""

import copy
from functools import cache

import torch
from torch import Tensor
from transformers import PreTrainedModel

from engine.audit.tolerance import Rows
from engine.model.span import Span, cut_span
from tests.tiny_models import N_LAYERS, tiny_model

PRECISIONS = ("bfloat16", "float16")
FAMILIES = ("llama", "gemma2", "qwen3_moe", "gpt2", "bloom", "falcon", "phi3", "deepseek_v3", "olmo2")
LIVELINESS = 4.0


@cache
def lively_model(family: str, seed: int = 0) -> PreTrainedModel:
    """Fresh models' layers change next to nothing: this one's do."""
    model = tiny_model(family, seed)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.mul_(LIVELINESS)
    return model


def lively_span(
    model: PreTrainedModel, start: int = 0, end: int = N_LAYERS, precision: str = "float32"
) -> Span:
    return cut_span(copy.deepcopy(model).to(getattr(torch, precision)), start, end)


@torch.inference_mode()
def computed(model: PreTrainedModel, precision: str, hidden: Tensor, chunk: int) -> Rows:
    """All layers' outputs for `[tokens, hidden]`, so many tokens at a time."""
    span = lively_span(model, precision=precision)
    seen = span.new_cache()
    pieces = [span.forward(piece[None].to(span.dtype), seen)[0] for piece in hidden.split(chunk)]
    return torch.cat(pieces).float().numpy()
