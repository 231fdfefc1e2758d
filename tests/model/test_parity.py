"""Spans on a block server's pool of keys and values: prompts in pieces, rollbacks, rejected drafts."""

import copy

import pytest
import torch
from torch import Tensor
from transformers import PreTrainedModel

from engine.model.shell import cut_shell
from engine.model.swarm_cache import SwarmCache
from tests.tiny_models import CONFIGS, N_LAYERS, LocalChain, some_prompt, span_of, tiny_model

UNEVEN = ((0, 1), (1, 3), (3, N_LAYERS))
NEW_TOKENS = 11
TOLERANCE = 1e-5
# Grouped heads, windows, two kinds of layers, learned positions, ALiBi, latent keys, experts.
DETAILED = ("llama", "mistral", "gemma3_text", "gpt2", "bloom", "mpt", "deepseek_v3", "qwen3_moe")


def cut(model: PreTrainedModel) -> tuple[PreTrainedModel, SwarmCache]:
    """The model's shell, and a cache that leads through its three spans."""
    chain = LocalChain([span_of(model, start, end) for start, end in UNEVEN])
    return cut_shell(copy.deepcopy(model)), SwarmCache(chain)


@torch.inference_mode()
def logits(shell: PreTrainedModel, cache: SwarmCache, ids: Tensor) -> Tensor:
    """`[tokens, vocabulary]` for tokens that continue what the cache holds."""
    return shell(input_ids=ids, past_key_values=cache, use_cache=True).logits[0]


@torch.inference_mode()
def whole_logits(model: PreTrainedModel, ids: Tensor) -> Tensor:
    return model(ids).logits[0]


@pytest.mark.parametrize("family", CONFIGS)
def test_generates_the_same_tokens_with_the_same_logits(family: str) -> None:
    model = tiny_model(family)
    shell, cache = cut(model)
    how = {
        "inputs": some_prompt(9),
        "max_new_tokens": NEW_TOKENS,
        "do_sample": False,
        "use_cache": True,
        "eos_token_id": None,
        "pad_token_id": 0,
        "output_logits": True,
        "return_dict_in_generate": True,
    }
    whole = model.generate(**how)
    through_spans = shell.generate(**how, past_key_values=cache)
    assert through_spans.sequences.shape == (1, 9 + NEW_TOKENS)
    assert torch.equal(through_spans.sequences, whole.sequences)
    for ours, theirs in zip(through_spans.logits, whole.logits, strict=True):
        assert (ours - theirs).abs().max() <= TOLERANCE


@pytest.mark.parametrize("family", DETAILED)
def test_a_prompt_may_come_in_chunks(family: str) -> None:
    model = tiny_model(family)
    shell, cache = cut(model)
    ids = some_prompt(12)
    in_chunks = torch.cat([logits(shell, cache, chunk) for chunk in ids.split([5, 4, 1, 2], dim=1)])
    assert cache.length == 12
    assert (in_chunks - whole_logits(model, ids)).abs().max() <= TOLERANCE


@pytest.mark.parametrize("family", DETAILED)
def test_a_step_at_an_earlier_position_forgets_what_came_after(family: str) -> None:
    model = tiny_model(family)
    shell, cache = cut(model)
    kept, regretted, instead = some_prompt(8), some_prompt(5, seed=1), some_prompt(4, seed=2)
    logits(shell, cache, kept)
    logits(shell, cache, regretted)
    cache.crop(-5)
    after = logits(shell, cache, instead)
    expected = whole_logits(model, torch.cat([kept, instead], dim=1))[8:]
    assert (after - expected).abs().max() <= TOLERANCE


@pytest.mark.parametrize("draft_tokens", [2, 6])
def test_prompt_lookup_drafts_are_accepted_and_rejected_as_in_the_whole_model(draft_tokens: int) -> None:
    model = tiny_model("llama")
    shell, cache = cut(model)
    ids = some_prompt(4).repeat(1, 4)  # repeats itself, so that drafts are found
    how = {"max_new_tokens": 30, "do_sample": False, "eos_token_id": None, "pad_token_id": 0}
    plain = model.generate(ids, **how)
    drafted = shell.generate(ids, **how, past_key_values=cache, prompt_lookup_num_tokens=draft_tokens)
    assert torch.equal(drafted, plain)
