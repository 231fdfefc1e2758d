"""Models that see pictures, cut: spans get hidden states, positions and masks, and never the picture."""

import copy
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import AutoModelForImageTextToText, PreTrainedModel

from engine.errors import UnsupportedModel
from engine.host.forward import Forward
from engine.host.kv_cache import SessionCache
from engine.host.runner import SpanRunner
from engine.model.capture import watch
from engine.model.extras import StepExtras
from engine.model.shell import cut_shell
from engine.model.span import cut_span
from engine.model.stack import find_stack
from engine.model.swarm_cache import SwarmCache
from tests.model.picture_models import (
    FAMILIES,
    HIDDEN,
    LAYERED,
    N_LAYERS,
    asked_about,
    drawing,
    tiny_seer,
)

UNEVEN = ((0, 1), (1, 3), (3, N_LAYERS))
NEW_TOKENS = 9  # the first comes from the prompt
TOLERANCE = 1e-5


class RunnerChain:
    """Spans as servers run them, one after the other. Remembers what came with each step."""

    def __init__(self, model: PreTrainedModel) -> None:
        spans = [cut_span(copy.deepcopy(model), start, end) for start, end in UNEVEN]
        self._hops = [(SpanRunner(span, HIDDEN, cache_bytes=1 << 20), SessionCache()) for span in spans]
        self.extras: list[StepExtras | None] = []

    def __call__(self, hidden: Tensor, position: int, extras: StepExtras | None) -> Tensor:
        self.extras.append(extras)
        states = hidden[0]
        for runner, session in self._hops:
            runner.reserve(session, position, len(states))
            [states] = runner.run([Forward(session, states, extras)], runner.layers)
        return states[None]


def cut(model: PreTrainedModel) -> tuple[PreTrainedModel, RunnerChain]:
    shell = cut_shell(copy.deepcopy(model))
    decoder, _ = find_stack(shell).decoder_of(shell)
    watch(decoder)
    return shell, RunnerChain(model)


def generated(model: PreTrainedModel, prompt: dict[str, Tensor], **how: Any) -> Any:
    return model.generate(
        **prompt,
        **how,
        max_new_tokens=NEW_TOKENS,
        do_sample=False,
        eos_token_id=None,
        pad_token_id=0,
        output_logits=True,
        return_dict_in_generate=True,
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_a_cut_model_says_the_same_about_a_picture(family: str) -> None:
    model = tiny_seer(FAMILIES[family])
    prompt = asked_about(FAMILIES[family], drawing())
    shell, chain = cut(model)
    whole = generated(model, prompt)
    ours = generated(shell, prompt, past_key_values=SwarmCache(chain))
    assert torch.equal(ours.sequences, whole.sequences)
    for mine, theirs in zip(ours.logits, whole.logits, strict=True):
        assert (mine - theirs).abs().max() <= TOLERANCE
    other = generated(model, asked_about(FAMILIES[family], drawing("yellow")))
    assert not torch.equal(other.logits[0], whole.logits[0])  # the picture does matter


def extras_of(family: str) -> list[StepExtras | None]:
    shell, chain = cut(tiny_seer(FAMILIES[family]))
    generated(shell, asked_about(FAMILIES[family], drawing()), past_key_values=SwarmCache(chain))
    return chain.extras


def test_three_axes_of_positions_go_with_every_step() -> None:
    prompt, *steps = extras_of("qwen2_vl")
    assert prompt.positions.shape[0] == 4  # the text's own, time, height, width
    assert not torch.equal(prompt.positions[1], prompt.positions[2])
    assert [step.positions.shape for step in steps] == [(4, 1)] * len(steps)
    assert not prompt.masks
    assert not any(step.masks for step in steps)


def test_masks_go_with_the_step_that_brings_the_picture() -> None:
    prompt, *steps = extras_of("gemma3")
    assert set(prompt.masks) == {"full_attention", "sliding_attention"}
    ahead = prompt.masks["full_attention"].triu(1)
    assert int(ahead.sum()) == 6  # of four picture tokens, each pair once
    assert prompt.positions is None
    assert steps == [None] * len(steps)


@pytest.mark.parametrize("family", ["llava", "idefics3", "internvl", "mistral3", "aya_vision"])
def test_what_plain_text_has_as_well_stays_at_home(family: str) -> None:
    assert extras_of(family) == [None] * NEW_TOKENS


@pytest.mark.parametrize("family", ["qwen2_vl", "gemma3"])
def test_text_alone_takes_nothing_along(family: str) -> None:
    model = tiny_seer(FAMILIES[family])
    shell, chain = cut(model)
    prompt = {"input_ids": torch.arange(5, 16)[None]}
    ours = generated(shell, prompt, past_key_values=SwarmCache(chain))
    assert torch.equal(ours.sequences, generated(model, prompt).sequences)
    assert chain.extras == [None] * NEW_TOKENS


def test_a_picture_that_reaches_the_layers_otherwise_is_refused() -> None:
    model = tiny_seer(LAYERED)
    shell, chain = cut(model)
    with pytest.raises(UnsupportedModel, match="can be asked about text only"):
        generated(shell, asked_about(LAYERED, drawing()), past_key_values=SwarmCache(chain))
    prompt = {"input_ids": torch.arange(5, 16)[None]}
    ours = generated(shell, prompt, past_key_values=SwarmCache(chain))
    assert torch.equal(ours.sequences, generated(model, prompt).sequences)


@pytest.mark.parametrize("family", FAMILIES)
def test_as_many_layers_for_the_eyes_do_not_hide_the_stack(family: str) -> None:
    config = FAMILIES[family].config()
    for name in ("num_hidden_layers", "depth"):
        if hasattr(config.vision_config, name):
            setattr(config.vision_config, name, N_LAYERS)
    with torch.device("meta"):
        model = AutoModelForImageTextToText.from_config(config)
    stack = find_stack(model)
    assert stack.decoder_of(model)[0] is model.get_decoder()
