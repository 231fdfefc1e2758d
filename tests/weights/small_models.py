"""Tiny random models of many families, each with what is special about it."""

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    AutoModelForCausalLM,
    BloomConfig,
    DeepseekV3Config,
    FalconConfig,
    Gemma2Config,
    Gemma3TextConfig,
    GPT2Config,
    GPTNeoXConfig,
    LlamaConfig,
    MixtralConfig,
    MptConfig,
    OPTConfig,
    Phi3Config,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

VOCABULARY = 61
N_LAYERS = 3

_SIZES = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": N_LAYERS,
    "num_attention_heads": 4,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
_GROUPED = _SIZES | {"num_key_value_heads": 2}
_TRIVIAL = {"vocab_size": VOCABULARY, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
_LLAMA3_ROPE = {
    "rope_type": "llama3",
    "rope_theta": 1e4,
    "factor": 4.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,
}


def small_configs() -> dict[str, PretrainedConfig]:
    return {
        "llama": LlamaConfig(**_GROUPED),
        "llama-scaled-rope": LlamaConfig(**_GROUPED, rope_parameters=_LLAMA3_ROPE),
        "llama-tied": LlamaConfig(**_GROUPED, tie_word_embeddings=True),
        "gemma2": Gemma2Config(**_GROUPED, head_dim=8, sliding_window=4),
        "gemma3": Gemma3TextConfig(
            **_GROUPED,
            head_dim=8,
            sliding_window=4,
            layer_types=["sliding_attention", "full_attention", "sliding_attention"],
        ),
        "phi3": Phi3Config(**_GROUPED),
        "gpt2": GPT2Config(**_TRIVIAL, n_embd=32, n_layer=N_LAYERS, n_head=4, n_positions=64),
        "gpt_neox": GPTNeoXConfig(**_SIZES),
        "falcon": FalconConfig(**_TRIVIAL, hidden_size=32, num_hidden_layers=N_LAYERS, num_attention_heads=4),
        "falcon-alibi": FalconConfig(
            **_TRIVIAL, hidden_size=32, num_hidden_layers=N_LAYERS, num_attention_heads=4, alibi=True
        ),
        "bloom": BloomConfig(**_TRIVIAL, hidden_size=32, n_layer=N_LAYERS, n_head=4),
        "opt": OPTConfig(
            **_TRIVIAL,
            hidden_size=32,
            word_embed_proj_dim=32,
            ffn_dim=48,
            num_hidden_layers=N_LAYERS,
            num_attention_heads=4,
            max_position_embeddings=64,
        ),
        "mpt": MptConfig(
            **_TRIVIAL, d_model=32, n_heads=4, n_layers=N_LAYERS, max_seq_len=64, expansion_ratio=2
        ),
        "mixtral": MixtralConfig(**_GROUPED, num_local_experts=3, num_experts_per_tok=2),
        "deepseek_v3": DeepseekV3Config(
            **_SIZES,
            num_key_value_heads=4,
            moe_intermediate_size=16,
            n_routed_experts=4,
            n_group=2,
            topk_group=1,
            num_experts_per_tok=2,
            first_k_dense_replace=1,
            q_lora_rank=16,
            kv_lora_rank=16,
            qk_rope_head_dim=8,
            qk_nope_head_dim=8,
            v_head_dim=8,
        ),
    }


def small_model(family: str, seed: int = 0) -> PreTrainedModel:
    torch.manual_seed(seed)
    return AutoModelForCausalLM.from_config(small_configs()[family]).eval()


def some_tokens(count: int = 11) -> torch.Tensor:
    """Token ids `[2, count]`."""
    return torch.randint(3, VOCABULARY, (2, count), generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def logits_of(model: PreTrainedModel, tokens: torch.Tensor) -> torch.Tensor:
    """`[batch, tokens, vocabulary]`."""
    return model(tokens).logits


def a_tokenizer() -> PreTrainedTokenizerFast:
    words = {word: n for n, word in enumerate(["<pad>", "<s>", "</s>", "pot", "luck", "table"])}
    core = Tokenizer(models.WordLevel(words, unk_token="<pad>"))
    core.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, pad_token="<pad>", eos_token="</s>")
    tokenizer.chat_template = "{% for m in messages %}{{ m.content }} {% endfor %}"
    return tokenizer
