"""Sessions through servers that die, hang, refuse or answer nonsense: the same outputs as undisturbed."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import pytest
import torch
from torch import Tensor
from transformers import PreTrainedModel

from engine.errors import MissingLayers, SessionLost
from engine.host.runner import Forward
from engine.peers.book import PeerBook
from engine.route.encodings import Ends
from engine.route.session import SwarmSession
from engine.wire import frames
from engine.wire.messages import Refusal, RefusalCode, SessionOpened, StepOutput, WireEncoding
from engine.wire.tensors import pack
from tests.in_memory_swarm import (
    IMPATIENT,
    QUICK_TO_GIVE_UP,
    Fault,
    MemoryServer,
    MemoryStream,
    MemorySwarm,
    read_back,
    tensor_of,
)
from tests.tiny_models import HIDDEN, LocalChain, some_states, span_of

TOLERANCE = 1e-5
PROMPT, STEPS = 9, 5  # the prompt goes in chunks of 4, 4 and 1 tokens


Walk = Callable[[Tensor, int], Awaitable[Tensor]]


async def outputs_of(step: Walk, steps: int = STEPS) -> Tensor:
    """`[tokens, hidden]` of a prompt and some single tokens."""
    outputs = [await step(some_states(PROMPT), 0)]
    for position in range(PROMPT, PROMPT + steps):
        outputs.append(await step(some_states(1, seed=position), position))
    return torch.cat(outputs)


async def undisturbed(model: PreTrainedModel, steps: int = STEPS) -> Tensor:
    chain = LocalChain([span_of(model)])

    async def step(hidden: Tensor, position: int) -> Tensor:
        return chain(hidden[None], position)[0]

    return await outputs_of(step, steps)


async def assert_undisturbed(session: SwarmSession, model: PreTrainedModel) -> None:
    outputs = await outputs_of(session.step)
    assert (outputs - await undisturbed(model)).abs().max() <= TOLERANCE


# --- what a server may do instead of answering


async def dies(stream: MemoryStream, answer: bytes) -> None:
    stream.close()


async def hangs(stream: MemoryStream, answer: bytes) -> None:
    await asyncio.Event().wait()  # until the client leaves


async def refuses(stream: MemoryStream, answer: bytes) -> None:
    await frames.send(stream, Refusal(code=RefusalCode.NO_ROOM, text="This server's cache is full."))


async def babbles(stream: MemoryStream, answer: bytes) -> None:
    await stream.send(b"\x00\x00\x00\x05\x00\x00\x00\x00\xc1\xc1\xc1\xc1\xc1")


async def boasts(stream: MemoryStream, answer: bytes) -> None:
    await stream.send(b"\xff" * 64)


async def breaks_off(stream: MemoryStream, answer: bytes) -> None:
    await stream.send(answer[: len(answer) // 2])
    stream.close()


async def says_something_else(stream: MemoryStream, answer: bytes) -> None:
    message, _ = await read_back(answer)
    if isinstance(message, SessionOpened):
        output = StepOutput(number=1, position=0, tensor=tensor_of(1), compute_seconds=0, saw="0" * 16)
        await frames.send(stream, output, bytes(4 * HIDDEN))
    else:
        await frames.send(stream, SessionOpened(max_tokens=1, ticket="0" * 32))


def with_output(change: Callable[[StepOutput], tuple[StepOutput, frames.Payload]]):
    async def answers(stream: MemoryStream, answer: bytes) -> None:
        message, body = await read_back(answer)
        if isinstance(message, StepOutput):
            await frames.send(stream, *change(message))
        else:
            await frames.send(stream, message, body)

    return answers


def _other_position(output: StepOutput) -> tuple[StepOutput, frames.Payload]:
    return output.model_copy(update={"position": output.position + 1}), bytes(output.tensor.nbytes)


def _too_narrow(output: StepOutput) -> tuple[StepOutput, frames.Payload]:
    tensor = tensor_of(output.tensor.tokens, HIDDEN - 1)
    return output.model_copy(update={"tensor": tensor}), bytes(tensor.nbytes)


def _too_long(output: StepOutput) -> tuple[StepOutput, frames.Payload]:
    tensor = tensor_of(output.tensor.tokens + 1)
    return output.model_copy(update={"tensor": tensor}), bytes(tensor.nbytes)


def _not_finite(output: StepOutput) -> tuple[StepOutput, frames.Payload]:
    _, payload = pack(torch.full((output.tensor.tokens, HIDDEN), float("nan")), "float32")
    return output, payload


OUTPUT_FAULTS = {
    "another position": with_output(_other_position),
    "too narrow": with_output(_too_narrow),
    "too long": with_output(_too_long),
    "not finite": with_output(_not_finite),
}
FAULTS = {
    answer.__name__: answer for answer in (hangs, refuses, babbles, boasts, breaks_off, says_something_else)
}


def two_and_a_spare(
    swarm: MemorySwarm, model: PreTrainedModel, fault: Fault
) -> tuple[MemoryServer, MemoryServer, MemoryServer]:
    """Layers 0:2, layers 2:5 with the fault, and a less liked server of 1:5."""
    return (
        swarm.add(model, 0, 2),
        swarm.add(model, 2, 5, fault=fault),
        swarm.add(model, 1, 5, step_seconds=0.5),
    )


async def assert_repaired(swarm: MemorySwarm, model: PreTrainedModel, fault: Fault) -> None:
    healthy, faulty, spare = two_and_a_spare(swarm, model, fault)
    session = swarm.session(QUICK_TO_GIVE_UP if fault.answer is hangs else IMPATIENT)
    await assert_undisturbed(session, model)
    assert fault.struck.is_set()
    assert session.replayed_spans == 1
    assert healthy.opened == faulty.opened == spare.opened == 1
    assert [(hop.peer, hop.start, hop.end) for hop in session.report()] == [
        (healthy.peer, 0, 2),
        (spare.peer, 2, 5),
    ]
    await assert_all_left(swarm, session)


async def assert_all_left(swarm: MemorySwarm, session: SwarmSession) -> None:
    """After `close`, nobody holds anything for this session."""
    session.close()
    await swarm.settled()
    assert [len(server.batcher.sessions) for server in swarm.servers.values()] == [0] * len(swarm.servers)
    assert {server.runner.cache_used_bytes for server in swarm.servers.values()} == {0}


@pytest.mark.parametrize("at", range(1, 1 + 3 + STEPS))
async def test_a_server_that_dies_at_any_step_is_replaced(
    at: int, swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    await assert_repaired(swarm, model, Fault(at, dies))


@pytest.mark.parametrize("at", [1, 2, 5], ids=["prompt", "second chunk", "second step"])
@pytest.mark.parametrize("what", [*FAULTS, *OUTPUT_FAULTS])
async def test_a_server_that_does_not_answer_properly_is_replaced(
    what: str, at: int, swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    await assert_repaired(swarm, model, Fault(at, (FAULTS | OUTPUT_FAULTS)[what]))


@pytest.mark.parametrize("what", ["dies", *FAULTS])
async def test_a_server_that_does_not_open_is_not_used(
    what: str, swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    fault = Fault(0, (FAULTS | {"dies": dies})[what])
    _, faulty, spare = two_and_a_spare(swarm, model, fault)
    session = swarm.session(QUICK_TO_GIVE_UP if what == "hangs" else IMPATIENT)
    await assert_undisturbed(session, model)
    assert (faulty.opened, spare.opened, session.replayed_spans) == (1, 1, 0)
    await assert_all_left(swarm, session)


async def test_a_server_that_cannot_be_dialled_is_not_used(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    dead, spare = swarm.add(model), swarm.add(model)
    dead.is_dead = True
    await assert_undisturbed(swarm.session(), model)
    assert swarm.dialled == [dead.peer, spare.peer]


async def test_a_server_that_drains_is_left_alone(swarm: MemorySwarm, model: PreTrainedModel) -> None:
    draining, spare = swarm.add(model), swarm.add(model)
    draining.spans.draining = True  # which its record does not say yet
    await assert_undisturbed(swarm.session(), model)
    assert (draining.batcher.steps, len(spare.batcher.steps)) == ([], 3 + STEPS)


# --- several failures


@pytest.mark.parametrize("at", [1, 4, 6])
async def test_two_failures_in_a_row(at: int, swarm: MemorySwarm, model: PreTrainedModel) -> None:
    first, second = Fault(at, dies), Fault(5, dies)  # the second dies in or after its replay
    swarm.add(model, 0, 2)
    swarm.add(model, 2, 5, fault=first)
    swarm.add(model, 2, 5, fault=second, step_seconds=0.2)
    swarm.add(model, 2, 5, step_seconds=0.5)
    session = swarm.session()
    await assert_undisturbed(session, model)
    assert first.struck.is_set()
    assert second.struck.is_set()
    assert session.replayed_spans == 2
    await assert_all_left(swarm, session)


@pytest.mark.parametrize("at", [1, 2, 3])
async def test_a_failure_in_mid_replay(at: int, swarm: MemorySwarm, model: PreTrainedModel) -> None:
    first, second = Fault(6, dies), Fault(at, dies)  # a replay of eleven tokens is three chunks
    swarm.add(model, 0, 2)
    swarm.add(model, 2, 5, fault=first)
    swarm.add(model, 2, 5, fault=second, step_seconds=0.2)
    spare = swarm.add(model, 2, 5, step_seconds=0.5)
    session = swarm.session()
    await assert_undisturbed(session, model)
    assert second.struck.is_set()
    assert session.replayed_spans == 1
    assert spare.batcher.steps[:3] == [(0, 4), (4, 4), (8, 3)]
    await assert_all_left(swarm, session)


@pytest.mark.parametrize("at", [1, 2, 6])
async def test_all_hops_fail_at_once(at: int, swarm: MemorySwarm, model: PreTrainedModel) -> None:
    for start, end in ((0, 2), (2, 5)):
        swarm.add(model, start, end, fault=Fault(at, dies))
    for start, end in ((0, 2), (2, 5)):
        swarm.add(model, start, end, step_seconds=0.5)
    session = swarm.session()
    await assert_undisturbed(session, model)
    assert session.replayed_spans == 2
    await assert_all_left(swarm, session)


async def test_one_server_s_layers_may_go_to_several(swarm: MemorySwarm, model: PreTrainedModel) -> None:
    fault = Fault(6, dies)
    swarm.add(model, 0, 5, fault=fault)
    for start, end in ((0, 1), (1, 3), (2, 5)):
        swarm.add(model, start, end, step_seconds=0.5)
    session = swarm.session()
    await assert_undisturbed(session, model)
    ends = [hop.end for hop in session.report()]
    assert [hop.start for hop in session.report()] == [0, *ends[:-1]]
    assert (len(ends), ends[-1], session.replayed_spans) == (3, 5, 1)
    await assert_all_left(swarm, session)


async def test_a_failure_after_a_rollback_replays_what_stands_now(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    two_and_a_spare(swarm, model, fault := Fault(3 + 2 + 1 + 1, dies))
    session, chain = swarm.session(), LocalChain([span_of(model)])
    walked = [(9, 0), (5, 9), (2, 11), (1, 8), (1, 9), (2, 10)]  # tokens, position: back twice
    for number, (tokens, position) in enumerate(walked):
        hidden = some_states(tokens, seed=number)
        ours, theirs = await session.step(hidden, position), chain(hidden[None], position)[0]
        assert (ours - theirs).abs().max() <= TOLERANCE
    assert fault.struck.is_set()
    assert session.replayed_spans == 1


# --- nobody is left


async def test_without_a_spare_the_missing_layers_are_named_after_the_wait(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    swarm.add(model, 0, 2)
    swarm.add(model, 2, 4, fault=Fault(5, dies))
    swarm.add(model, 4, 5)
    session = swarm.session()
    started = time.monotonic()
    with pytest.raises(MissingLayers, match=r"nobody serves layers 3–4 of 5") as caught:
        async with asyncio.timeout(30):
            await outputs_of(session.step)
    assert caught.value.gaps == ((2, 4),)
    assert time.monotonic() - started >= IMPATIENT.repair_wait_seconds
    assert not session.is_open
    await assert_all_left(swarm, session)
    with pytest.raises(SessionLost):
        await session.step(some_states(1), 12)


@pytest.mark.parametrize(
    ("served", "missing"),
    [((), ((0, 5),)), (((0, 2),), ((2, 5),)), (((1, 2), (3, 4)), ((0, 1), (2, 3), (4, 5)))],
)
async def test_a_model_that_is_not_complete_does_not_open(
    served: Sequence[tuple[int, int]],
    missing: Sequence[tuple[int, int]],
    swarm: MemorySwarm,
    model: PreTrainedModel,
) -> None:
    for start, end in served:
        swarm.add(model, start, end)
    started = time.monotonic()
    with pytest.raises(MissingLayers) as caught:
        await swarm.session().step(some_states(PROMPT), 0)
    assert caught.value.gaps == missing
    assert time.monotonic() - started >= IMPATIENT.opening_wait_seconds
    assert swarm.dialled == []


async def test_a_server_that_comes_in_time_goes_on(swarm: MemorySwarm, model: PreTrainedModel) -> None:
    swarm.add(model, 0, 2)
    swarm.add(model, 2, 5, fault=(fault := Fault(6, dies)))
    session = swarm.session(replace(IMPATIENT, repair_wait_seconds=20.0))
    answer = asyncio.create_task(outputs_of(session.step))
    await fault.struck.wait()
    await asyncio.sleep(0.05)
    assert not answer.done()
    swarm.add(model, 2, 5)
    assert (await answer - await undisturbed(model)).abs().max() <= TOLERANCE
    assert session.replayed_spans == 1


async def test_a_server_that_has_failed_is_asked_again_later(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    only = swarm.add(model, fault=(fault := Fault(6, dies)))
    swarm.book = PeerBook(clock=lambda: 60 * time.monotonic())
    session = swarm.session(replace(IMPATIENT, repair_wait_seconds=20.0))
    answer = asyncio.create_task(outputs_of(session.step))
    await fault.struck.wait()
    only.fault = None  # it has started again
    assert (await answer - await undisturbed(model)).abs().max() <= TOLERANCE
    assert (only.opened, session.replayed_spans) == (2, 1)


async def test_servers_that_only_hang_are_not_asked_for_ever(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    """Also when each is forgiven before the next one has been found out."""
    for _ in range(3):
        swarm.add(model, fault=Fault(0, hangs))
    swarm.book = PeerBook(clock=lambda: 1000 * time.monotonic())
    session = swarm.session(QUICK_TO_GIVE_UP)
    with pytest.raises(MissingLayers):
        await asyncio.wait_for(session.step(some_states(PROMPT), 0), 30)


# --- closing


class Door:
    """Makes a swarm's directory wait."""

    def __init__(self, swarm: MemorySwarm) -> None:
        self._swarm = swarm
        self.open = asyncio.Event()
        self.knocked = asyncio.Event()

    async def spans(self, model: str = "") -> Sequence[object]:
        self.knocked.set()
        await self.open.wait()
        return await self._swarm.spans()


