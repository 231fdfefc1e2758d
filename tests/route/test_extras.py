"""Positions and masks that a client made: they reach the layers, also those of a server that comes later."""

import asyncio

import pytest
import torch
import transformers as hf
from torch import Tensor
from transformers import DynamicCache, PreTrainedModel

from engine.errors import PeerRefused
from engine.host.kv_cache import SessionCache
from engine.host.runner import Forward
from engine.model.extras import StepExtras
from engine.route.session import SwarmSession
from engine.wire import frames
from engine.wire.messages import MAX_STEP_TOKENS, ExtrasMeta, Refusal, RefusalCode, Step
from tests.in_memory_swarm import Client, Fault, MemoryStream, MemorySwarm, recording_runner, tensor_of
from tests.tiny_models import CONTEXT, HIDDEN, N_LAYERS, WINDOW, some_states, tiny_model
from tests.whole_model import WholeModel

TOLERANCE = 1e-5
PROMPT = 14
IMAGE = (3, 9)  # these tokens of the prompt are a picture; chunks have four tokens


async def dies(stream: MemoryStream, answer: bytes) -> None:
    stream.close()


def tokens_at(position: int, tokens: int = 1) -> Tensor:
    return some_states(tokens, seed=position)


# --- positions on three axes


def placed_model() -> PreTrainedModel:
    torch.manual_seed(0)
    config = hf.models.qwen2_vl.Qwen2VLTextConfig(
        vocab_size=97,
        hidden_size=HIDDEN,
        intermediate_size=48,
        num_hidden_layers=N_LAYERS,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=CONTEXT,
        rope_parameters={"rope_type": "default", "rope_theta": 1e4, "mrope_section": [1, 1, 2]},
    )
    return hf.models.qwen2_vl.Qwen2VLTextModel(config).eval()


