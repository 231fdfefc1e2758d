"""Spans by themselves: sub-spans that share weights, and what a span does not keep."""

import copy

import pytest
import torch
from torch import Tensor, nn

from engine.errors import UnsupportedModel
from engine.host.kv_cache import SessionCache
from engine.host.runner import Forward, SpanRunner
from engine.model.elsewhere import AllLayers
from engine.model.extras import StepExtras
from engine.model.shell import cut_shell
from engine.model.span import cut_span
from engine.model.stack import find_stack
from engine.model.swarm_cache import SwarmCache
from tests.tiny_models import (
    CONFIGS,
    HIDDEN,
    N_LAYERS,
    LocalChain,
    runner_of,
    some_prompt,
    some_states,
    span_of,
    tiny_model,
)

TOLERANCE = 1e-5


@pytest.mark.parametrize("family", CONFIGS)
def test_a_narrowed_span_equals_a_span_cut_so(family: str) -> None:
    model = tiny_model(family)
    narrowed = LocalChain([span_of(model).narrow(1, 4)])
    cut = LocalChain([span_of(model, 1, 4)])
    for position, tokens in ((0, 9), (9, 1), (10, 3)):
        states = some_states(tokens, seed=position)[None]
        assert (narrowed(states, position) - cut(states, position)).abs().max() <= TOLERANCE


@pytest.mark.parametrize("family", ["llama", "gemma2", "gemma3_text", "gpt2", "bloom", "qwen3_moe"])
def test_outer_and_narrowed_spans_take_turns(family: str) -> None:
    """They hang on the same modules: neither may feed or answer for the other."""
    model = tiny_model(family)
    outer = span_of(model)
    turns = {
        (0, 5): outer,
        (1, 3): outer.narrow(1, 3),
        (0, 3): outer.narrow(0, 3),
        (3, 5): outer.narrow(3, 5),
    }
    shared = {layers: LocalChain([span]) for layers, span in turns.items()}
    alone = {layers: LocalChain([span_of(model, *layers)]) for layers in turns}
    for position, tokens in ((0, 8), (8, 1), (9, 1), (10, 2)):
        for seed, layers in enumerate(turns):
            states = some_states(tokens, seed=100 * seed + position)[None]
            ours, theirs = shared[layers](states, position), alone[layers](states, position)
            assert (ours - theirs).abs().max() <= TOLERANCE


def test_a_narrowed_span_holds_the_same_weights() -> None:
    outer = span_of(tiny_model())
    part = outer.narrow(2, 4)
    assert part.layers[0] is outer.layers[2]
    assert part.weights_bytes * N_LAYERS == outer.weights_bytes * part.n_layers
    assert (outer.n_layers, part.n_layers, part.cache_slots) == (5, 2, 5)


def test_sessions_of_whole_and_part_share_one_runner() -> None:
    model = tiny_model("gemma2")
    runner = runner_of(model)
    sessions = {(0, 5): SessionCache(), (2, 4): SessionCache()}
    for position, tokens in ((0, 9), (9, 1), (10, 1)):
        for layers, session in sessions.items():
            states = some_states(tokens, seed=position)
            runner.reserve(session, position, tokens)
            [out] = runner.run([Forward(session, states)], layers)
            expected = _alone(model, layers, position, tokens)
            assert (out - expected).abs().max() <= TOLERANCE


def _alone(model, layers: tuple[int, int], position: int, tokens: int) -> Tensor:
    """What a span of its own gives for the tokens at `position`, after the earlier ones."""
    chain = LocalChain([span_of(model, *layers)])
    out = torch.empty(0)
    for at, count in ((0, 9), (9, 1), (10, 1)):
        out = chain(some_states(count, seed=at)[None], at)[0]
        if at == position:
            break
    assert len(out) == tokens
    return out


def test_what_surrounds_a_span_takes_no_memory() -> None:
    span = span_of(tiny_model(), 1, 3)
    inside = {id(p) for p in span.layers.parameters()}
    outside = [p for p in span.decoder.parameters() if id(p) not in inside]
    assert sum(p.numel() for p in outside) > 97 * HIDDEN  # embeddings and norm, by shape
    assert sum(p.untyped_storage().nbytes() for p in outside) == sum(p.element_size() for p in outside)


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (2, 2), (3, 1), (0, N_LAYERS + 1)])
def test_layers_outside_the_model_are_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="are not inside"):
        cut_span(tiny_model(), start, end)


