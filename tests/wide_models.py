"""The tiny models of many families, wide enough that their matrices are worth being kept in fewer bits."""

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from transformers import AutoModelForCausalLM, PretrainedConfig, PreTrainedModel

from engine.model.quantized import is_coarse
from engine.model.span import Span, cut_span
from engine.model.stack import find_stack
from engine.precision import Precision
from engine.weights.loading import fill_coarse
from engine.weights.store.part_tensors import Rows

FACTOR = 4
LIVELINESS = 2
WIDE_HIDDEN = 128
_WIDTHS = (
    *("hidden_size", "intermediate_size", "n_embd", "d_model", "ffn_dim", "word_embed_proj_dim", "head_dim"),
    *("moe_intermediate_size", "shared_expert_intermediate_size", "q_lora_rank", "kv_lora_rank"),
    *("qk_rope_head_dim", "qk_nope_head_dim", "v_head_dim", "linear_key_head_dim", "linear_value_head_dim"),
    *("mamba_d_head", "mamba_d_ssm"),
)


def widened(config: PretrainedConfig) -> PretrainedConfig:
    values = config.to_dict()
    wide = {name: values[name] * FACTOR for name in _WIDTHS if isinstance(values.get(name), int)}
    return type(config).from_dict(values | wide)


def wide_model(config: PretrainedConfig, seed: int = 0) -> PreTrainedModel:
    """Of four times the width. Its weights are larger than a fresh model's: every layer counts."""
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(widened(config)).eval().requires_grad_(False)
    for layer in find_stack(model).layers:
        for parameter in layer.parameters():
            if parameter.dim() > 1:
                parameter *= LIVELINESS
    return model


def quantized_span(model: PreTrainedModel, precisions: Sequence[Precision], start: int = 0) -> Span:
    """Layers from `start` on."""
    twin = copy.deepcopy(model)
    layers: list[nn.Module] = list(find_stack(twin).layers)[start : start + len(precisions)]
    for layer, precision in zip(layers, precisions, strict=True):
        fill_as(layer, precision, model.dtype)
    return cut_span(twin, start, start + len(precisions))


def fill_as(layer: nn.Module, precision: Precision, dtype: torch.dtype) -> None:
    """With its own weights, as a block server fills it."""
    if is_coarse(precision):
        fill_coarse(layer, map(rows_of, *zip(*layer.state_dict().items(), strict=True)), precision, dtype)


def rows_of(name: str, tensor: Tensor) -> Rows:
    return Rows(name, tuple(tensor.shape), iter(tensor.reshape(-1, *tensor.shape[-1:]).split(100)))
