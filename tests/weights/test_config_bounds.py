"""What a stranger's config may ask for."""

import pytest

from engine.errors import BadModelFile
from engine.weights.config_bounds import check_config_sizes
from engine.weights.loading import build_skeleton
from tests.weights.test_manifest import a_manifest

GOOD = {
    "model_type": "llama",
    "vocab_size": 152_064,
    "hidden_size": 8192,
    "num_hidden_layers": 126,
    "num_attention_heads": 128,
    "max_position_embeddings": 10_485_760,
    "rope_theta": 1_000_000_000,
    "eos_token_id": 2**40,  # odd, but nothing is built from it
    "vision_config": {"depth": 64, "hidden_size": 1280},
    "layer_types": ["full_attention"] * 126,
}


def test_real_sizes_pass():
    check_config_sizes(GOOD, "Soup")


@pytest.mark.parametrize(
    "changes",
    [
        {"num_hidden_layers": 10**9},
        {"n_layer": 4097},
        {"vision_config": {"depth": 10**9}},
        {"stages": [{"depths": [2, 10**6]}]},
        {"hidden_size": 2**40},
        {"max_position_embeddings": 10**12},
        {"num_local_experts": 10**10},
        {"d_model": 1e12},
        {"vocab_size": float("inf")},
    ],
)
def test_what_no_model_has_is_refused(changes):
    with pytest.raises(BadModelFile, match="The config of Soup cannot be right"):
        check_config_sizes(GOOD | changes, "Soup")


def test_nothing_is_built_from_such_a_config():
    with pytest.raises(BadModelFile, match="num_hidden_layers is 1e"):
        build_skeleton(a_manifest(config=GOOD | {"num_hidden_layers": 10**9}))


def test_tables_that_no_computer_holds_are_not_made():
    sizes = {"n_embd": 4096, "n_head": 16, "rotary_dim": 4096, "n_layer": 2, "vocab_size": 100}
    config = {"model_type": "gptj", "n_positions": 2**24, "architectures": ["GPTJForCausalLM"]} | sizes
    with pytest.raises(BadModelFile, match="asks for tables of"):
        build_skeleton(a_manifest(config=config, stack_path="transformer.h"))
