"""The trial of a cut: what it finds out about a model, and what it refuses."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import transformers as hf
from torch import Tensor
from transformers import PretrainedConfig, PreTrainedModel

from engine.errors import UnsupportedModel
from engine.model.trial import check_cut
from engine.weights.loading import materialise_buffers
from tests.tiny_models import CONFIGS, HIDDEN, N_LAYERS


def without_weights(config: PretrainedConfig) -> PreTrainedModel:
    with torch.device("meta"):
        model = hf.AutoModelForCausalLM.from_config(config)
    materialise_buffers(model)
    return model


def test_cache_values_are_read_from_the_run() -> None:
    facts = check_cut(lambda: without_weights(CONFIGS["llama"]()))
    assert facts.cache_values == (2 * 2 * 8,) * N_LAYERS  # keys and values, two heads of eight
    assert facts.state_values == (0,) * N_LAYERS
    assert facts.hidden_values == HIDDEN


def looking_at(change: Callable[[Tensor, Tensor], Tensor]) -> PreTrainedModel:
    """A model whose third layer adds something to its states that it has from the token ids."""
    model, ids = without_weights(CONFIGS["llama"]()), []

    def note(module: Any, args: Any, kwargs: dict[str, Any]) -> None:
        ids.append(kwargs["input_ids"])

    def add(module: Any, args: Any, output: Tensor) -> Tensor:
        return change(output, ids[-1])

    model.model.register_forward_pre_hook(note, with_kwargs=True)
    model.model.layers[2].register_forward_hook(add)
    return model


def test_a_layer_that_looks_at_token_ids_is_named() -> None:
    with pytest.raises(UnsupportedModel, match="Layer 2 of LlamaModel must need more than the hidden"):
        check_cut(lambda: looking_at(lambda states, ids: states + ids[..., None]))


def test_a_layer_that_only_seems_to_look_at_token_ids_passes() -> None:
    check_cut(lambda: looking_at(lambda states, ids: states + 0 * ids[..., None]))
