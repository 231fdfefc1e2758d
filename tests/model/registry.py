"""Tiny random models of every family in transformers' own registry of causal language models.

Configs are made from each family's config class: numbers shrink by the names that they go by, lists that
count layers keep as many entries as there are layers. `CORRECTIONS` are numbers that must fit each other.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from transformers import AutoModelForCausalLM, PretrainedConfig, PreTrainedModel
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

N_LAYERS = 5
VOCABULARY = 97
HEADS = 4

_NAMES: dict[int, str] = {
    VOCABULARY: """
        vocab_size vocab_size_per_layer_input shape_vocab_size pronunciation_vocab_size
        encoder_hash_byte_group_vocab
    """,
    32: """
        hidden_size d_model n_embd emb_dim embedding_dim word_embed_proj_dim embedding_size lru_width
        input_embedding_size output_embedding_size attention_hidden_size
    """,
    48: """
        intermediate_size ffn_dim ffn_hidden_size dff d_inner dim_ff decoder_ffn_dim encoder_ffn_dim
        feed_forward_size intermediate_size_mlp dense_intermediate_size
    """,
    16: """
        moe_intermediate_size shared_expert_intermediate_size shared_intermediate_size
        expert_ffn_hidden_size moe_shared_expert_intermediate_size shared_experts_intermediate_size
        q_lora_rank kv_lora_rank qk_head_dim o_lora_rank laurel_rank adapter_rank router_hidden_size
        hc_lowrank mamba_d_head mamba_headdim mamba_head_dim gated_norm_rank
        hidden_size_per_layer_input
    """,
    N_LAYERS: """
        num_hidden_layers n_layer n_layers num_layers decoder_layers num_decoder_layers num_blocks
        encoder_layers num_encoder_layers
    """,
    HEADS: """
        num_attention_heads n_head n_heads num_heads decoder_attention_heads attention_heads
        num_decoder_attention_heads encoder_attention_heads swa_num_attention_heads linear_num_heads
        linear_num_value_heads mamba_n_heads mamba_num_heads num_experts n_routed_experts
        num_local_experts moe_num_experts time_step_rank mamba_dt_rank mamba_chunk_size chunk_size
        index_block_size d_rel
    """,
    8: """
        head_dim kv_channels d_head dim_head attention_head_size swa_head_dim linear_head_dim
        linear_key_head_dim linear_value_head_dim qk_rope_head_dim qk_nope_head_dim v_head_dim
        state_size mamba_d_state ssm_state_size rotary_dim index_head_dim index_topk floor_scale
    """,
    6: """
        sliding_window attention_chunk_size window_size local_attention attention_window_size
        sliding_window_size local_attention_window_len
    """,
    2: """
        num_experts_per_tok num_experts_per_token moe_topk moe_k n_group linear_num_key_heads
        swa_num_key_value_heads index_n_heads max_window_layers num_kv_shared_layers num_expert_group
        attn_layer_period expert_layer_period no_rope_layer_interval num_key_value_heads
        sliding_window_pattern _sliding_window_pattern global_attn_every_n_layers interleave_moe_layer_step
        zero_expert_num
    """,
    1: """
        topk_group attn_layer_offset expert_layer_offset first_k_dense_replace num_dense_layers
        moe_layer_start_index mamba_n_groups n_groups mamba_ngroups
    """,
    128: """
        max_position_embeddings n_positions max_seq_len n_ctx context_length max_target_positions
        max_source_positions rel_extent model_max_length
    """,
    64: "mamba_d_ssm original_max_position_embeddings",
}
TINY = {name: value for value, names in _NAMES.items() for name in names.split()}
_NEEDED = {"head_dim", "num_key_value_heads", "n_routed_experts", "num_experts_per_tok"}
_SPECIAL = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}

_ROPE = {"rope_type": "default", "rope_theta": 10000.0}
_SHARED = ["sliding_attention", "full_attention", *["sliding_attention"] * 2, "full_attention"]
_INDEXER = {
    "indexer_n_heads": 2,
    "indexer_kv_heads": 1,
    "indexer_head_dim": 8,
    "indexer_budget": 8,
    "indexer_compress_ratio": 4,
}

# What a family's numbers need in order to fit each other, or to have every kind of layer.
CORRECTIONS: dict[str, dict[str, Any]] = {
    "bamba": {"attn_layer_indices": [1, 4]},
    "dbrx": {
        "attn_config": {"rope_theta": 10000.0, "kv_n_heads": 2, "clip_qkv": 8.0},
        "ffn_config": {"ffn_hidden_size": 16, "moe_num_experts": 4, "moe_top_k": 2},
    },
    "cohere_compass_text": {"rope_parameters": {"full_attention": _ROPE}},
    "dots1": {"n_shared_experts": 1, "first_k_dense_replace": 1},
    "dots3_note_text": {
        "swa_num_attention_heads": HEADS,
        "swa_num_key_value_heads": HEADS,
        "swa_q_lora_rank": 16,
        "swa_kv_lora_rank": 16,
        "swa_head_dim": 16,
        "swa_qk_nope_head_dim": 8,
        "swa_v_head_dim": 8,
    },
    "gemma3n_text": {"layer_types": _SHARED},
    "gemma4_text": {"layer_types": _SHARED},
    "granitemoehybrid": {"layer_types": ["mamba", "attention", "mamba", "mamba", "attention"]},
    "hunyuan_v1_dense": {"rope_parameters": _ROPE},
    "hunyuan_v1_moe": {"rope_parameters": _ROPE},
    "lfm2_moe": {"layer_types": ["conv", "full_attention", "conv", "conv", "full_attention"]},
    "mamba2": {"head_dim": 16},
    "ministral": {"rope_parameters": _ROPE},
    "qwen4_exp_text": _INDEXER,
    "qwen4_exp": {"text_config": _INDEXER},
    "reformer": {"axial_pos_embds_dim": [8, 24], "axial_pos_shape": [8, 16]},
    "xmod": {"default_language": "en_XX"},
    "xlstm": {"chunk_size": 16},
    "zamba": {
        "layers_block_type": ["mamba", "hybrid", "mamba", "hybrid", "mamba"],
        "attention_hidden_size": 64,
        "attention_head_dim": 16,
    },
    "zamba2": {"n_mamba_heads": 4, "attention_hidden_size": 64, "attention_head_dim": 16},
    "zaya": {"num_experts_per_tok": 1},
}


def families() -> list[str]:
    return list(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES)


def tiny_config(family: str) -> PretrainedConfig:
    kind = CONFIG_MAPPING[family]
    values = _shrunk(kind())
    for name, value in CORRECTIONS.get(family, {}).items():
        values[name] = values[name] | value if isinstance(values.get(name), dict) else value
    return kind(**values)


def _shrunk(config: PretrainedConfig) -> dict[str, Any]:
    """The values of a family's default config that are to be smaller."""
    values = {name: value for name, value in config.to_dict().items() if name in vars(config)}
    small = {name: _smaller(name, value, values) for name, value in values.items()}
    small |= _picked(values, getattr(config, "num_hidden_layers", None))
    small |= {
        name: _shrunk(inner)
        for name in config.sub_configs
        if isinstance(inner := getattr(config, name, None), PretrainedConfig)
    }
    return {
        name: value for name, value in small.items() if name in config.sub_configs or value != values[name]
    }


