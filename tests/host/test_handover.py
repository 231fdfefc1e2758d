"""A cache that goes to another server: the session continues there bit for bit as if it had never moved."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import torch
import transformers as hf
from torch import Tensor
from transformers import PreTrainedModel

from engine.errors import PeerUnreachable
from engine.host.budget import BLOCK_TOKENS
from engine.host.handover import pieces
from engine.wire import frames
from engine.wire.messages import HandedOver, Leaving, Message, Refusal, RefusalCode
from engine.wire.pushes import BringCache, CachePiece, CacheTaken
from tests.host.seats import Seat, opened_push, told
from tests.in_memory_swarm import MemoryServer, MemoryStream, MemorySwarm
from tests.tiny_models import HIDDEN, N_LAYERS, LocalChain, some_states, span_of, tiny_model

FAMILIES = ["llama", "mistral", "gemma2", "gemma3_text", "gpt2", "bloom", "deepseek_v3"]
PROMPT = 70  # more than a block, and than a sliding window


def states(tokens: int, position: int) -> Tensor:
    return some_states(tokens, seed=position)


async def begun(swarm: MemorySwarm, server: MemoryServer, layers: tuple[int, int] | None = None) -> Seat:
    """A session that holds a prompt."""
    seat = await Seat.take(swarm, server, layers)
    await seat.answer(1, states(PROMPT, 0), 0)
    return seat


async def goes_on(seat: Seat) -> list[Tensor]:
    return [await seat.answer(at, states(1, at), at) for at in range(PROMPT, PROMPT + 3)]


@pytest.mark.parametrize("family", FAMILIES)
async def test_a_session_goes_on_elsewhere_bit_for_bit(family: str, swarm: MemorySwarm) -> None:
    model = tiny_model(family)
    leaving, successor = swarm.add(model), swarm.add(model)
    moved, stayed = [await begun(swarm, leaving) for _ in range(2)]
    fresh = await Seat.take(swarm, successor)
    leaving.spans.drain()
    await moved.hears(), await stayed.hears()  # that the server leaves
    assert await moved.hand_over(fresh) == HandedOver(length=PROMPT)
    for ours, undisturbed in zip(await goes_on(fresh), await goes_on(stayed), strict=True):
        assert torch.equal(ours, undisturbed)
    assert successor.batcher.steps[0] == (PROMPT, 1)  # nothing was computed again


async def test_parts_of_a_span_go_piece_by_piece(
    model: PreTrainedModel, swarm: MemorySwarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.host.handover.MAX_PIECE_BYTES", 5 * 2 * 8 * 4)  # five tokens
    leaving, successor = swarm.add(model), swarm.add(model, 1, 5)
    moved, stayed = [await begun(swarm, leaving, (2, 4)) for _ in range(2)]
    fresh = await Seat.take(swarm, successor, (2, 4))
    assert await moved.hand_over(fresh) == HandedOver(length=PROMPT)
    for ours, undisturbed in zip(await goes_on(fresh), await goes_on(stayed), strict=True):
        assert torch.equal(ours, undisturbed)


async def test_blocks_that_lie_apart_are_read_and_written_in_the_session_s_order(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    leaving, successor = swarm.add(model), swarm.add(model)
    leaving.runner.budget._free, successor.runner.budget._free = {1, 3}, {0, 2}
    moved, fresh = await Seat.take(swarm, leaving), await Seat.take(swarm, successor)
    await moved.answer(1, states(BLOCK_TOKENS, 0), 0)
    await moved.answer(2, states(1, BLOCK_TOKENS), BLOCK_TOKENS)
    [kept] = leaving.batcher.sessions.values()
    assert not kept.cache.table.consecutive
    assert await moved.hand_over(fresh) == HandedOver(length=BLOCK_TOKENS + 1)
    [taken] = successor.batcher.sessions.values()
    assert not taken.cache.table.consecutive
    whole = LocalChain([span_of(model)])
    whole(states(BLOCK_TOKENS, 0)[None], 0), whole(states(1, BLOCK_TOKENS)[None], BLOCK_TOKENS)
    at = BLOCK_TOKENS + 1
    assert torch.allclose(
        await fresh.answer(3, states(1, at), at), whole(states(1, at)[None], at)[0], atol=1e-5
    )


async def test_a_session_without_a_step_may_go_too(model: PreTrainedModel, swarm: MemorySwarm) -> None:
    moved, fresh = [await Seat.take(swarm, swarm.add(model)) for _ in range(2)]
    assert await moved.hand_over(fresh) == HandedOver(length=0)
    await fresh.answer(1, states(3, 0), 0)


async def test_what_is_handed_over_is_nobody_to_wait_for(model: PreTrainedModel, swarm: MemorySwarm) -> None:
    leaving, successor = swarm.add(model), swarm.add(model)
    moved, fresh = await begun(swarm, leaving), await Seat.take(swarm, successor)
    leaving.spans.drain()
    assert await moved.hears() == Leaving()
    unused = asyncio.create_task(leaving.spans.unused())
    await asyncio.sleep(0.02)
    assert not unused.done()
    await moved.hand_over(fresh)
    async with asyncio.timeout(30):
        await unused
    assert leaving.runner.cache_used_bytes == 0
    assert successor.batcher.unfinished_sessions == 1  # its blocks are not for others
    await moved.step(2, states(1, PROMPT), PROMPT)
    assert_refused(await moved.hears(), RefusalCode.EVICTED)


# --- what does not work leaves everything as it was


def assert_refused(answer: Message, code: RefusalCode = RefusalCode.NOT_HANDED_OVER) -> None:
    assert isinstance(answer, Refusal), answer
    assert answer.code is code


async def assert_goes_on(seat: Seat) -> None:
    await seat.answer(2, states(1, PROMPT), PROMPT)


async def test_states_stay_where_they_are(swarm: MemorySwarm) -> None:
    torch.manual_seed(0)
    config = hf.Mamba2Config(
        vocab_size=97,
        hidden_size=HIDDEN,
        num_hidden_layers=N_LAYERS,
        num_heads=8,
        head_dim=8,
        state_size=8,
        n_groups=1,
        chunk_size=8,
    )
    model = hf.AutoModelForCausalLM.from_config(config).eval()
    leaving, successor = swarm.add(model, cache_tokens=1024), swarm.add(model, cache_tokens=1024)
    moved, fresh = await begun(swarm, leaving), await Seat.take(swarm, successor)
    assert_refused(await moved.hand_over(fresh))
    await assert_goes_on(moved)


async def other_model(swarm: MemorySwarm, model: PreTrainedModel) -> Seat:
    return await Seat.take(swarm, swarm.add(tiny_model("gpt2")))


async def other_precision(swarm: MemorySwarm, model: PreTrainedModel) -> Seat:
    return await Seat.take(swarm, swarm.add(tiny_model("llama").bfloat16()))


async def other_layers(swarm: MemorySwarm, model: PreTrainedModel) -> Seat:
    return await Seat.take(swarm, swarm.add(model), (0, 4))


async def not_fresh(swarm: MemorySwarm, model: PreTrainedModel) -> Seat:
    return await begun(swarm, swarm.add(model))


async def no_room(swarm: MemorySwarm, model: PreTrainedModel) -> Seat:
    return await Seat.take(swarm, swarm.add(model, cache_tokens=BLOCK_TOKENS))


async def leaves_itself(swarm: MemorySwarm, model: PreTrainedModel) -> Seat:
    seat = await Seat.take(swarm, swarm.add(model))
    seat.server.spans.drain()
    return seat


async def is_dead(swarm: MemorySwarm, model: PreTrainedModel) -> Seat:
    seat = await Seat.take(swarm, swarm.add(model))
    seat.server.die()
    return seat


@pytest.mark.parametrize(
    "successor", [other_model, other_precision, other_layers, not_fresh, no_room, leaves_itself, is_dead]
)
async def test_a_successor_that_does_not_fit_refuses_and_the_session_stays(
    successor: Callable[..., Awaitable[Seat]], model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    moved = await begun(swarm, swarm.add(model))
    fresh = await successor(swarm, model)
    used = fresh.server.runner.budget.used
    assert_refused(await moved.hand_over(fresh))
    assert fresh.server.runner.budget.used == used
    await assert_goes_on(moved)


def forged(seat: Seat, length: int = 3) -> tuple[BringCache, list[CachePiece]]:
    """What has to come for a session of that length."""
    pool = seat.server.runner.pool
    assert pool is not None
    announced = [piece.announced for piece in pieces(pool.parts(range(N_LAYERS)), length)]
    return BringCache(start=0, end=N_LAYERS, length=length), announced


async def bring(stream: MemoryStream, start: BringCache, announced: list[CachePiece]) -> None:
    await frames.send(stream, start)
    for piece in announced:
        await frames.send(stream, piece, bytes(piece.nbytes))


async def test_a_cache_is_taken_when_all_of_it_is_there(model: PreTrainedModel, swarm: MemorySwarm) -> None:
    fresh = await Seat.take(swarm, swarm.add(model))
    start, announced = forged(fresh)
    stream = await opened_push(swarm, fresh)
    await bring(stream, start, announced[:-1])
    await fresh.step(1, states(1, 3), 3)  # waits
    assert await fresh.hears_nothing()
    await frames.send(stream, announced[-1], bytes(announced[-1].nbytes))
    assert await told(stream) == CacheTaken(length=3)
    await fresh.output(1)


@pytest.mark.parametrize(
    "change",
    [
        lambda all_: [all_[1], all_[0], *all_[2:]],
        lambda all_: all_[1:],
        lambda all_: [all_[0], *all_],
        lambda all_: [all_[0].model_copy(update={"position": 1}), *all_[1:]],
        lambda all_: [all_[0].model_copy(update={"heads": 1}), *all_[1:]],
        lambda all_: [all_[0].model_copy(update={"dtype": "float16"}), *all_[1:]],
        lambda all_: [all_[0].model_copy(update={"tokens": 4}), *all_[1:]],
        lambda all_: [all_[0].model_copy(update={"layer": 4}), *all_[1:]],
    ],
    ids=["order", "missing", "twice", "position", "shape", "dtype", "length", "layer"],
)
async def test_other_pieces_than_expected_are_refused(
    change: Callable[[list[CachePiece]], list[CachePiece]], model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    fresh = await Seat.take(swarm, swarm.add(model))
    start, announced = forged(fresh)
    stream = await opened_push(swarm, fresh)
    await bring(stream, start, change(announced))
    answer = await told(stream)
    assert isinstance(answer, Refusal)
    await assert_is_fresh(fresh)


async def assert_is_fresh(seat: Seat) -> None:
    assert seat.server.runner.budget.used == 0
    await seat.answer(1, states(2, 0), 0)


async def test_pieces_that_are_not_finite_are_refused(model: PreTrainedModel, swarm: MemorySwarm) -> None:
    fresh = await Seat.take(swarm, swarm.add(model))
    start, announced = forged(fresh)
    stream = await opened_push(swarm, fresh)
    await bring(stream, start, announced[:3])
    await frames.send(stream, announced[3], b"\xff" * announced[3].nbytes)
    assert_refused(await told(stream), RefusalCode.BAD_MESSAGE)
    await assert_is_fresh(fresh)


async def test_a_server_that_breaks_off_leaves_the_session_fresh(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    fresh = await Seat.take(swarm, swarm.add(model))
    start, announced = forged(fresh)
    stream = await opened_push(swarm, fresh)
    await bring(stream, start, announced[:3])
    stream.close()
    await assert_answers_soon(fresh)


async def assert_answers_soon(seat: Seat) -> None:
    await seat.answer(1, states(2, 0), 0)
    assert seat.server.runner.budget.used == 1


async def test_a_server_that_falls_silent_leaves_the_session_fresh(
    model: PreTrainedModel, swarm: MemorySwarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.host.handover.HAND_OVER_SECONDS", 0.1)
    fresh = await Seat.take(swarm, swarm.add(model))
    start, announced = forged(fresh)
    await bring(await opened_push(swarm, fresh), start, announced[:3])
    await assert_answers_soon(fresh)


async def test_nobody_holds_a_session_up_with_a_cache_that_does_not_come(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    """Whoever is to push to it has its ticket, and might have it blamed for silence."""
    fresh = await Seat.take(swarm, swarm.add(model))
    start, announced = forged(fresh)
    stream = await opened_push(swarm, fresh)
    await bring(stream, start, announced[:3])
    async with asyncio.timeout(30):
        await assert_answers_soon(fresh)
    with pytest.raises(PeerUnreachable):
        await told(stream)


async def test_a_client_that_vanishes_meanwhile_leaves_nothing_behind(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    fresh = await Seat.take(swarm, swarm.add(model))
    start, announced = forged(fresh)
    stream = await opened_push(swarm, fresh)
    await bring(stream, start, announced[:3])
    fresh.client.stream.close()
    with pytest.raises(PeerUnreachable):
        await told(stream)
    await swarm.settled()
    assert fresh.server.runner.budget.used == 0


async def test_a_client_that_breaks_the_protocol_meanwhile_leaves_nothing_behind(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    fresh = await Seat.take(swarm, swarm.add(model))
    start, announced = forged(fresh)
    stream = await opened_push(swarm, fresh)
    await bring(stream, start, announced[:3])
    await fresh.tell(Leaving())  # is for servers to say
    assert_refused(await fresh.hears(), RefusalCode.BAD_MESSAGE)
    with pytest.raises(PeerUnreachable):
        await told(stream)
    await swarm.settled()
    assert fresh.server.runner.budget.used == 0
    assert not fresh.server.batcher._pace.last_output


async def test_nobody_gets_the_room_of_a_session_that_is_on_its_way(
    model: PreTrainedModel, swarm: MemorySwarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.host.room.KEPT_SECONDS", 0.0)
    server = swarm.add(model, cache_tokens=BLOCK_TOKENS)
    fresh, other = await Seat.take(swarm, server), await Seat.take(swarm, server)
    start, announced = forged(fresh)
    await bring(await opened_push(swarm, fresh), start, announced[:3])
    await asyncio.sleep(0.2)
    await other.step(1, states(1, 0), 0)
    assert_refused(await other.hears(), RefusalCode.NO_ROOM)
