from engine.planning.activations import activation_bytes
from engine.planning.models import LayerSize, shape_of
from engine.planning.weights import weights_bytes
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
        layers=(fields.pop("part", PART),) * 3,
        cache_values=(64,) * 3,
        matrix_values=(fields.pop("matrix_values", 900_000),) * 3,
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


def test_a_config_without_a_width_is_counted_as_wide_as_its_matrices_let_it():
    wide = shape_of(a_manifest({}))
    assert wide.hidden_size == 948
    assert wide.hidden_size**2 <= 900_000 < (wide.hidden_size + 1) ** 2
    assert shape_of(a_manifest({}, part=Part("1" * 64, 1400), matrix_values=700)).hidden_size == 26


def test_matrices_that_are_larger_than_their_layer_make_it_larger_and_never_take_less_than_nothing():
    layer, *_ = shape_of(a_manifest(CONFIG, matrix_values=2_000_000)).layers
    assert layer.values == layer.matrix_values == 2_000_000
    assert [weights_bytes(p, layer, "float16") for p in ("int8", "nf4")] == [2_002_800, 1_125_000]


def test_an_encoder_of_a_stranger_who_says_nothing_of_it_is_planned_all_the_same():
    shape = shape_of(a_manifest({}, kind="encoder"))
    assert activation_bytes(shape, "float32", True, 4096, False) > 0


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