def _smaller(name: str, value: Any, values: Mapping[str, Any]) -> Any:
    if name == "is_decoder":
        return True
    if name in _SPECIAL and value is not None:
        return _SPECIAL[name]
    if name.endswith("_token_id") and isinstance(value, int):
        return min(value, VOCABULARY - 1)
    if name in _NEEDED and value is None:
        return TINY[name]
    if name in ("num_key_value_heads", "num_kv_heads"):
        return _groups(value, values)
    if name in TINY and isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0:
        return TINY[name]
    return value


def _groups(groups: Any, values: Mapping[str, Any]) -> Any:
    """As many heads of keys as of queries, one, or two: as the family has it."""
    heads = next(
        (values[name] for name in ("num_attention_heads", "n_head", "n_heads") if name in values), groups
    )
    if not isinstance(groups, int):
        return groups
    return HEADS if groups == heads else min(groups, HEADS // 2)


def _picked(values: Mapping[str, Any], n_layers: int | None) -> dict[str, Any]:
    """Of all lists that count layers, the entries of the same few layers: every value occurs."""
    lists = {
        name: value
        for name, value in values.items()
        if isinstance(value, (list, tuple)) and len(value) == n_layers
    }
    if not lists or n_layers is None or n_layers <= N_LAYERS:
        return {}
    layers = _layers_with_all_values(list(lists.values()), n_layers)
    return {name: [value[i] for i in layers] for name, value in lists.items()}


def _layers_with_all_values(lists: Sequence[Sequence[Any]], n_layers: int) -> list[int]:
    first = {
        (k, str(value)): i for k, values in enumerate(lists) for i, value in reversed(list(enumerate(values)))
    }
    wanted = list(dict.fromkeys([*sorted(set(first.values())), *range(n_layers)]))
    return sorted(wanted[:N_LAYERS])


def tiny_family(family: str, seed: int = 0) -> PreTrainedModel:
    """The whole model, in float32, with weights under which every token and layer counts."""
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(tiny_config(family)).float().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += (0.1 if parameter.dim() < 2 else 1 / math.sqrt(parameter.shape[-1])) * torch.randn(
                parameter.shape
            )
    return model.requires_grad_(False)
