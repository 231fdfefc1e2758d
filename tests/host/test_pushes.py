"""Servers that pass hidden states on to each other: order, copies, gaps, and links that break."""

import asyncio

import pytest
import torch
from torch import Tensor
from transformers import PreTrainedModel

from engine.errors import PeerUnreachable
from engine.host.limits import HostLimits
from engine.host.outbox import MAX_FRAMES
from engine.host.served_session import MAX_PUSH_STREAMS
from engine.model.extras import StepExtras
from engine.wire import frames
from engine.wire.messages import (
    Carry,
    Leaving,
    PushFailed,
    PushTo,
    Refusal,
    RefusalCode,
    Step,
    StepOutput,
    TensorMeta,
)
from engine.wire.pushes import PUSH_PROTOCOL, PushOpened
from engine.wire.tensors import payload_digest
from tests.host.seats import Seat, opened_push, push, seat_behind, told
from tests.in_memory_swarm import MemoryStream, MemorySwarm, step_with, tensor_of
from tests.tiny_models import HIDDEN, LocalChain, some_states, span_of, tiny_model
from tests.waiting import until

TOLERANCE = 1e-5
NOBODY = "Qm" + "z" * 30


async def two_seats(swarm: MemorySwarm, model: PreTrainedModel) -> tuple[Seat, Seat]:
    first, second = [await Seat.take(swarm, swarm.add(model, a, b)) for a, b in ((0, 2), (2, 5))]
    return first, second


async def chain_of_two(swarm: MemorySwarm, model: PreTrainedModel) -> tuple[Seat, Seat]:
    """The first pushes to the second."""
    first, second = await two_seats(swarm, model)
    await first.push_to(second)
    return first, second


def states(tokens: int, position: int) -> Tensor:
    return some_states(tokens, seed=position)


def assert_close(ours: Tensor, theirs: Tensor) -> None:
    assert (ours - theirs).abs().max() <= TOLERANCE


# --- what goes on


