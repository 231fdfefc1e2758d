"""Random models of several families in a store, large enough that layers outweigh what else is there."""

import torch
import transformers as hf
from transformers import PretrainedConfig

from engine.weights.imports.importing import import_model
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore

N_LAYERS = 3
CONTEXT = 2048

_TRIVIAL = {"vocab_size": 97, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
_SIZES = _TRIVIAL | {
    "num_hidden_layers": N_LAYERS,
    "max_position_embeddings": CONTEXT,
    "hidden_size": 256,
    "intermediate_size": 1024,
    "num_attention_heads": 4,
}
_EXPERTS = {"moe_intermediate_size": 128, "num_experts_per_tok": 2}

CONFIGS: dict[str, PretrainedConfig] = {
    "llama": hf.LlamaConfig(**_SIZES, num_key_value_heads=1),
    "gemma2": hf.Gemma2Config(**_SIZES, num_key_value_heads=2, head_dim=64, sliding_window=512),
    "qwen3_moe": hf.Qwen3MoeConfig(
        **_SIZES, **_EXPERTS, num_experts=8, num_key_value_heads=2, head_dim=128, decoder_sparse_step=1
    ),
    "deepseek_v3": hf.DeepseekV3Config(
        **_SIZES,
        **_EXPERTS,
        num_key_value_heads=4,
        n_routed_experts=8,
        n_group=2,
        topk_group=1,
        first_k_dense_replace=1,
        q_lora_rank=64,
        kv_lora_rank=64,
        qk_rope_head_dim=32,
        qk_nope_head_dim=64,
        v_head_dim=64,
    ),
}


def imported(family: str, store: LayerStore) -> Manifest:
    torch.manual_seed(0)
    model = hf.AutoModelForCausalLM.from_config(CONFIGS[family]).eval()
    return import_model(model, None, family, store)