async def test_a_session_that_is_closed_while_it_opens_leaves_nothing_open(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    swarm.add(model)
    door, session = Door(swarm), swarm.session()
    session._opener._look_up = door.spans
    step = asyncio.create_task(session.step(some_states(PROMPT), 0))
    await door.knocked.wait()
    session.close()
    door.open.set()
    with pytest.raises(SessionLost):
        await step
    await assert_all_left(swarm, session)


async def test_a_session_that_is_closed_while_it_is_repaired_leaves_nothing_open(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    two_and_a_spare(swarm, model, Fault(4, dies))
    session = swarm.session()
    await session.step(some_states(PROMPT), 0)
    door = Door(swarm)
    session._opener._look_up = door.spans
    step = asyncio.create_task(session.step(some_states(1), PROMPT))
    await door.knocked.wait()
    session.close()
    door.open.set()
    with pytest.raises(SessionLost):
        await step
    await assert_all_left(swarm, session)


async def test_a_session_that_is_closed_in_mid_step_does_not_look_for_a_replacement(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    _, _, spare = two_and_a_spare(swarm, model, Fault(4, hangs))
    session = swarm.session()
    await session.step(some_states(PROMPT), 0)
    step = asyncio.create_task(session.step(some_states(1), PROMPT))
    await asyncio.sleep(0.05)
    session.close()
    with pytest.raises(SessionLost):
        await step
    assert spare.opened == 0


# --- the undisturbed way


async def test_chunks_of_a_prompt_follow_each_other_through_the_hops(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    """The second hop's first chunk waits until the first hop works on its second one."""
    first, second = swarm.add(model, 0, 2), swarm.add(model, 2, 5)
    chunks_at_first, both = [], threading.Event()

    def count(forwards: Sequence[Forward]) -> None:
        chunks_at_first.append(len(forwards))
        if len(chunks_at_first) == 2:
            both.set()

    def wait(forwards: Sequence[Forward]) -> None:
        assert both.wait(60)

    first.runner.before, second.runner.before = count, wait
    session = swarm.session()
    output = await session.step(some_states(PROMPT), 0)
    assert (output - (await undisturbed(model, steps=0))).abs().max() <= TOLERANCE
    assert first.batcher.steps == second.batcher.steps == [(0, 4), (4, 4), (8, 1)]
    assert session.trips == 3


async def test_a_report_tells_of_each_hop(swarm: MemorySwarm, model: PreTrainedModel) -> None:
    swarm.add(model, 0, 2), swarm.add(model, 2, 5)
    session = swarm.session()
    await outputs_of(session.step)
    assert [(hop.start, hop.end, hop.steps) for hop in session.report()] == [(0, 2, 8), (2, 5, 8)]
    assert all(0 < hop.compute_seconds <= hop.seconds for hop in session.report())
    assert (session.trips, session.replayed_spans) == (8, 0)
    session.start_counting()
    assert session.trips == 0
    assert all(hop.steps == hop.seconds == hop.compute_seconds == 0 for hop in session.report())


async def test_steps_that_come_at_once_go_one_by_one(swarm: MemorySwarm, model: PreTrainedModel) -> None:
    swarm.add(model, 0, 2), swarm.add(model, 2, 5)
    session = swarm.session()
    positions = [(PROMPT, 0), (1, 9), (1, 10)]
    outputs = await asyncio.gather(
        *(session.step(some_states(n, seed=at) if at else some_states(n), at) for n, at in positions)
    )
    assert (torch.cat(outputs) - await undisturbed(model, steps=2)).abs().max() <= TOLERANCE


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "int8"])
async def test_narrow_numbers_on_the_wire_cost_a_little_precision(
    dtype: WireEncoding, swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    swarm.add(model, 0, 2), swarm.add(model, 2, 5)
    session = swarm.session(replace(IMPATIENT, ends=Ends(dtype, dtype)))
    outputs = await outputs_of(session.step)
    assert outputs.dtype == torch.float32
    error = (outputs - await undisturbed(model)).abs().max()
    assert TOLERANCE < error < 0.1