async def test_outputs_go_on_to_the_next_server_and_to_the_client(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    first, second = await chain_of_two(swarm, model)
    halfway, whole = LocalChain([span_of(model, 0, 2)]), LocalChain([span_of(model)])
    for number, (position, tokens) in enumerate(((0, 9), (9, 1), (10, 3)), start=1):
        hidden = states(tokens, position)
        await first.step(number, hidden, position)
        assert_close(await second.output(number), whole(hidden[None], position)[0])
        assert_close(await first.output(number), halfway(hidden[None], position)[0])
    assert swarm.dialled.count(second.server.peer) == 2  # by the client, and once for all pushes


async def test_pieces_of_a_prompt_follow_each_other_without_the_client(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    first, second = await chain_of_two(swarm, model)
    whole = LocalChain([span_of(model)])
    for number in range(1, 21):
        await first.step(number, states(4, number), 4 * (number - 1))
    for number in range(1, 21):
        assert_close(await second.output(number), whole(states(4, number)[None], 4 * (number - 1))[0])


async def test_what_a_server_saw_is_what_the_one_before_sent(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    first, second = await chain_of_two(swarm, model)
    await first.step(1, states(3, 0), 0)
    sent, body = await first.hears_with_payload()
    received = await second.hears()
    assert isinstance(sent, StepOutput)
    assert isinstance(received, StepOutput)
    assert sent.saw == payload_digest(states(3, 0).numpy().tobytes())
    assert received.saw == payload_digest(body)


async def test_positions_and_masks_go_on_unchanged(model: PreTrainedModel, swarm: MemorySwarm) -> None:
    pushed, carried = await chain_of_two(swarm, model), await two_seats(swarm, model)
    seen = torch.ones(3, 3).bool()
    seen[0, 2] = False
    extras = StepExtras(torch.tensor([[4, 7, 5]]), {"": seen})
    await pushed[0].step(1, states(3, 0), 0, extras)
    await carried[0].step(1, states(3, 0), 0, extras)
    await carried[1].step(1, await carried[0].output(1), 0, extras)
    with_extras = await carried[1].output(1)
    assert torch.equal(await pushed[1].output(1), with_extras)
    [plain] = LocalChain([span_of(model)])(states(3, 0)[None], 0)
    assert not torch.allclose(with_extras, plain, atol=1e-3)


async def test_where_to_push_counts_from_the_next_step_on(model: PreTrainedModel, swarm: MemorySwarm) -> None:
    first, second = await two_seats(swarm, model)
    other = await Seat.take(swarm, second.server)
    await first.answer(1, states(4, 0), 0)
    await first.push_to(second)
    await first.answer(2, states(4, 0), 0)
    await second.output(2)
    await first.push_to(other)
    await first.answer(3, states(4, 0), 0)
    await other.output(3)
    await first.tell(Carry())
    await first.answer(4, states(4, 0), 0)
    assert await second.hears_nothing()
    assert await other.hears_nothing()


# --- two ways of a step


async def test_a_step_that_comes_both_ways_runs_once(model: PreTrainedModel, swarm: MemorySwarm) -> None:
    first, second = await chain_of_two(swarm, model)
    await first.step(1, states(4, 0), 0)
    halfway = await first.output(1)
    await second.output(1)
    await second.step(1, halfway, 0)
    await second.step(2, halfway, 4)
    await second.output(2)
    stream = await opened_push(swarm, second)
    await frames.send(stream, *step_with(halfway, 8, None, 2))
    await frames.send(stream, *step_with(halfway, 8, None, 3))
    await second.output(3)
    assert second.server.batcher.steps == [(0, 4), (4, 4), (8, 4)]


async def test_a_gap_is_for_the_client_to_fill(model: PreTrainedModel, swarm: MemorySwarm) -> None:
    _, second = await two_seats(swarm, model)
    stream = await opened_push(swarm, second)
    await frames.send(stream, *step_with(states(4, 4), 4, None, 2))  # the step before got lost
    assert await second.hears_nothing()
    await second.answer(1, states(4, 0), 0)
    await second.answer(2, states(4, 4), 4)
    await second.step(3, states(1, 0), 20)
    refusal = await second.hears()
    assert isinstance(refusal, Refusal)
    assert refusal.code is RefusalCode.BAD_POSITION


# --- links that break


async def assert_push_fails_and_session_goes_on(first: Seat, dialled: list[str]) -> None:
    await first.step(1, states(4, 0), 0)
    heard = {type(message): message for message in (await first.hears(), await first.hears())}
    assert heard[PushFailed] == PushFailed(number=1)
    tries = len(dialled)
    await first.answer(2, states(1, 4), 4)
    assert await first.hears_nothing()
    assert len(dialled) == tries  # until the client says where to try next


async def test_a_next_server_that_cannot_be_reached_is_told_to_the_client(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    first, second = await two_seats(swarm, model)
    await first.tell(PushTo(peer=NOBODY, ticket=second.ticket))
    await assert_push_fails_and_session_goes_on(first, swarm.dialled)
    await first.push_to(second)
    await first.step(3, states(2, 0), 0)
    await second.output(3)


async def test_a_next_server_that_knows_no_such_session_is_told_to_the_client(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    first, second = await two_seats(swarm, model)
    await first.tell(PushTo(peer=second.server.peer, ticket="0" * 32))
    await assert_push_fails_and_session_goes_on(first, swarm.dialled)


async def test_a_next_server_that_dies_is_told_to_the_client(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    first, second = await chain_of_two(swarm, model)
    await first.step(1, states(4, 0), 0)
    await first.output(1), await second.output(1)
    second.server.die()
    assert await first.hears() == PushFailed(number=1)
    await first.answer(2, states(1, 4), 4)
    assert await first.hears_nothing()


async def test_a_next_server_that_takes_nothing_in_holds_nobody_up(
    model: PreTrainedModel, swarm: MemorySwarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.host.pushing.OPEN_SECONDS", 0.2)
    first, _ = await two_seats(swarm, model)
    silent, _ = MemoryStream.pair("silent", "first")

    async def to_silence(peer: str, protocol: str, addresses: object = ()) -> MemoryStream:
        return silent

    monkeypatch.setattr(swarm, "open", to_silence)
    await first.tell(PushTo(peer=NOBODY, ticket="0" * 32))
    await first.step(1, states(4, 0), 0)
    await first.output(1)
    assert await first.hears() == PushFailed(number=1)
    assert silent.is_closed


async def test_what_was_not_yet_pushed_when_the_next_server_changes_is_told_to_the_client(
    model: PreTrainedModel, swarm: MemorySwarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = await chain_of_two(swarm, model)

    async def never(peer: str, protocol: str, addresses: object = ()) -> MemoryStream:
        return await asyncio.get_running_loop().create_future()

    monkeypatch.setattr(swarm, "open", never)
    await first.answer(1, states(4, 0), 0)
    await first.answer(2, states(1, 4), 4)
    await first.tell(Carry())
    assert await first.hears() == PushFailed(number=1)
    await first.answer(3, states(1, 5), 5)


async def test_a_slow_link_to_the_client_does_not_delay_the_next_server(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    first, second = await two_seats(swarm, model)
    stuck, link, served = await seat_behind(first.server)
    await stuck.push_to(second)
    for number in range(1, 6):
        await stuck.step(number, states(1, number), number - 1)
        await second.output(number)
    link.flows.set()
    for number in range(1, 6):
        await stuck.output(number)
    stuck.client.stream.close()
    await served


async def test_a_client_that_does_not_read_loses_its_session(
    model: PreTrainedModel, swarm: MemorySwarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.host.outbox.SEND_SECONDS", 3.0)
    server = swarm.add(model)
    stuck, _, served = await seat_behind(server)
    for number in range(1, 2 * MAX_FRAMES):
        await stuck.step(number, states(1, number), number - 1)
    async with asyncio.timeout(30):
        await served
    assert len(server.batcher.steps) == MAX_FRAMES  # no more than there is room for answers
    assert not server.batcher.sessions
    assert server.runner.cache_used_bytes == 0


async def test_a_session_s_end_closes_its_push_streams_both_ways(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    first, second = await chain_of_two(swarm, model)
    into_first = await opened_push(swarm, first)
    await first.step(1, states(4, 0), 0)
    await second.output(1)
    [pushed] = [stream for stream in second.server.streams if not stream.is_closed][1:]
    first.client.stream.close()
    for stream in (into_first, pushed):
        with pytest.raises(PeerUnreachable):
            await told(stream)
    await second.answer(2, states(1, 4), 4)


# --- nonsense and floods


@pytest.mark.parametrize(
    ("step", "payload"),
    [
        (Step(number=2, position=4, tensor=tensor_of(1, HIDDEN + 1)), bytes(4 * (HIDDEN + 1))),
        (Step(number=2, position=4, tensor=tensor_of(513)), bytes(4 * 513 * HIDDEN)),
        (Step(number=2, position=4, tensor=tensor_of(1)), b"\xff" * (4 * HIDDEN)),
        (PushOpened(), b""),
    ],
    ids=["too wide", "too many tokens", "not finite", "not a step"],
)
async def test_pushed_nonsense_ends_its_stream_and_not_the_session(
    step: Step, payload: bytes, model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    seat = await Seat.take(swarm, swarm.add(model))
    stream = await opened_push(swarm, seat)
    await frames.send(stream, *step_with(states(4, 0), 0))
    await seat.output(1)
    await frames.send(stream, step, payload)
    refusal = await told(stream)
    assert isinstance(refusal, Refusal)
    assert refusal.code is RefusalCode.BAD_MESSAGE
    await seat.answer(2, states(1, 4), 4)


async def test_a_wrong_ticket_is_refused(model: PreTrainedModel, swarm: MemorySwarm) -> None:
    seat = await Seat.take(swarm, swarm.add(model))
    refusal = await told(await push(swarm, seat, ticket="0" * 32))
    assert isinstance(refusal, Refusal)
    assert refusal.code is RefusalCode.UNKNOWN_TICKET


async def test_a_stream_that_says_nothing_ends(
    model: PreTrainedModel, swarm: MemorySwarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.host.server.OPENING_SECONDS", 0.05)
    server = swarm.add(model)
    for protocol in (PUSH_PROTOCOL, ""):
        stream = await swarm.open(server.peer, protocol)
        with pytest.raises(PeerUnreachable):
            await told(stream)


async def test_streams_that_say_nothing_are_counted(model: PreTrainedModel, swarm: MemorySwarm) -> None:
    server = swarm.add(model)
    limit = HostLimits().unopened_of_a_peer
    streams = [await swarm.open(server.peer, PUSH_PROTOCOL) for _ in range(limit + 1)]
    refusal = await told(streams[-1])
    assert isinstance(refusal, Refusal)
    assert refusal.code is RefusalCode.NO_ROOM
    streams[0].close()
    await asyncio.sleep(0.2)
    await Seat.take(swarm, server)


async def test_the_latest_push_streams_into_a_session_stay(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    seat = await Seat.take(swarm, swarm.add(model))
    streams = [await opened_push(swarm, seat) for _ in range(MAX_PUSH_STREAMS + 1)]
    with pytest.raises(PeerUnreachable):
        await told(streams[0])
    for number, stream in enumerate(streams[1:], start=1):
        await frames.send(stream, *step_with(states(1, number), number - 1, None, number))
        await seat.output(number)


async def test_a_draining_server_goes_on_with_pushes_but_starts_nothing_with_one(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    server = swarm.add(model)
    begun, fresh = await Seat.take(swarm, server), await Seat.take(swarm, server)
    await begun.answer(1, states(4, 0), 0)
    server.spans.drain()
    assert await begun.hears() == Leaving() == await fresh.hears()
    await frames.send(await opened_push(swarm, begun), *step_with(states(1, 4), 4, None, 2))
    await begun.output(2)
    refusal = await told(await push(swarm, fresh))
    assert isinstance(refusal, Refusal)
    assert refusal.code is RefusalCode.DRAINING


async def test_a_session_without_steps_ends(
    model: PreTrainedModel, swarm: MemorySwarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.host.served_session.IDLE_SECONDS", 1.5)
    seat = await Seat.take(swarm, swarm.add(model))
    stream = await opened_push(swarm, seat)
    for number in range(1, 7):  # pushed ones count
        await frames.send(stream, *step_with(states(1, number), number - 1, None, number))
        await seat.output(number)
        await asyncio.sleep(0.3)
    with pytest.raises(PeerUnreachable):
        await seat.hears()


# --- numbers that are not finite


async def test_numbers_too_large_for_a_server_s_precision_are_the_sender_s_fault(swarm: MemorySwarm) -> None:
    server = swarm.add(tiny_model("llama").half())
    seat, other = await Seat.take(swarm, server), await Seat.take(swarm, server)
    large = torch.full((2, HIDDEN), 1e5)
    stream = await opened_push(swarm, other)
    await frames.send(stream, *step_with(large, 0))
    await seat.step(1, large, 0)
    for refusal in (await seat.hears(), await told(stream)):
        assert isinstance(refusal, Refusal)
        assert refusal.code is RefusalCode.NOT_FINITE
    await other.answer(2, states(2, 0), 0)
    assert server.batcher.steps == [(0, 2)]


async def test_a_server_s_own_nonsense_is_never_sent_on(
    model: PreTrainedModel, swarm: MemorySwarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await chain_of_two(swarm, model)
    nonsense = [torch.full((4, HIDDEN), float("inf"))]
    monkeypatch.setattr(first.server.runner, "run", lambda forwards, layers: nonsense)
    await first.step(1, states(4, 0), 0)
    refusal = await first.hears()
    assert isinstance(refusal, Refusal)
    assert refusal.code is RefusalCode.FAILED
    assert await second.hears_nothing()


async def test_an_output_that_does_not_fit_into_the_client_s_precision_is_not_sent(
    model: PreTrainedModel, swarm: MemorySwarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat = await Seat.take(swarm, swarm.add(model))
    monkeypatch.setattr(seat.server.runner, "run", lambda forwards, layers: [torch.full((1, HIDDEN), 1e6)])
    step = Step(number=1, position=0, tensor=TensorMeta(dtype="float16", tokens=1, hidden=HIDDEN))
    await seat.tell(step, bytes(2 * HIDDEN))
    refusal = await seat.hears()
    assert isinstance(refusal, Refusal)
    assert refusal.code is RefusalCode.FAILED


async def test_bytes_count_until_they_have_left_or_their_session_has_ended(
    model: PreTrainedModel, swarm: MemorySwarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.host.in_flight.SMALL_BYTES", 0)
    server = swarm.add(model)
    in_flight = server.spans._facilities.arrivals._in_flight
    stuck, link, served = await seat_behind(server)
    for number in range(1, 3 * MAX_FRAMES):  # computed, waiting, and still to come in
        await stuck.step(number, states(1, number), number - 1)
    await until(lambda: len(server.batcher.steps) >= MAX_FRAMES)
    await asyncio.sleep(0.2)
    assert len(server.batcher.steps) == MAX_FRAMES
    assert in_flight.held > MAX_FRAMES * HIDDEN * 4
    link.flows.set()
    for number in range(1, 3 * MAX_FRAMES):
        await stuck.output(number)
    await until(lambda: in_flight.held == 0)
    link.flows.clear()
    for number in range(3 * MAX_FRAMES, 6 * MAX_FRAMES):
        await stuck.step(number, states(1, number), 0)
    await until(lambda: in_flight.held > 0)
    stuck.client.stream.close()
    link.flows.set()
    await served
    assert in_flight.held == 0


async def test_a_server_is_not_left_alone_for_what_a_client_had_it_push(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    seat = await Seat.take(swarm, swarm.add(model))
    for _ in range(HostLimits().bad_messages + 1):
        stream = await opened_push(swarm, seat)
        await frames.send(stream, PushOpened())
        assert isinstance(await told(stream), Refusal)
    await opened_push(swarm, seat)