def test_a_failed_forward_leaves_nothing_behind() -> None:
    model = tiny_model("gpt2")  # has a table of positions, hence an end
    runner = runner_of(model, cache_tokens=1024)
    session, good = SessionCache(), some_states(4)
    runner.reserve(session, 0, 200)
    with pytest.raises(IndexError):
        runner.run([Forward(session, some_states(200))], (0, 5))
    runner.reserve(session, 0, 4)
    [after] = runner.run([Forward(session, good)], (0, 5))
    assert (after - LocalChain([span_of(model)])(good[None], 0)[0]).abs().max() <= TOLERANCE


# --- stack and shell


def test_a_model_without_a_stack_cannot_be_cut() -> None:
    model = tiny_model()
    model.config.num_hidden_layers = 7
    with pytest.raises(UnsupportedModel, match="0 lists of 7 layers"):
        find_stack(model)


def test_a_model_with_two_stacks_cannot_be_cut() -> None:
    model = tiny_model()
    model.another = nn.ModuleList(nn.Identity() for _ in range(N_LAYERS))
    with pytest.raises(UnsupportedModel, match="2 lists of 5 layers"):
        find_stack(model)


def test_as_many_experts_as_layers_do_not_hide_the_stack() -> None:
    model = tiny_model()
    for layer in model.model.layers:
        layer.experts = nn.ModuleList(nn.Identity() for _ in range(N_LAYERS))
    assert find_stack(model).path == "model.layers"


def test_a_shell_holds_no_layers_and_runs_only_through_the_swarm() -> None:
    model = tiny_model()
    shell = cut_shell(copy.deepcopy(model))
    held = {name for name, _ in shell.named_parameters()}
    assert held == {"model.embed_tokens.weight", "model.norm.weight", "lm_head.weight"}
    with pytest.raises(TypeError, match="SwarmCache"):
        shell(some_prompt())


@pytest.mark.parametrize("family", CONFIGS)
def test_a_shell_gives_its_model_what_it_expects_of_layers(family: str) -> None:
    """A shell whose layers do nothing: `walk` gets `[1, tokens, hidden]`, the head gets the same back."""
    shell, seen = cut_shell(tiny_model(family)), []

    def walk(hidden: Tensor, position: int, extras: StepExtras | None) -> Tensor:
        seen.append((tuple(hidden.shape), position))
        return hidden

    cache = SwarmCache(walk)
    with torch.inference_mode():
        out = shell(some_prompt(4), past_key_values=cache, use_cache=True).logits
        shell(some_prompt(1), past_key_values=cache, use_cache=True)
    assert out.shape == (1, 4, 97)
    assert seen == [((1, 4, HIDDEN), 0), ((1, 1, HIDDEN), 4)]


def test_the_swarm_cache_counts_and_crops() -> None:
    cache = SwarmCache(lambda hidden, position, extras: hidden, length=3)
    cache.step(torch.zeros(1, 4, HIDDEN))
    assert (cache.length, cache.get_seq_length()) == (7, 7)
    cache.crop(-2)
    assert cache.length == 5
    with pytest.raises(TypeError, match="on another computer"):
        cache.update(torch.zeros(1), torch.zeros(1), 0)


def test_a_runner_measures_its_step_and_its_cache() -> None:
    model = tiny_model()
    runner = SpanRunner(span_of(model, 0, 2), HIDDEN, cache_bytes=10**6)
    keys_and_values = 2 * 2 * 8 * 4  # two tensors, two heads of eight, float32
    assert runner.bytes_per_token == 2 * keys_and_values
    assert runner.cache_budget_bytes <= 10**6 < runner.cache_budget_bytes + 64 * runner.bytes_per_token
    assert runner.cache_used_bytes == 0
    assert 0 < runner.step_seconds < 10


def test_only_parts_of_all_layers_are_other_lists() -> None:
    layers = AllLayers([nn.Identity() for _ in range(3)])
    assert layers[:3] is layers[0:] is layers[:9] is layers
    assert list(layers[1:]) == [layers[1], layers[2]]
    assert list(layers[::-1]) == [layers[2], layers[1], layers[0]]
