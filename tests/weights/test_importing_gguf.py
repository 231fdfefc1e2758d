"""GGUF files give what the safetensors of the same model give, as far as they hold it."""

import pytest
import torch
import transformers as hf
from gguf import GGMLQuantizationType as Kind
from transformers import PreTrainedModel

from engine.errors import BadModelFile
from engine.weights.imports.importing import import_from
from engine.weights.loading import load_tokenizer, load_whole
from tests.weights.gguf_files import write_gguf
from tests.weights.small_models import logits_of, some_tokens
from tests.weights.test_importing_families import made_parts, parts_of

_SIZES = {
    "vocab_size": 64,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
_EXPERTS = {"moe_intermediate_size": 768, "num_experts": 4, "num_experts_per_tok": 2}


def llama() -> PreTrainedModel:
    return hf.LlamaForCausalLM(hf.LlamaConfig(**_SIZES))


def qwen3_moe() -> PreTrainedModel:
    return hf.Qwen3MoeForCausalLM(hf.Qwen3MoeConfig(**_SIZES, **_EXPERTS))


def lfm2() -> PreTrainedModel:
    """Read by transformers' other way; its layers are of two kinds."""
    sizes = {key: value for key, value in _SIZES.items() if key != "head_dim"}
    kinds = ["conv", "full_attention", "conv"]
    return hf.Lfm2ForCausalLM(hf.Lfm2Config(**sizes, layer_types=kinds, block_auto_adjust_ff_dim=False))


_MADE = {"llama": llama, "qwen3moe": qwen3_moe, "lfm2": lfm2}


@pytest.fixture(params=_MADE)
def made(request) -> tuple[PreTrainedModel, str]:
    torch.manual_seed(0)
    return _MADE[request.param]().eval(), request.param


@pytest.mark.parametrize(
    ("kind", "dtype"), [(Kind.F32, torch.float32), (Kind.F16, torch.float16), (Kind.BF16, torch.bfloat16)]
)
def test_what_is_not_quantized_gives_the_same_parts_as_safetensors(made, kind, dtype, store, tmp_path):
    model, arch = made
    model = model.to(dtype)
    manifest = import_from(str(write_gguf(tmp_path / "small.gguf", model, arch, kind)), store)
    assert made_parts(manifest) == parts_of(model)
    assert manifest.dtype == str(dtype).removeprefix("torch.")
    assert manifest.name == "small"


def test_a_half_file_with_numbers_that_need_float32_keeps_them(store, tmp_path):
    model = llama()
    model.model.norm.weight.data += 1e-6
    manifest = import_from(str(write_gguf(tmp_path / "small.gguf", model, "llama", Kind.F16)), store)
    assert manifest.dtype == "float32"
    assert torch.equal(store.tensors(manifest.shell)["model.norm.weight"], model.model.norm.weight)


@pytest.mark.parametrize("kind", [Kind.Q8_0, Kind.Q4_1])
def test_what_is_quantized_is_what_transformers_makes_of_it(made, kind, store, tmp_path):
    path = write_gguf(tmp_path / "small.gguf", made[0], made[1], kind)
    manifest = import_from(str(path), store)
    theirs = hf.AutoModelForCausalLM.from_pretrained(tmp_path, gguf_file=path.name, dtype=torch.float32)
    assert made_parts(manifest) == parts_of(theirs)
    assert torch.equal(
        logits_of(load_whole(manifest, store), some_tokens()), logits_of(theirs.eval(), some_tokens())
    )
    assert load_tokenizer(manifest, store)("pot").input_ids[-1] == 7


def test_a_file_that_is_renamed_is_the_same_model(made, store, tmp_path):
    path = write_gguf(tmp_path / "small.gguf", *made, Kind.F32)
    first = import_from(str(path), store)
    path = path.rename(tmp_path / "other.gguf")
    assert import_from(str(path), store).digest == first.digest


def test_a_file_that_contradicts_itself_is_refused_before_anything_is_read(store, tmp_path):
    model = llama()
    model.config.intermediate_size = 128
    path = write_gguf(tmp_path / "odd.gguf", model, "llama", Kind.F32)
    with pytest.raises(BadModelFile, match=r"odd contradicts its config: .*mlp\.down_proj"):
        import_from(str(path), store)
    assert not any((store.root / "parts").rglob("*"))
