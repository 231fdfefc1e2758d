"""Caches of spans: the slots of layers that run elsewhere follow the tokens."""

import pytest
import torch
from transformers.cache_utils import DynamicCache, DynamicLayer, DynamicSlidingWindowLayer

from engine.model.cache_slots import LengthAndStateSlot, LengthSlot, StateSlot, advance, hand_out
from engine.model.span import cut_span
from tests.model.registry import tiny_config, tiny_family


def states(tokens: int) -> torch.Tensor:
    return torch.randn(1, tokens, 32, generator=torch.Generator().manual_seed(tokens))


def test_slots_of_other_layers_know_how_long_they_would_be() -> None:
    span = cut_span(tiny_family("mistral"), 2, 3)
    cache = span.new_cache()
    kinds = [type(slot) for slot in cache.layers]
    assert kinds == [LengthSlot, LengthSlot, DynamicSlidingWindowLayer, LengthSlot, LengthSlot]
    for tokens in (3, 1):
        span.forward(states(tokens), cache)
    assert [cache.get_seq_length(i) for i in range(5)] == [4] * 5
    cache.crop(-1)
    assert cache.get_seq_length() == cache.get_seq_length(4) == 3


def test_a_new_cache_is_empty_whatever_ran_before() -> None:
    span = cut_span(tiny_family("llama"), 1, 3)
    first, after = (span.forward(states(4), span.new_cache()) for _ in range(2))
    assert torch.equal(first, after)
    assert span.new_cache().get_seq_length() == 0


@pytest.mark.parametrize(
    ("family", "elsewhere"),
    [("qwen3_next", {LengthSlot, StateSlot}), ("falcon_h1", {LengthAndStateSlot}), ("llama", {LengthSlot})],
)
def test_slots_that_follow_are_of_the_kind_that_they_stand_for(family: str, elsewhere: set[type]) -> None:
    whole = DynamicCache(config=tiny_config(family))
    kinds = [type(slot) for slot in whole.layers]
    cache = hand_out(whole, n_layers=5, inside={1})
    assert type(cache.layers[1]) is kinds[1]
    assert {type(slot) for i, slot in enumerate(cache.layers) if i != 1} == elsewhere


def test_a_state_elsewhere_is_there_after_the_first_tokens() -> None:
    cache = hand_out(DynamicCache(config=tiny_config("mamba2")), n_layers=5, inside=())
    assert not cache.has_previous_state(3)
    advance(cache, range(5), 4)
    assert cache.has_previous_state(3)
    cache.reset()
    assert not cache.has_previous_state(3)


def test_a_cache_that_grows_by_itself_gets_a_slot_for_each_layer() -> None:
    cache = hand_out(DynamicCache(), n_layers=3, inside={2})
    assert [type(slot) for slot in cache.layers] == [LengthSlot, LengthSlot, DynamicLayer]


def test_nothing_is_written_where_a_layer_runs_elsewhere() -> None:
    cache = hand_out(DynamicCache(), n_layers=2, inside={0})
    with pytest.raises(TypeError, match="another computer"):
        cache.update(torch.zeros(1), torch.zeros(1), 1)


@pytest.mark.parametrize("family", ["qwen3_next", "jamba", "falcon_h1", "llama4_text", "longcat_flash"])
def test_a_narrowed_span_with_a_cache_of_its_own_equals_one_cut_so(family: str) -> None:
    narrowed = cut_span(tiny_family(family), 0, 5).narrow(1, 4)
    cut = cut_span(tiny_family(family), 1, 4)
    ours, theirs = narrowed.new_cache(), cut.new_cache()
    for tokens in (9, 1, 1):
        assert torch.equal(narrowed.forward(states(tokens), ours), cut.forward(states(tokens), theirs))
