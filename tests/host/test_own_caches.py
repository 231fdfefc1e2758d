"""Models that remember more than keys and values: a cache for each session, and no way back but by replay."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
import torch
import transformers as hf
from torch import Tensor
from transformers import PretrainedConfig, PreTrainedModel

from engine.host.budget import BLOCK_TOKENS
from engine.host.kv_cache import SessionCache
from engine.host.runner import Forward
from engine.host.trials import own_block_size
from engine.route.session import SwarmSession
from tests.in_memory_swarm import Fault, MemoryStream, MemorySwarm, recording_runner
from tests.tiny_models import HIDDEN, N_LAYERS, some_states
from tests.whole_model import WholeModel

TOLERANCE = 1e-5
PROMPT = 9  # in chunks of four tokens
_SIZES = {
    "vocab_size": 97,
    "hidden_size": HIDDEN,
    "intermediate_size": 48,
    "num_hidden_layers": N_LAYERS,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}

CONFIGS: dict[str, Callable[[], PretrainedConfig]] = {
    "mamba2": lambda: hf.Mamba2Config(
        vocab_size=97,
        hidden_size=HIDDEN,
        num_hidden_layers=N_LAYERS,
        num_heads=8,
        head_dim=8,
        state_size=8,
        n_groups=1,
        chunk_size=8,
    ),
    "qwen3_next": lambda: hf.Qwen3NextConfig(
        **_SIZES,
        head_dim=8,
        linear_num_key_heads=2,
        linear_num_value_heads=4,
        linear_key_head_dim=8,
        linear_value_head_dim=8,
        moe_intermediate_size=16,
        shared_expert_intermediate_size=16,
        num_experts=4,
        num_experts_per_tok=2,
        layer_types=["linear_attention", "full_attention", *["linear_attention"] * 2, "full_attention"],
    ),
    "lfm2": lambda: hf.Lfm2Config(
        **_SIZES, layer_types=["conv", "full_attention", "conv", "conv", "full_attention"]
    ),
    "falcon_h1": lambda: hf.FalconH1Config(
        **_SIZES,
        head_dim=8,
        mamba_d_ssm=64,
        mamba_n_heads=8,
        mamba_d_head=8,
        mamba_d_state=8,
        mamba_n_groups=1,
        mamba_chunk_size=8,
    ),
    "jamba": lambda: hf.JambaConfig(
        **_SIZES,
        attn_layer_period=3,
        attn_layer_offset=1,
        num_experts=2,
        num_experts_per_tok=1,
        mamba_d_state=8,
        mamba_dt_rank=4,
    ),
}
FORGETFUL = {"jamba"}  # where several tokens follow others at once, its own code starts from nothing
families = pytest.mark.parametrize("family", CONFIGS)


def model_of(family: str) -> PreTrainedModel:
    torch.manual_seed(0)
    return hf.AutoModelForCausalLM.from_config(CONFIGS[family]()).eval()


async def dies(stream: MemoryStream, answer: bytes) -> None:
    stream.close()


def tokens_at(position: int, tokens: int = 1) -> Tensor:
    return some_states(tokens, seed=position)


async def assert_as_whole(session: SwarmSession, whole: WholeModel, steps: range) -> None:
    """Single tokens at these positions."""
    for position in steps:
        hidden = tokens_at(position)
        assert (await session.step(hidden, position) - whole.step(hidden)).abs().max() <= TOLERANCE


@families
@pytest.mark.parametrize("at", [2, 6], ids=["in the prompt", "after it"])
async def test_a_session_survives_a_server(family: str, at: int, swarm: MemorySwarm) -> None:
    model = model_of(family)
    swarm.add(model, 0, 2)
    swarm.add(model, 2, 5, fault=(fault := Fault(at, dies)))
    swarm.add(model, 2, 4, step_seconds=0.5), swarm.add(model, 4, 5, step_seconds=0.5)
    session, whole = swarm.session(), WholeModel(model)
    prompt = tokens_at(0, PROMPT)
    assert (await session.step(prompt, 0) - whole.step(prompt)).abs().max() <= TOLERANCE
    await assert_as_whole(session, whole, range(PROMPT, PROMPT + 5))
    assert fault.struck.is_set()
    assert session.replayed_spans == 1  # the healthy server, which could not go back, was not asked to
    session.close()


@families
async def test_a_step_back_is_made_by_replay_and_blames_nobody(family: str, swarm: MemorySwarm) -> None:
    model = model_of(family)
    servers = [swarm.add(model, 0, 2), swarm.add(model, 2, 5)]
    session, whole = swarm.session(), WholeModel(model)
    prompt = tokens_at(0, PROMPT)
    await session.step(prompt, 0)
    await session.step(tokens_at(77, 5), PROMPT)
    whole.step(prompt)
    await assert_as_whole(session, whole, range(PROMPT, PROMPT + 3))
    assert [server.opened for server in servers] == [2, 2]
    assert session.replayed_spans == 2
    session.close()
    await swarm.settled()
    assert [server.runner.budget.used for server in servers] == [0, 0]


@families
async def test_a_session_may_start_anew(family: str, swarm: MemorySwarm) -> None:
    model = model_of(family)
    server = swarm.add(model)
    session = swarm.session()
    await session.step(tokens_at(77, 5), 0)
    prompt = tokens_at(0, PROMPT)
    assert (await session.step(prompt, 0) - WholeModel(model).step(prompt)).abs().max() <= TOLERANCE
    assert (server.opened, session.replayed_spans) == (1, 0)
    session.close()


@families
def test_tokens_follow_one_by_one_only_where_they_must(family: str) -> None:
    model = model_of(family)
    runner, forwards = recording_runner(model, 0, N_LAYERS, 64), []
    runner.span.layers[0].register_forward_hook(lambda layer, args, out: forwards.append(1))
    session = SessionCache()
    for tokens in (4, 3):
        runner.reserve(session, session.length, tokens)
        runner.run([Forward(session, tokens_at(tokens, tokens))], (0, N_LAYERS))
    assert len(forwards) == (4 if family in FORGETFUL else 2)


async def test_sessions_at_once_do_not_disturb_each_other(swarm: MemorySwarm) -> None:
    model = model_of("qwen3_next")
    server = swarm.add(model)

    async def talk(number: int) -> None:
        session, whole = swarm.session(), WholeModel(model)
        prompt = tokens_at(100 * number, 3 + number)
        assert (await session.step(prompt, 0) - whole.step(prompt)).abs().max() <= TOLERANCE
        await assert_as_whole(session, whole, range(len(prompt), len(prompt) + 4))
        session.close()

    await asyncio.gather(*(talk(number) for number in range(3)))
    assert set(server.runner.rows) == {1}


@pytest.mark.parametrize(("start", "end"), [(0, 1), (1, 2), (2, 4), (3, 5)])
def test_parts_of_a_span_run_by_themselves(start: int, end: int) -> None:
    """Also those that hold no layer which counts positions, or none that has a state."""
    model = model_of("qwen3_next")
    runner = recording_runner(model, 0, N_LAYERS, cache_tokens=32 * BLOCK_TOKENS)
    part, straight = SessionCache(), [SessionCache() for _ in range(N_LAYERS)]
    for tokens in (4, 1, 3):
        hidden = tokens_at(tokens, tokens)
        runner.reserve(part, part.length, tokens)
        [together] = runner.run([Forward(part, hidden)], (start, end))
        for layer in range(start, end):
            runner.reserve(straight[layer], straight[layer].length, tokens)
            [hidden] = runner.run([Forward(straight[layer], hidden)], (layer, layer + 1))
        assert (together - hidden).abs().max() <= TOLERANCE


# --- room


@families
def test_what_a_session_keeps_is_counted_and_given_back(family: str) -> None:
    runner = recording_runner(model_of(family), 0, N_LAYERS, cache_tokens=130)
    session = SessionCache()
    assert runner.budget_tokens >= 130
    runner.reserve(session, 0, 130)
    runner.run([Forward(session, tokens_at(0, 130))], (0, N_LAYERS))
    assert runner.free_tokens == 0
    held = sum(tensor.nbytes for layer in session.own.layers for tensor in tensors_of(layer))
    assert 0 < held <= runner.cache_used_bytes <= 3 * held
    runner.release(session)
    assert (session.own, session.length, runner.cache_used_bytes) == (None, 0, 0)


def tensors_of(layer: object) -> Iterator[Tensor]:
    """Of a cache's layer: keys and values by themselves, states by their number."""
    for value in vars(layer).values():
        for tensor in value.values() if isinstance(value, dict) else (value,):
            if isinstance(tensor, Tensor):
                yield tensor


