"""GGUF files of tiny models, as llama.cpp's converter writes them."""

from pathlib import Path

import gguf
from torch import Tensor
from transformers import PretrainedConfig, PreTrainedModel

Kind = gguf.GGMLQuantizationType
_WORDS = ["<pad>", "<s>", "</s>", "p", "o", "t", "po", "pot"]


def write_gguf(path: Path, model: PreTrainedModel, arch: str, kind: Kind) -> Path:
    """Matrices as `kind`; as float32 what has one dimension, or rows too short for a block."""
    writer = gguf.GGUFWriter(path, arch)
    _write_facts(writer, model)
    for name, tensor in _tensors(model, arch):
        short = tensor.shape[-1] % gguf.GGML_QUANT_SIZES[kind][0]
        stored = Kind.F32 if tensor.dim() == 1 or short else kind
        writer.add_tensor(name, gguf.quantize(tensor.float().numpy(), stored), raw_dtype=stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _write_facts(writer: gguf.GGUFWriter, model: PreTrainedModel) -> None:
    config = model.config
    writer.add_name("Small")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(_heads_with_keys(config))
    writer.add_key_length(config.hidden_size // config.num_attention_heads)
    writer.add_layer_norm_rms_eps(getattr(config, "norm_eps", None) or config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    if getattr(config, "num_experts", None):
        writer.add_expert_count(config.num_experts)
        writer.add_expert_used_count(config.num_experts_per_tok)
        writer.add_expert_feed_forward_length(config.moe_intermediate_size)
    if hasattr(config, "conv_L_cache"):
        writer.add_shortconv_l_cache(config.conv_L_cache)
        writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    _write_words(writer, config.vocab_size)


def _heads_with_keys(config: PretrainedConfig) -> int | list[int]:
    """For each layer, where some are convolutions."""
    if "conv" not in (getattr(config, "layer_types", None) or ()):
        return config.num_key_value_heads
    return [config.num_key_value_heads if kind != "conv" else 0 for kind in config.layer_types]


def _write_words(writer: gguf.GGUFWriter, count: int) -> None:
    words = _WORDS + [f"word{n}" for n in range(count - len(_WORDS))]
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(words)
    writer.add_token_types([1] * len(words))
    writer.add_token_merges(["p o", "po t"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)


def _tensors(model: PreTrainedModel, arch: str):
    names = gguf.get_tensor_name_map(
        next(known for known, name in gguf.MODEL_ARCH_NAMES.items() if name == arch),
        model.config.num_hidden_layers,
    )
    tied = model.all_tied_weights_keys
    for key, tensor in ((key, tensor) for key, tensor in model.state_dict().items() if key not in tied):
        if key.endswith("gate_up_proj"):
            block = key.split(".")[2]
            yield from zip(_experts(block), tensor.chunk(2, dim=1), strict=True)
            continue
        name, dot, suffix = (
            key.rpartition(".") if key.endswith((".weight", ".bias")) else (key, ".", "weight")
        )
        yield f"{names.get_name(name)}{dot}{suffix}", _as_stored(key, tensor, model, arch).contiguous()


def _experts(block: str) -> list[str]:
    return [f"blk.{block}.ffn_{half}_exps.weight" for half in ("gate", "up")]


def _as_stored(key: str, tensor: Tensor, model: PreTrainedModel, arch: str) -> Tensor:
    """For llama alone, the two halves of each head's rotation are turned into pairs."""
    if "conv.conv" in key:
        return tensor.squeeze(1)
    if arch != "llama" or not key.endswith(("q_proj.weight", "k_proj.weight")):
        return tensor
    heads = model.config.num_attention_heads if "q_proj" in key else model.config.num_key_value_heads
    return tensor.view(heads, 2, -1, tensor.shape[1]).transpose(1, 2).reshape(tensor.shape)
