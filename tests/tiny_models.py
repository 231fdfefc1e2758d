"""Tiny random models of many families, whole and cut: no files, no downloads."""

import copy
from collections.abc import Callable, Iterator, Sequence

import pytest
import torch
import transformers as hf
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from torch import Tensor
from transformers import PretrainedConfig, PreTrainedModel

from engine.host.budget import BlockBudget, blocks_for
from engine.host.kv_cache import PooledCache, SessionCache
from engine.host.runner import SpanRunner
from engine.model.extras import StepExtras
from engine.model.span import Span, cut_span

VOCABULARY = 97
HIDDEN = 32
N_LAYERS = 5
WINDOW = 6  # of sliding attention: shorter than every prompt here
CONTEXT = 128

_SPECIAL = {"vocab_size": VOCABULARY, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
_SIZES = _SPECIAL | {
    "hidden_size": HIDDEN,
    "intermediate_size": 48,
    "num_hidden_layers": N_LAYERS,
    "num_attention_heads": 4,
    "max_position_embeddings": CONTEXT,
}
_GROUPED = _SIZES | {"num_key_value_heads": 2}
_HEADS = _GROUPED | {"head_dim": 8}
_EXPERTS = {"moe_intermediate_size": 16, "num_experts": 4, "num_experts_per_tok": 2}

CONFIGS: dict[str, Callable[[], PretrainedConfig]] = {
    "llama": lambda: hf.LlamaConfig(**_GROUPED),
    "mistral": lambda: hf.MistralConfig(**_GROUPED, sliding_window=WINDOW),
    "qwen2": lambda: hf.Qwen2Config(**_GROUPED),
    "qwen3": lambda: hf.Qwen3Config(**_HEADS),
    "qwen3_moe": lambda: hf.Qwen3MoeConfig(**_HEADS, **_EXPERTS),
    "gemma": lambda: hf.GemmaConfig(**_HEADS),
    "gemma2": lambda: hf.Gemma2Config(**_HEADS, sliding_window=WINDOW),
    "gemma3_text": lambda: hf.Gemma3TextConfig(
        **_HEADS,
        sliding_window=WINDOW,
        layer_types=[*["sliding_attention"] * 2, "full_attention", *["sliding_attention"] * 2],
    ),
    "mixtral": lambda: hf.MixtralConfig(**_GROUPED, num_local_experts=4),
    "phi": lambda: hf.PhiConfig(**_GROUPED),
    "phi3": lambda: hf.Phi3Config(**_GROUPED),
    "granite": lambda: hf.GraniteConfig(**_GROUPED),
    "gpt2": lambda: hf.GPT2Config(**_SPECIAL, n_embd=HIDDEN, n_layer=N_LAYERS, n_head=4, n_positions=CONTEXT),
    "gpt_neox": lambda: hf.GPTNeoXConfig(**_SIZES),
    "opt": lambda: hf.OPTConfig(
        **_SPECIAL,
        hidden_size=HIDDEN,
        word_embed_proj_dim=HIDDEN,
        ffn_dim=48,
        num_hidden_layers=N_LAYERS,
        num_attention_heads=4,
        max_position_embeddings=CONTEXT,
    ),
    "falcon": lambda: hf.FalconConfig(
        **_SPECIAL, hidden_size=HIDDEN, num_hidden_layers=N_LAYERS, num_attention_heads=4
    ),
    "bloom": lambda: hf.BloomConfig(**_SPECIAL, hidden_size=HIDDEN, n_layer=N_LAYERS, n_head=4),
    "mpt": lambda: hf.MptConfig(
        **_SPECIAL, d_model=HIDDEN, n_layers=N_LAYERS, n_heads=4, max_seq_len=CONTEXT, expansion_ratio=2
    ),
    "olmo2": lambda: hf.Olmo2Config(**_GROUPED),
    "cohere": lambda: hf.CohereConfig(**_GROUPED),
    "stablelm": lambda: hf.StableLmConfig(**_GROUPED),
    "deepseek_v3": lambda: hf.DeepseekV3Config(
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


@pytest.fixture(scope="package", autouse=True)
def one_torch_thread() -> Iterator[None]:
    """For folders of tests that import it: so small models are only held up by a second thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def tiny_model(family: str = "llama", seed: int = 0) -> PreTrainedModel:
    torch.manual_seed(seed)
    return hf.AutoModelForCausalLM.from_config(CONFIGS[family]()).eval()


def span_of(model: PreTrainedModel, start: int = 0, end: int = N_LAYERS) -> Span:
    """Layers [start, end) with their weights; the model stays whole."""
    return cut_span(copy.deepcopy(model), start, end)


def runner_of(
    model: PreTrainedModel,
    start: int = 0,
    end: int = N_LAYERS,
    cache_tokens: int = 16 * 64,
    kind: type[SpanRunner] = SpanRunner,
) -> SpanRunner:
    """A runner of layers [start, end) whose cache holds that many positions."""
    runner = kind(span_of(model, start, end), HIDDEN, cache_bytes=1)
    return kind(runner.span, HIDDEN, cache_bytes=runner.bytes_per_token * cache_tokens)


def some_prompt(count: int = 9, seed: int = 0) -> Tensor:
    """Token ids `[1, count]`, none of them special."""
    return torch.randint(3, VOCABULARY, (1, count), generator=torch.Generator().manual_seed(seed))


def some_states(tokens: int, seed: int = 0) -> Tensor:
    """Hidden states `[tokens, hidden]`."""
    return torch.randn(tokens, HIDDEN, generator=torch.Generator().manual_seed(seed))


@torch.inference_mode()
def greedy(model: PreTrainedModel, prompt: Sequence[int], count: int) -> list[int]:
    """What the whole model's own `generate()` adds to the prompt."""
    ids = torch.tensor([list(prompt)])
    out = model.generate(ids, max_new_tokens=count, do_sample=False, eos_token_id=None, pad_token_id=0)
    return out[0, len(prompt) :].tolist()


class LocalChain:
    """Spans of one model that follow each other in this process: a `walk` for a SwarmCache."""

    def __init__(self, spans: Sequence[Span], cache_tokens: int = 2 * CONTEXT) -> None:
        self._spans = [(span, _own_cache(cache_tokens)) for span in spans]

    def __call__(self, hidden: Tensor, position: int, extras: StepExtras | None = None) -> Tensor:
        """`[1, tokens, hidden]` at `position` through all spans; these know only plain text."""
        assert extras is None
        tokens = hidden.shape[1]
        for span, (budget, pool, session) in self._spans:
            session.length = position
            budget.grow(session.table, position + tokens)
            pool.point_at([session], tokens, hidden.device)
            hidden = span.forward(hidden, pool)
        return hidden


def _own_cache(tokens: int) -> tuple[BlockBudget, PooledCache, SessionCache]:
    budget = BlockBudget(blocks_for(tokens))
    # As many layers as the model: a narrowed span numbers its own as the span around it does.
    return budget, PooledCache(N_LAYERS, budget), SessionCache()


# --- models that chat

CHAT_CONTEXT = 400
_TEMPLATE = (
    "{% for message in messages %}{{ message.role[0] }}:{{ message.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}a:{% endif %}"
)


def byte_tokenizer(merges: Sequence[tuple[str, str]] = ()) -> hf.PreTrainedTokenizerFast:
    """One token for every byte, then `merges` of them, then three special ones."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = [*alphabet, *("".join(pair) for pair in merges)]
    made = Tokenizer(models.BPE({word: i for i, word in enumerate(words)}, list(merges)))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.decoder = decoders.ByteLevel()
    tokenizer = hf.PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", bos_token="<bos>", eos_token="<eos>"
    )
    tokenizer.chat_template = _TEMPLATE
    return tokenizer


def chat_model(tokenizer: hf.PreTrainedTokenizerFast, seed: int = 0) -> PreTrainedModel:
    """Answers with printable ASCII, so that its text has the same tokens when it is read again."""
    torch.manual_seed(seed)
    sizes = _GROUPED | {"vocab_size": len(tokenizer), "max_position_embeddings": CHAT_CONTEXT}
    special = {f"{kind}_token_id": getattr(tokenizer, f"{kind}_token_id") for kind in ("pad", "bos", "eos")}
    model = hf.LlamaForCausalLM(hf.LlamaConfig(**sizes | special, initializer_range=0.2)).eval()
    printable = set(tokenizer("".join(map(chr, range(32, 127)))).input_ids)
    with torch.no_grad():
        for token in set(range(len(tokenizer))) - printable:
            model.lm_head.weight[token] = 0
    return model