async def test_idle_sessions_make_room_and_come_back_by_replay(
    swarm: MemorySwarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.host.room.KEPT_SECONDS", 0.0)
    model = model_of("lfm2")
    server = swarm.add(model, cache_tokens=BLOCK_TOKENS)
    kept, other, whole = swarm.session(), swarm.session(), WholeModel(model)
    prompt = tokens_at(0, PROMPT)
    await kept.step(prompt, 0)
    whole.step(prompt)
    assert server.runner.free_tokens == 0
    await other.step(tokens_at(1, PROMPT), 0)
    await assert_as_whole(kept, whole, range(PROMPT, PROMPT + 2))
    assert kept.replayed_spans == 1
    kept.close(), other.close()


@pytest.mark.parametrize(
    ("first", "second", "size"),
    [
        (500, 500, (500, 1 << 20, 0)),  # one state, however long the text
        (80, 720, (640, BLOCK_TOKENS, 0)),  # ten bytes for each position and nothing else
        (1080, 1720, (640, BLOCK_TOKENS, 2)),  # and a state of a thousand bytes
    ],
)
def test_the_size_of_a_session_is_measured(first: int, second: int, size: tuple[int, int, int]) -> None:
    measured = own_block_size(first, second, tokens=8)
    assert (measured.bytes, measured.tokens, measured.session_blocks) == size
