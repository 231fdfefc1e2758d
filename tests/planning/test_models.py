from engine.planning.models import LayerSize, shape_of
from engine.weights.manifest import Manifest, Part

PART, SHELL = Part("1" * 64, 2_000_000), Part("2" * 64, 4_000_000)
CONFIG = {"hidden_size": 64, "num_attention_heads": 8, "head_dim": 16, "intermediate_size": 256}


def a_manifest(config: dict, **fields) -> Manifest:
    return Manifest(
        name="Soup",
        config=config,
        context=2048,
        stack_path="model.layers",
        files={},
        shell=SHELL,
        layers=(PART,) * 3,
        cache_values=(64,) * 3,
        matrix_values=(900_000,) * 3,
        matrix_rows=(700,) * 3,
        dtype=fields.pop("dtype", "bfloat16"),
        **fields,
    )


def test_a_manifest_says_what_a_plan_needs():
    shape = shape_of(a_manifest(CONFIG))
    assert shape.layers == (LayerSize(1_000_000, 900_000, 700, 64, 2_000_000, 0.0),) * 3
    assert (shape.name, shape.dtype, shape.context, shape.hidden_size) == ("Soup", "bfloat16", 2048, 64)
    assert (shape.most_heads, shape.keys_width) == (8, 128)
    assert shape.widest_matrix == 64 * 2 * 256
    assert shape.floor == "int8"  # five million numbers: a small model


def test_a_config_may_name_things_differently_or_lie_deeper():
    inner = {"n_embd": 96, "n_head": 4}
    assert shape_of(a_manifest({"text_config": inner})).hidden_size == 96
    assert shape_of(a_manifest(inner)).most_heads == 4


def test_what_a_config_does_not_say_is_counted_high():
    shape = shape_of(a_manifest({"hidden_size": 64}))
    assert (shape.heads, shape.most_heads, shape.keys_width, shape.widest_matrix) == (0, 2, 64, 0)


def test_a_strangers_config_is_not_trusted():
    for odd in (-3, "8", True, 1 << 40, None, [8]):
        assert shape_of(a_manifest(CONFIG | {"num_attention_heads": odd})).heads == 0


def test_experts_that_a_token_goes_to_are_counted():
    shape = shape_of(a_manifest(CONFIG | {"num_experts_per_tok": 2, "moe_intermediate_size": 32}))
    assert shape.expert_values == 2 * (3 * 32 + 4 * 64)


def test_a_layer_with_experts_is_faster_than_its_size_says():
    few = {"num_experts_per_tok": 2, "num_experts": 8, "moe_intermediate_size": 400}
    shape = shape_of(a_manifest(CONFIG | few))
    assert shape.expert_use == 0.25
    assert {layer.expert_share for layer in shape.layers} == {3 * 8 * 64 * 400 / 1_000_000}
    too_large = shape_of(a_manifest(CONFIG | few | {"moe_intermediate_size": 4000}))
    assert {layer.expert_share for layer in too_large.layers} == {0.0}  # a layer without experts


def test_float64_is_loaded_as_float32():
    assert shape_of(a_manifest(CONFIG, dtype="float64")).dtype == "float32"
