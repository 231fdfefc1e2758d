"""Layer by layer gives the same parts as loading the whole model with `from_pretrained`, bit for bit."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import transformers as hf
from safetensors.torch import load_file, save, save_file
from transformers import PretrainedConfig, PreTrainedModel

from engine.errors import UnsupportedModel
from engine.model.stack import find_stack
from engine.weights.content_hash import content_name
from engine.weights.imports.importing import import_from
from engine.weights.imports.layerwise import shell_tensors
from engine.weights.loading import load_whole
from tests.weights.small_models import (
    VOCABULARY,
    a_tokenizer,
    logits_of,
    small_configs,
    small_model,
    some_tokens,
)

_ENCODER = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
}
_QWEN_MOE = hf.Qwen3MoeConfig(
    **_ENCODER,
    num_key_value_heads=2,
    head_dim=8,
    moe_intermediate_size=16,
    num_experts=4,
    num_experts_per_tok=2,
)


def parts_of(model: PreTrainedModel) -> list[str]:
    """The names that the parts of a whole model must have: the shell, then the layers."""
    stack = find_stack(model)
    groups = [shell_tensors(model, stack.prefix), *(layer.state_dict() for layer in stack.layers)]
    return [
        content_name(save({name: group[name].contiguous().clone() for name in sorted(group)}))
        for group in groups
    ]


def made_parts(manifest) -> list[str]:
    return [manifest.shell.digest, *(part.digest for part in manifest.layers)]


def saved(model: PreTrainedModel, path: Path, shard: str = "1GB") -> Path:
    model.save_pretrained(path, max_shard_size=shard)
    a_tokenizer().save_pretrained(path)
    return path


def rename_keys(path: Path, rename: Callable[[str], str]) -> None:
    """In a folder with a single file of weights."""
    file = path / "model.safetensors"
    save_file({rename(key): value for key, value in load_file(file).items()}, file, {"format": "pt"})


@pytest.mark.parametrize("family", [*small_configs(), "qwen3_moe"])
def test_a_family(family, tmp_path, store):
    model = small_model(family) if family in small_configs() else seeded(hf.Qwen3MoeForCausalLM, _QWEN_MOE)
    path = saved(model, tmp_path / "folder", shard="20KB")
    manifest = import_from(str(path), store)
    whole = hf.AutoModelForCausalLM.from_pretrained(path, dtype="auto")
    assert made_parts(manifest) == parts_of(whole)
    assert manifest.dtype == "float32"
    assert len(manifest.cache_values) == manifest.n_layers
    assert sum(manifest.cache_values) > 0


def seeded(kind: type[PreTrainedModel], config: PretrainedConfig) -> PreTrainedModel:
    torch.manual_seed(0)
    return kind(config).eval()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("family", ["gemma3", "deepseek_v3"])
def test_low_precision_stays(family, dtype, tmp_path, store):
    path = saved(small_model(family).to(dtype), tmp_path / "folder")
    manifest = import_from(str(path), store)
    assert manifest.dtype == str(dtype).removeprefix("torch.")
    assert made_parts(manifest) == parts_of(hf.AutoModelForCausalLM.from_pretrained(path, dtype="auto"))


def test_a_config_without_a_type_takes_that_of_the_weights(tmp_path, store):
    path = saved(small_model("llama").to(torch.bfloat16), tmp_path / "folder")
    config = json.loads((path / "config.json").read_text())
    del config["dtype"]
    (path / "config.json").write_text(json.dumps(config))
    manifest = import_from(str(path), store)
    assert manifest.dtype == "bfloat16"
    assert made_parts(manifest) == parts_of(hf.AutoModelForCausalLM.from_pretrained(path, dtype="auto"))


@pytest.mark.parametrize("family", ["gpt2", "bloom"])
def test_a_base_model_s_names_are_understood(family, tmp_path, store):
    model = small_model(family)
    path = saved(model, tmp_path / "folder")
    rename_keys(path, lambda key: key.removeprefix("transformer."))
    assert made_parts(import_from(str(path), store)) == parts_of(model)


@pytest.mark.parametrize(
    ("made", "config"),
    [
        (hf.BertForMaskedLM, hf.BertConfig(**_ENCODER)),
        (hf.BertModel, hf.BertConfig(**_ENCODER)),
        (hf.RobertaForSequenceClassification, hf.RobertaConfig(**_ENCODER)),
        (
            hf.DistilBertForMaskedLM,
            hf.DistilBertConfig(vocab_size=61, dim=32, hidden_dim=48, n_layers=3, n_heads=4),
        ),
        (hf.XLMRobertaModel, hf.XLMRobertaConfig(**_ENCODER)),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_an_encoder_is_read_without_its_head(made, config, tmp_path, store):
    path = saved(seeded(made, config), tmp_path / "folder")
    manifest = import_from(str(path), store)
    without_pooler = {} if isinstance(config, hf.DistilBertConfig) else {"add_pooling_layer": False}
    whole = hf.AutoModel.from_pretrained(path, dtype="auto", **without_pooler).eval()
    assert manifest.kind == "encoder"
    assert made_parts(manifest) == parts_of(whole)
    tokens = some_tokens()
    ours = load_whole(manifest, store)
    assert torch.equal(ours(tokens).last_hidden_state, whole(tokens).last_hidden_state)


def test_names_from_the_time_of_tensorflow_are_understood(tmp_path, store):
    model = seeded(hf.BertForMaskedLM, hf.BertConfig(**_ENCODER))
    path = saved(model, tmp_path / "folder")
    first = import_from(str(path), store)
    old = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}
    rename_keys(path, lambda key: key[: -len(new)] + old[new] if (new := ending(key, old)) else key)
    assert import_from(str(path), store).digest == first.digest


def ending(key: str, endings) -> str:
    return next((end for end in endings if key.endswith(end)), "")


def test_how_an_encoder_s_states_are_pooled_is_kept(tmp_path, store):
    path = saved(seeded(hf.BertModel, hf.BertConfig(**_ENCODER)), tmp_path / "folder")
    (path / "1_Pooling").mkdir()
    (path / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    (path / "modules.json").write_text("[]")
    files = import_from(str(path), store).files
    assert store.read(files["1_Pooling/config.json"]) == b'{"pooling_mode_cls_token": true}'
    assert store.read(files["modules.json"]) == b"[]"


def llava() -> PreTrainedModel:
    vision = hf.CLIPVisionConfig(
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        image_size=16,
        patch_size=8,
    )
    text = hf.LlamaConfig(**_ENCODER, num_key_value_heads=2)
    config = hf.LlavaConfig(vision_config=vision, text_config=text, image_token_index=5)
    return seeded(hf.LlavaForConditionalGeneration, config)


def test_a_model_that_sees_images(tmp_path, store):
    model = llava()
    path = saved(model, tmp_path / "folder", shard="30KB")
    (path / "preprocessor_config.json").write_text('{"image_processor_type": "CLIPImageProcessor"}')
    manifest = import_from(str(path), store)
    whole = hf.AutoModelForImageTextToText.from_pretrained(path, dtype="auto")
    assert (manifest.kind, manifest.n_layers) == ("image_text", 3)
    assert made_parts(manifest) == parts_of(whole)
    assert "preprocessor_config.json" in manifest.files
    ours = load_whole(manifest, store).state_dict()
    assert all(torch.equal(ours[name], tensor) for name, tensor in whole.state_dict().items())


def test_a_broken_tie_stays_broken(tmp_path, store):
    model = small_model("llama-tied")
    path = saved(model, tmp_path / "folder")
    tensors = load_file(path / "model.safetensors")
    tensors["lm_head.weight"] = model.model.embed_tokens.weight.detach() + 1
    save_file(tensors, path / "model.safetensors", {"format": "pt"})
    manifest = import_from(str(path), store)
    assert made_parts(manifest) == parts_of(hf.AutoModelForCausalLM.from_pretrained(path))
    assert torch.equal(
        logits_of(load_whole(manifest, store), some_tokens()),
        logits_of(hf.AutoModelForCausalLM.from_pretrained(path), some_tokens()),
    )


def test_only_the_head_s_name_of_a_tied_tensor(tmp_path, store):
    model = small_model("llama-tied")
    path = saved(model, tmp_path / "folder")
    rename_keys(path, lambda key: "lm_head.weight" if "embed_tokens" in key else key)
    assert made_parts(import_from(str(path), store)) == parts_of(model)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"quantization_config": {"quant_method": "fp8"}}, r"quantized already \(fp8\)"),
        ({"model_type": "from-tomorrow"}, "from-tomorrow.*never runs"),
        (
            {"model_type": "t5", "architectures": ["T5Model"], "is_encoder_decoder": True},
            "encoder and a decoder",
        ),
        ({"model_type": "vit", "architectures": ["ViTModel"]}, "no model for text"),
    ],
)
def test_what_cannot_be_shared_is_refused_with_the_reason(changes, sentence, tmp_path, store):
    path = saved(small_model("llama"), tmp_path / "folder")
    config = json.loads((path / "config.json").read_text())
    (path / "config.json").write_text(json.dumps(config | changes))
    with pytest.raises(UnsupportedModel, match=sentence):
        import_from(str(path), store)