def image_positions(start: int = 0) -> Tensor:
    """`[3, 14]`: text, a picture of two rows and three columns, text that goes on behind it."""
    before = torch.arange(3).expand(3, -1)
    picture = torch.stack([torch.zeros(6), torch.arange(6) // 3, torch.arange(6) % 3]).long() + 3
    after = torch.arange(6, 11).expand(3, -1)
    return torch.cat([before, picture, after], dim=1) + start


def next_position(position: int) -> Tensor:
    """Of a token behind the picture: `[3, 1]`."""
    return torch.full((3, 1), position - 3)


async def assert_placed_as_whole(session: SwarmSession, whole: WholeModel, steps: int) -> None:
    positions = image_positions()
    ours = await session.step(tokens_at(0, PROMPT), 0, StepExtras(positions))
    assert same(ours, whole.step(tokens_at(0, PROMPT), position_ids=positions[:, None]))
    for at in range(PROMPT, PROMPT + steps):
        ours = await session.step(tokens_at(at), at, StepExtras(next_position(at)))
        assert same(ours, whole.step(tokens_at(at), position_ids=next_position(at)[:, None]))


def same(ours: Tensor, theirs: Tensor) -> bool:
    return (ours - theirs).abs().max().item() <= TOLERANCE


@pytest.mark.parametrize("at", [2, 6, 8], ids=["in the prompt", "first step", "third step"])
async def test_positions_are_replayed(at: int, swarm: MemorySwarm) -> None:
    model = placed_model()
    swarm.add(model, 0, 2)
    swarm.add(model, 2, 5, fault=(fault := Fault(at, dies)))
    swarm.add(model, 2, 4, step_seconds=0.5), swarm.add(model, 4, 5, step_seconds=0.5)
    session = swarm.session()
    await assert_placed_as_whole(session, WholeModel(model), steps=5)
    assert fault.struck.is_set()
    assert session.replayed_spans == 1
    session.close()


def test_the_positions_matter() -> None:
    model = placed_model()
    placed = WholeModel(model).step(tokens_at(0, PROMPT), position_ids=image_positions()[:, None])
    assert not same(placed, WholeModel(model).step(tokens_at(0, PROMPT)))


async def test_a_part_of_the_text_may_be_written_anew(swarm: MemorySwarm) -> None:
    model = placed_model()
    swarm.add(model, 0, 5, fault=(fault := Fault(7, dies)))  # at the third step
    swarm.add(model, 0, 5, step_seconds=0.5)
    session, whole = swarm.session(), WholeModel(model)
    positions = image_positions()
    await session.step(tokens_at(0, PROMPT), 0, StepExtras(positions))
    await session.step(tokens_at(77, 3), 11, StepExtras(positions[:, 11:]))
    whole.step(tokens_at(0, PROMPT)[:11], position_ids=positions[:, None, :11])
    whole.step(tokens_at(77, 3), position_ids=positions[:, None, 11:])
    for at in (14, 15):
        ours = await session.step(tokens_at(at), at, StepExtras(next_position(at)))
        assert same(ours, whole.step(tokens_at(at), position_ids=next_position(at)[:, None]))
    assert fault.struck.is_set()
    session.close()


def test_rows_with_and_without_own_positions_share_a_forward() -> None:
    model = placed_model()
    runner = recording_runner(model, 0, N_LAYERS, 16 * 64)
    prompts = (StepExtras(image_positions()), None, StepExtras(image_positions(5)[:1]))
    nexts = (StepExtras(next_position(PROMPT)), None, StepExtras(torch.tensor([[40]])))
    shared, alone = ([SessionCache() for _ in prompts] for _ in range(2))
    for sessions in (shared, alone):
        for number, (session, extras) in enumerate(zip(sessions, prompts, strict=True)):
            runner.reserve(session, 0, PROMPT + 1)
            runner.run([Forward(session, tokens_at(number, PROMPT), extras)], (0, N_LAYERS))
    steps = [tokens_at(50 + number) for number in range(len(prompts))]
    together = runner.run([Forward(*row) for row in zip(shared, steps, nexts, strict=True)], (0, N_LAYERS))
    for ours, *row in zip(together, alone, steps, nexts, strict=True):
        assert same(ours, runner.run([Forward(*row)], (0, N_LAYERS))[0])


async def test_sessions_with_and_without_pictures_at_once(swarm: MemorySwarm) -> None:
    model = placed_model()
    server = swarm.add(model)

    async def plain() -> None:
        session, whole = swarm.session(), WholeModel(model)
        await session.step(tokens_at(0, PROMPT), 0)
        whole.step(tokens_at(0, PROMPT))
        for at in range(PROMPT, PROMPT + 8):
            assert same(await session.step(tokens_at(at), at), whole.step(tokens_at(at)))
        session.close()

    placed = (assert_placed_as_whole(swarm.session(), WholeModel(model), steps=8) for _ in range(3))
    await asyncio.gather(*placed, *(plain() for _ in range(3)))
    assert max(server.runner.rows) > 1


# --- tokens of a picture that see each other


def masks_of(tokens: int, window: int = WINDOW) -> dict[str, Tensor]:
    """For the whole text: causal, but that the picture's tokens see each other."""
    at = torch.arange(tokens)
    causal = at <= at[:, None]
    pictured = torch.zeros(tokens, tokens, dtype=torch.bool)
    pictured[IMAGE[0] : IMAGE[1], IMAGE[0] : IMAGE[1]] = True
    windowed = causal & (at > at[:, None] - window)
    return {"full_attention": causal | pictured, "sliding_attention": windowed | pictured}


def rows_of(masks: dict[str, Tensor], start: int, end: int) -> dict[str, Tensor]:
    return {kind: mask[start:end, :end] for kind, mask in masks.items()}


def four_dimensional(masks: dict[str, Tensor]) -> dict[str, Tensor]:
    return {kind: mask[None, None] for kind, mask in masks.items()}


MANY = PROMPT + 6


@pytest.mark.parametrize("at", [2, 3, 7], ids=["second chunk", "third chunk", "third step"])
@pytest.mark.parametrize("always", [False, True], ids=["masks of the prompt", "masks of each step"])
async def test_masks_are_replayed(always: bool, at: int, swarm: MemorySwarm) -> None:
    model = tiny_model("gemma3_text")
    swarm.add(model, 0, 2)
    swarm.add(model, 2, 5, fault=(fault := Fault(at, dies)))
    swarm.add(model, 2, 4, step_seconds=0.5), swarm.add(model, 4, 5, step_seconds=0.5)
    session, whole, masks = swarm.session(), WholeModel(model, DynamicCache()), masks_of(MANY)
    for start, end in ((0, PROMPT), *((at, at + 1) for at in range(PROMPT, MANY))):
        rows, hidden = rows_of(masks, start, end), tokens_at(start, end - start)
        ours = await session.step(hidden, start, StepExtras(None, rows) if always or start == 0 else None)
        assert same(ours, whole.step(hidden, attention_mask=four_dimensional(rows)))
    assert fault.struck.is_set()
    assert session.replayed_spans == 1
    session.close()


async def test_a_picture_goes_in_one_step_and_the_text_around_it_in_chunks(swarm: MemorySwarm) -> None:
    server = swarm.add(tiny_model("gemma3_text"))
    session = swarm.session()
    await session.step(tokens_at(0, PROMPT), 0, StepExtras(None, masks_of(PROMPT)))
    assert server.batcher.steps == [(0, 3), (3, 6), (9, 4), (13, 1)]
    session.close()


@pytest.mark.parametrize("family", ["llama", "gemma", "qwen2"])
async def test_one_mask_is_for_all_layers(family: str, swarm: MemorySwarm) -> None:
    model = tiny_model(family)
    swarm.add(model, 0, 2), swarm.add(model, 2, 5)
    session, mask = swarm.session(), masks_of(PROMPT)["full_attention"]
    ours = await session.step(tokens_at(0, PROMPT), 0, StepExtras(None, {"": mask}))
    assert same(ours, WholeModel(model).step(tokens_at(0, PROMPT), attention_mask=mask[None, None]))
    session.close()


async def test_kinds_of_layers_without_a_mask_see_what_they_see_in_plain_text(swarm: MemorySwarm) -> None:
    model = tiny_model("gemma3_text")
    swarm.add(model, 0, 2), swarm.add(model, 2, 5)  # the first has no layer of the named kind
    session, masks = swarm.session(), masks_of(PROMPT)
    at = torch.arange(PROMPT)
    plain = (at <= at[:, None]) & (at > at[:, None] - WINDOW)
    full = {"full_attention": masks["full_attention"]}
    ours = await session.step(tokens_at(0, PROMPT), 0, StepExtras(None, full))
    expected = four_dimensional(full | {"sliding_attention": plain})
    assert same(ours, WholeModel(model, DynamicCache()).step(tokens_at(0, PROMPT), attention_mask=expected))
    session.close()


async def test_a_step_with_masks_runs_alone(swarm: MemorySwarm) -> None:
    server = swarm.add(tiny_model("gemma3_text"))
    masks = masks_of(PROMPT + 1)
    sessions = [server.batcher.open((0, N_LAYERS)) for _ in range(4)]
    for session in sessions:
        await server.batcher.step(session, tokens_at(0, PROMPT), 0)
    server.runner.rows.clear()
    extras = [StepExtras(None, rows_of(masks, PROMPT, PROMPT + 1)), None, None, None]
    await asyncio.gather(
        *(
            server.batcher.step(session, tokens_at(1), PROMPT, extra)
            for session, extra in zip(sessions, extras, strict=True)
        )
    )
    assert sorted(server.runner.rows)[0] == 1
    assert sum(server.runner.rows) == 4


# --- what a server refuses


def mask(tokens: int) -> Tensor:
    return torch.ones(tokens, tokens).tril().bool()


REFUSED = {
    "more axes than the model has": (3, StepExtras(torch.zeros(2, 3).long())),
    "before the text's start": (3, StepExtras(torch.tensor([[0, -1, 2]]))),
    "behind the context": (3, StepExtras(torch.tensor([[0, 1, CONTEXT]]))),
    "two masks for layers of one kind": (3, StepExtras(None, {"": mask(3), "full": mask(3)})),
    "more tokens than a step has": (MAX_STEP_TOKENS + 1, None),
    "positions for more tokens": (
        MAX_STEP_TOKENS + 1,
        StepExtras(torch.zeros(1, MAX_STEP_TOKENS + 1).long()),
    ),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_extras_that_a_model_cannot_use_are_refused(what: str, swarm: MemorySwarm) -> None:
    server = swarm.add(tiny_model("llama"), cache_tokens=16 * 64)
    client, other = await Client.dial(swarm, server), await Client.dial(swarm, server)
    await client.open(), await other.open()
    tokens, extras = REFUSED[what]
    reply, _ = await client.step(tokens_at(0, tokens), 0, extras)
    assert isinstance(reply, Refusal)
    assert reply.code is RefusalCode.BAD_MESSAGE
    assert server.runner.rows == []
    assert not isinstance((await other.step(tokens_at(0, 3), 0))[0], Refusal)


async def test_masks_for_a_model_that_takes_none_are_refused(swarm: MemorySwarm) -> None:
    swarm.add(tiny_model("bloom"))
    session = swarm.session()
    with pytest.raises(PeerRefused):
        await session.step(tokens_at(0, 3), 0, StepExtras(None, {"": mask(3)}))


@pytest.mark.parametrize(
    ("family", "position", "masks"),
    [
        ("bloom", 0, ("", "full_attention")),  # a model that takes none
        ("gemma2", 0, ("full_attention", "made_up")),
        ("gemma2", 50_000, ("full_attention",)),  # a mask too large
    ],
)
async def test_what_is_of_no_use_is_refused_before_it_is_read(
    family: str, position: int, masks: tuple[str, ...], swarm: MemorySwarm
) -> None:
    """A header that announces masks, and nothing behind it."""
    server = swarm.add(tiny_model(family))
    client = await Client.dial(swarm, server)
    await client.open()
    step = Step(number=1, position=position, tensor=tensor_of(2000), extras=ExtrasMeta(masks=masks))
    head, _ = frames.encode(step, bytes(step.nbytes))
    await client.stream.send(head)
    reply, _ = await asyncio.wait_for(frames.receive(client.stream), 30)
    assert isinstance(reply, Refusal)
    assert reply.code is RefusalCode.BAD_MESSAGE
