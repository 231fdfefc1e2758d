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
from tests.tiny_models import CONFIGS, N_LAYERS


def without_weights(config: PretrainedConfig) -> PreTrainedModel:
    with torch.device("meta"):
        model = hf.AutoModelForCausalLM.from_config(config)
    materialise_buffers(model)
    return model


def test_cache_values_are_read_from_the_run() -> None:
    facts = check_cut(lambda: without_weights(CONFIGS["llama"]()))
    assert facts.cache_values == (2 * 2 * 8,) * N_LAYERS  # keys and values, two heads of eight


WIDE = {"hidden_size": 512, "intermediate_size": 1024, "num_attention_heads": 4, "num_key_value_heads": 2}
WIDTHS = {"narrow": {}, "wide": WIDE}  # the linear layers of a wide one do not multiply matrices


def looking_at(width: str, change: Callable[[Tensor, Tensor], Tensor]) -> PreTrainedModel:
    """A model whose third layer does something to its states that it has from the token ids."""
    config = CONFIGS["llama"]()
    config.update(WIDTHS[width])
    model, ids = without_weights(config), []

    def note(module: Any, args: Any, kwargs: dict[str, Any]) -> None:
        ids.append(kwargs["input_ids"])

    def add(module: Any, args: Any, output: Tensor) -> Tensor:
        return change(output, ids[-1])

    model.model.register_forward_pre_hook(note, with_kwargs=True)
    model.model.layers[2].register_forward_hook(add)
    return model


@pytest.mark.parametrize("width", WIDTHS)
def test_a_layer_that_looks_at_token_ids_is_named(width: str) -> None:
    with pytest.raises(UnsupportedModel, match="Layer 2 of LlamaModel must need more than the hidden"):
        check_cut(lambda: looking_at(width, lambda states, ids: states + 0.01 * ids[..., None]))


@pytest.mark.parametrize("width", WIDTHS)
def test_a_layer_that_only_seems_to_look_at_token_ids_passes(width: str) -> None:
    check_cut(lambda: looking_at(width, lambda states, ids: states + 0 * ids[..., None]))


def test_a_layer_that_looks_at_the_layer_before_last_is_named() -> None:
    model, seen = without_weights(CONFIGS["llama"]()), []
    model.model.layers[1].register_forward_hook(lambda module, args, output: seen.append(output))
    model.model.layers[3].register_forward_hook(lambda module, args, output: output + seen[-1].mean())
    with pytest.raises(UnsupportedModel, match="Layer 3 of LlamaModel must need more than the hidden"):
        check_cut(lambda: model)


def test_a_model_is_tried_in_full_precision_whatever_its_own() -> None:
    config = CONFIGS["gemma2"]()
    config.dtype = torch.bfloat16
    with torch.device("meta"):
        model = hf.AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    materialise_buffers(model)
    assert len(check_cut(lambda: model).cache_values) == N_LAYERS


def test_a_model_that_was_never_trained_to_keep_a_cache_is_refused() -> None:
    config = hf.BertConfig(hidden_size=32, num_hidden_layers=5, num_attention_heads=4, intermediate_size=48)
    with pytest.raises(UnsupportedModel, match="keeps no cache"):
        check_cut(lambda: without_weights(config))


def test_a_trial_takes_far_less_memory_than_the_weights_would() -> None:
    config = CONFIGS["llama"]()
    config.update({"hidden_size": 4096, "intermediate_size": 16384, "num_attention_heads": 32})
    model = without_weights(config)
    weights = sum(p.numel() for p in model.parameters())
    check_cut(lambda: model)
    held = {p.untyped_storage().data_ptr(): p.untyped_storage().nbytes() for p in model.parameters()}
    assert sum(held.values()) < weights * 4 / 100
