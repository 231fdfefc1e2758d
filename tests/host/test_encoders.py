"""Encoders: a text comes whole, nothing is kept of it, and texts of one length share a forward."""

import asyncio
from collections.abc import Callable

import pytest
import torch
import transformers as hf
from torch import Tensor
from transformers import PretrainedConfig, PreTrainedModel

from engine.host.kv_cache import SessionCache
from engine.host.runner import Forward
from engine.model.extras import StepExtras
from engine.model.stack import find_stack
from engine.wire.messages import MAX_STEP_TOKENS, Message, Refusal, RefusalCode
from tests.in_memory_swarm import Client, Fault, MemoryStream, MemorySwarm, recording_runner
from tests.tiny_models import HIDDEN, N_LAYERS, some_states

TOLERANCE = 1e-5
CONTEXT = 600  # longer than a piece of a prompt
_SIZES = {
    "vocab_size": 97,
    "hidden_size": HIDDEN,
    "intermediate_size": 48,
    "num_hidden_layers": N_LAYERS,
    "num_attention_heads": 4,
    "max_position_embeddings": CONTEXT + 2,
}
CONFIGS: dict[str, Callable[[], PretrainedConfig]] = {
    "bert": lambda: hf.BertConfig(**_SIZES),
    "roberta": lambda: hf.RobertaConfig(**_SIZES),
    "modernbert": lambda: hf.ModernBertConfig(
        **_SIZES, pad_token_id=0, local_attention=6, global_attn_every_n_layers=2
    ),
}


def model_of(family: str = "bert") -> PreTrainedModel:
    torch.manual_seed(0)
    return hf.AutoModel.from_config(CONFIGS[family]()).eval()


async def dies(stream: MemoryStream, answer: bytes) -> None:
    stream.close()


@torch.inference_mode()
def through_all_layers(model: PreTrainedModel, ids: Tensor) -> tuple[Tensor, Tensor]:
    """What went into the first layer, and what came out of the last one: `[tokens, hidden]` each."""
    seen: list[Tensor] = []
    layers = find_stack(model).layers
    hooks = (
        layers[0].register_forward_pre_hook(
            lambda layer, args, kwargs: seen.append((*args, *kwargs.values())[0]), with_kwargs=True
        ),
        layers[-1].register_forward_hook(
            lambda layer, args, out: seen.append(out if isinstance(out, Tensor) else out[0])
        ),
    )
    model(input_ids=ids)
    for hook in hooks:
        hook.remove()
    return seen[0][0], seen[1][0]


def text(tokens: int, seed: int = 0) -> Tensor:
    return torch.randint(3, 97, (1, tokens), generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("family", CONFIGS)
async def test_texts_follow_each_other_in_one_session(family: str, swarm: MemorySwarm) -> None:
    model = model_of(family)
    first = swarm.add(model, 0, 2, causal=False, context=CONTEXT)
    swarm.add(model, 2, 5, causal=False, context=CONTEXT, fault=(fault := Fault(2, dies)))
    swarm.add(model, 1, 5, causal=False, context=CONTEXT, step_seconds=0.5)
    session = swarm.session(causal=False)
    for seed, tokens in enumerate((9, 3, 1, 17)):
        into, out = through_all_layers(model, text(tokens, seed))
        assert (await session.step(into, 0) - out).abs().max() <= TOLERANCE
    assert fault.struck.is_set()
    assert (session.replayed_spans, session.trips) == (1, 4)
    assert first.batcher.steps == [(0, 9), (0, 3), (0, 1), (0, 17)]  # whole, and once each
    session.close()
    await swarm.settled()


async def test_a_text_as_long_as_the_model_reads_is_one_step(swarm: MemorySwarm) -> None:
    model = model_of()
    server = swarm.add(model, causal=False, context=CONTEXT)
    into, out = through_all_layers(model, text(CONTEXT))
    session = swarm.session(causal=False)
    assert CONTEXT > MAX_STEP_TOKENS
    assert (await session.step(into, 0) - out).abs().max() <= TOLERANCE
    assert server.batcher.steps == [(0, CONTEXT)]
    session.close()


def test_texts_of_one_length_share_a_forward() -> None:
    model = model_of()
    runner = recording_runner(model, 0, N_LAYERS, 64, causal=False)
    texts = [through_all_layers(model, text(7, seed)) for seed in range(3)]
    outputs = runner.run([Forward(SessionCache(), into) for into, _ in texts], (0, N_LAYERS))
    for ours, (_, theirs) in zip(outputs, texts, strict=True):
        assert (ours - theirs).abs().max() <= TOLERANCE


async def test_texts_that_wait_share_forwards_if_they_are_of_one_length(swarm: MemorySwarm) -> None:
    model = model_of()
    server = swarm.add(model, causal=False)
    lengths = (7, 7, 5, 7, 1, 1)
    texts = [through_all_layers(model, text(tokens, seed)) for seed, tokens in enumerate(lengths)]
    outputs = await asyncio.gather(
        *(server.batcher.step(server.batcher.open((0, N_LAYERS)), into, 0) for into, _ in texts)
    )
    for ours, (_, theirs) in zip(outputs, texts, strict=True):
        assert (ours.hidden - theirs).abs().max() <= TOLERANCE
    assert sorted(server.runner.rows) == [1, 1, 2, 2]  # the first did not wait for the others


async def test_an_encoder_keeps_nothing(swarm: MemorySwarm) -> None:
    server = swarm.add(model_of(), causal=False)
    client = await Client.dial(swarm, server)
    assert (await client.open()).max_tokens == 128
    await client.step(some_states(9), 0)
    assert (server.runner.budget.used, server.runner.cache_used_bytes) == (0, 0)


@pytest.mark.parametrize(
    ("tokens", "position", "extras", "code"),
    [
        (3, 9, None, RefusalCode.BAD_POSITION),  # there is nothing to go on from
        (129, 0, None, RefusalCode.BAD_MESSAGE),
        (3, 0, StepExtras(torch.arange(3)[None]), RefusalCode.BAD_MESSAGE),
        (3, 0, StepExtras(None, {"": torch.ones(3, 3).bool()}), RefusalCode.BAD_MESSAGE),
    ],
)
async def test_what_an_encoder_does_not_take_is_refused(
    tokens: int, position: int, extras: StepExtras | None, code: RefusalCode, swarm: MemorySwarm
) -> None:
    server = swarm.add(model_of(), causal=False)
    client = await Client.dial(swarm, server)
    await client.open()
    await client.step(some_states(9), 0)
    reply: Message = (await client.step(some_states(tokens), position, extras))[0]
    assert isinstance(reply, Refusal)
    assert reply.code is code
