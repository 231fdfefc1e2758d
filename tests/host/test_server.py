"""A span's server and its clients on streams in memory: shared forwards, refusals, clients that vanish."""

import asyncio
import struct
import threading
from collections.abc import Awaitable, Callable, Sequence

import msgpack
import pytest
import torch
from torch import Tensor
from transformers import PreTrainedModel

from engine.errors import PeerUnreachable
from engine.host.batcher import ACTIVE_SECONDS, KEPT_SECONDS
from engine.host.budget import BLOCK_TOKENS
from engine.host.runner import Forward
from engine.wire import frames
from engine.wire.messages import (
    Leaving,
    Message,
    OpenSession,
    Refusal,
    RefusalCode,
    SessionOpened,
    Step,
    StepOutput,
)
from engine.wire.records import PROTOCOL_VERSION
from engine.wire.tensors import unpack
from tests.in_memory_swarm import MODEL, Client, MemoryServer, MemorySwarm, tensor_of
from tests.tiny_models import CONTEXT, HIDDEN, N_LAYERS, LocalChain, some_states, span_of, tiny_model

TOLERANCE = 1e-5


def states(client: int, tokens: int, position: int) -> Tensor:
    return some_states(tokens, seed=1000 * client + position)


async def talk(
    swarm: MemorySwarm, server: MemoryServer, number: int, prompt: int, steps: int
) -> list[Tensor]:
    """One client's outputs: of its prompt, then of each step."""
    client = await Client.dial(swarm, server)
    assert (await client.open(server.start, server.end)).max_tokens == CONTEXT
    outputs, position = [], 0
    for tokens in (prompt, *[1] * steps):
        reply, body = await client.step(states(number, tokens, position), position)
        assert isinstance(reply, StepOutput), reply
        assert reply.position == position
        outputs.append(unpack(reply.tensor, body))
        position += tokens
    client.stream.close()
    return outputs


def alone(model: PreTrainedModel, number: int, prompt: int, steps: int) -> list[Tensor]:
    chain, outputs, position = LocalChain([span_of(model)]), [], 0
    for tokens in (prompt, *[1] * steps):
        outputs.append(chain(states(number, tokens, position)[None], position)[0])
        position += tokens
    return outputs


def assert_equal(ours: Sequence[Tensor], theirs: Sequence[Tensor]) -> None:
    for mine, other in zip(ours, theirs, strict=True):
        assert (mine - other).abs().max() <= TOLERANCE


@pytest.mark.parametrize("family", ["llama", "gemma2", "bloom"])
async def test_clients_at_once_get_what_each_gets_alone(family: str, swarm: MemorySwarm) -> None:
    model = tiny_model(family)
    server = swarm.add(model)
    lengths = (3, 9, 14, 70)
    results = await asyncio.gather(*(talk(swarm, server, i, n, 6) for i, n in enumerate(lengths)))
    for number, (length, outputs) in enumerate(zip(lengths, results, strict=True)):
        assert_equal(outputs, alone(model, number, length, 6))
    await swarm.settled()
    assert server.runner.cache_used_bytes == 0


async def test_steps_of_eight_sessions_share_forwards(model: PreTrainedModel, swarm: MemorySwarm) -> None:
    server, steps = swarm.add(model), 30
    await asyncio.gather(*(talk(swarm, server, i, 4, steps) for i in range(8)))
    assert sum(server.runner.rows) == 8 * (1 + steps)
    assert len(server.runner.rows) < 8 + 4 * steps  # one by one it were 8 + 8 * steps


async def test_all_steps_that_wait_go_into_the_next_forward(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    server, gate = swarm.add(model), Gate()
    busy, *sessions = (server.batcher.open((0, N_LAYERS)) for _ in range(9))
    server.runner.before = gate
    first = asyncio.create_task(server.batcher.step(busy, states(0, 4, 0), 0))
    await asyncio.to_thread(gate.reached.wait, 5)
    waiting = [asyncio.create_task(server.batcher.step(s, states(s.key, 1, 0), 0)) for s in sessions]
    await asyncio.sleep(0)
    gate.open.set()
    await asyncio.gather(first, *waiting)
    assert server.runner.rows == [1, 8]


async def test_sessions_of_parts_of_the_span(model: PreTrainedModel, swarm: MemorySwarm) -> None:
    server = swarm.add(model, 1, 5)

    async def part(start: int, end: int) -> None:
        client, chain = await Client.dial(swarm, server), LocalChain([span_of(model, start, end)])
        await client.open(start, end)
        for position, tokens in ((0, 6), (6, 1), (7, 1)):
            reply, body = await client.step(states(start, tokens, position), position)
            expected = chain(states(start, tokens, position)[None], position)
            assert_equal([unpack(reply.tensor, body)], expected)

    await asyncio.gather(part(1, 5), part(2, 4), part(4, 5), part(1, 3))


async def test_a_client_may_go_back(model: PreTrainedModel, swarm: MemorySwarm) -> None:
    client = await Client.dial(swarm, swarm.add(model))
    await client.open()
    await client.step(states(1, 8, 0), 0)
    await client.step(states(2, 5, 8), 8)
    reply, body = await client.step(states(3, 2, 8), 8)
    chain = LocalChain([span_of(model)])
    chain(states(1, 8, 0)[None], 0)
    assert_equal([unpack(reply.tensor, body)], chain(states(3, 2, 8)[None], 8))


# --- clients that vanish, forwards that fail


class Gate:
    """Holds forwards back in the device's thread."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.open = threading.Event()

    def __call__(self, forwards: Sequence[Forward]) -> None:
        self.reached.set()
        assert self.open.wait(5)


async def test_a_client_that_vanishes_in_mid_forward_disturbs_nobody(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    server, gate = swarm.add(model), Gate()
    leaver = await Client.dial(swarm, server)
    await leaver.open()
    server.runner.before = gate
    step = asyncio.create_task(leaver.step(states(1, 70, 0), 0))
    await asyncio.to_thread(gate.reached.wait, 5)
    stayer = asyncio.create_task(talk(swarm, server, 2, 9, 3))
    step.cancel()
    leaver.stream.close()
    await asyncio.sleep(0.01)
    assert server.runner.cache_used_bytes > 0  # nothing is taken from under a running forward
    gate.open.set()
    assert_equal(await stayer, alone(model, 2, 9, 3))
    await swarm.settled()
    assert server.runner.cache_used_bytes == 0
    assert not server.batcher.sessions


async def test_blocks_go_back_only_after_the_forward_that_uses_them(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    """A handler that is cancelled in mid-forward, as when a node stops."""
    server, gate = swarm.add(model), Gate()
    session = server.batcher.open((0, N_LAYERS))
    server.runner.before = gate
    step = asyncio.create_task(server.batcher.step(session, states(1, 70, 0), 0))
    await asyncio.to_thread(gate.reached.wait, 5)
    step.cancel()
    server.batcher.close(session)
    assert server.runner.budget.used == 2
    gate.open.set()
    assert_equal(await talk(swarm, server, 2, 9, 1), alone(model, 2, 9, 1))
    await swarm.settled()
    assert server.runner.budget.used == 0


async def test_a_step_that_was_closed_while_it_waited_never_runs(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    server, gate = swarm.add(model), Gate()
    busy, waiting = (server.batcher.open((0, N_LAYERS)) for _ in range(2))
    server.runner.before = gate
    first = asyncio.create_task(server.batcher.step(busy, states(1, 4, 0), 0))
    await asyncio.to_thread(gate.reached.wait, 5)
    second = asyncio.create_task(server.batcher.step(waiting, states(2, 4, 0), 0))
    await asyncio.sleep(0)
    assert server.batcher.queue_depth == 1
    second.cancel()
    server.batcher.close(waiting)
    assert server.batcher.queue_depth == 0
    gate.open.set()
    await first
    assert server.runner.rows == [1]
    assert server.runner.budget.used == 1


async def test_a_forward_that_fails_ends_its_sessions_and_no_others(
    model: PreTrainedModel, swarm: MemorySwarm, caplog: pytest.LogCaptureFixture
) -> None:
    server = swarm.add(model)

    def fail_on_poison(forwards: Sequence[Forward]) -> None:
        if any((forward.hidden == 7).all() for forward in forwards):
            raise KeyError("a model's own code may raise anything")

    server.runner.before = fail_on_poison
    poisoner = await Client.dial(swarm, server)
    await poisoner.open()
    others = asyncio.gather(*(talk(swarm, server, i, 9, 5) for i in (1, 2)))
    reply, _ = await poisoner.step(torch.full_like(states(0, 3, 0), 7), 0)
    assert isinstance(reply, Refusal)
    assert reply.code is RefusalCode.FAILED
    for number, outputs in zip((1, 2), await others, strict=True):
        assert_equal(outputs, alone(model, number, 9, 5))
    await swarm.settled()
    assert server.runner.cache_used_bytes == 0
    assert "a forward failed" in caplog.text


# --- refusals

Ask = Callable[[Client], Awaitable[tuple[Message, bytes]]]


def raw(header: bytes, payload: bytes = b"") -> Ask:
    async def send(client: Client) -> tuple[Message, bytes]:
        await client.stream.send(struct.pack(">II", len(header), len(payload)) + header + payload)
        return await frames.receive(client.stream)

    return send


def message(what: Message, payload: bytes = b"") -> Ask:
    return lambda client: client.ask(what, payload)


def step(position: int, tokens: int = 1) -> Ask:
    return lambda client: client.step(states(0, tokens, position), position)


def opening(**fields: object) -> OpenSession:
    return OpenSession(**{"model": MODEL, "start": 1, "end": 4, **fields})


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (message(opening(model="ee" * 32)), RefusalCode.WRONG_MODEL),
        (message(opening(start=0)), RefusalCode.SPAN_NOT_SERVED),
        (message(opening(end=5)), RefusalCode.SPAN_NOT_SERVED),
        (message(opening(start=4, end=5)), RefusalCode.SPAN_NOT_SERVED),
        (message(opening(version=PROTOCOL_VERSION + 1)), RefusalCode.BAD_MESSAGE),
        (step(0), RefusalCode.BAD_MESSAGE),
        (message(SessionOpened(max_tokens=1, ticket="0" * 32)), RefusalCode.BAD_MESSAGE),
        (message(Refusal(code=RefusalCode.FAILED, text="")), RefusalCode.BAD_MESSAGE),
        (raw(b"\xc1"), RefusalCode.BAD_MESSAGE),
        (raw(msgpack.packb({"type": "open", "model": "x" * 3000})), RefusalCode.BAD_MESSAGE),
        (raw(b"x" * 5000), RefusalCode.BAD_MESSAGE),
    ],
)
async def test_a_bad_opening_is_refused(
    ask: Ask, code: RefusalCode, model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    server = swarm.add(model, 1, 4)
    reply, _ = await ask(await Client.dial(swarm, server))
    assert isinstance(reply, Refusal)
    assert reply.code is code
    await swarm.settled()
    assert not server.batcher.sessions


def second_step(hidden: int = HIDDEN) -> Step:
    return Step(number=2, position=9, tensor=tensor_of(1, hidden))


def not_finite(client: Client) -> Awaitable[tuple[Message, bytes]]:
    bad = states(0, 3, 9)
    bad[1, 5] = float("nan")
    return client.step(bad, 9)


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (step(10), RefusalCode.BAD_POSITION),  # leaves a gap behind the nine that are there
        (step(2**20), RefusalCode.BAD_POSITION),
        (step(9, tokens=CONTEXT - 8), RefusalCode.NO_ROOM),  # longer than the model reads
        (
            message(Step(number=2, position=9, tensor=tensor_of(1, 33)), bytes(4 * 33)),
            RefusalCode.BAD_MESSAGE,
        ),
        (message(Step(number=2, position=9, tensor=tensor_of(1)), bytes(3)), RefusalCode.BAD_MESSAGE),
        (message(opening()), RefusalCode.BAD_MESSAGE),
        (not_finite, RefusalCode.BAD_MESSAGE),
        (raw(b"\xc1"), RefusalCode.BAD_MESSAGE),
        (raw(msgpack.packb({"type": "step", "number": 2, "position": -1})), RefusalCode.BAD_MESSAGE),
    ],
)
async def test_a_bad_step_is_refused_and_ends_only_its_own_session(
    ask: Ask, code: RefusalCode, model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    server = swarm.add(model)
    offender, other = await Client.dial(swarm, server), await Client.dial(swarm, server)
    for client in (offender, other):
        await client.open()
        await client.step(states(1, 9, 0), 0)
    reply, _ = await ask(offender)
    assert isinstance(reply, Refusal), reply
    assert reply.code is code
    assert len(reply.text) > 10
    reply, body = await other.step(states(1, 1, 9), 9)
    assert_equal([unpack(reply.tensor, body)], alone(model, 1, 9, 1)[1:])
    assert len(server.batcher.sessions) == 1


async def test_a_step_whose_numbers_do_not_come_ends_its_session_soon(
    model: PreTrainedModel, swarm: MemorySwarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.host.outbox.SEND_SECONDS", 0.05)
    server = swarm.add(model)
    client = await Client.dial(swarm, server)
    await client.open()
    meta = tensor_of(3)
    head, payload = frames.encode(Step(number=1, position=0, tensor=meta), bytes(meta.nbytes))
    await client.stream.send(head, memoryview(payload)[:-1])
    with pytest.raises(PeerUnreachable):
        await frames.receive(client.stream)
    assert not server.batcher.sessions


async def test_a_full_cache_refuses_one_session_and_keeps_the_others(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    server = swarm.add(model, cache_tokens=2 * BLOCK_TOKENS)
    holder, comer = await Client.dial(swarm, server), await Client.dial(swarm, server)
    await holder.open(), await comer.open()
    await holder.step(states(1, 65, 0), 0)
    reply, _ = await comer.step(states(2, 1, 0), 0)
    assert isinstance(reply, Refusal)
    assert reply.code is RefusalCode.NO_ROOM
    assert_equal(await talk_on(holder, 65), alone_after(model, 65))


async def talk_on(client: Client, position: int) -> list[Tensor]:
    reply, body = await client.step(states(1, 1, position), position)
    return [unpack(reply.tensor, body)]


def alone_after(model: PreTrainedModel, prompt: int) -> list[Tensor]:
    return alone(model, 1, prompt, 1)[1:]


async def test_positions_beyond_the_model_s_table_are_refused_before_they_are_run(swarm: MemorySwarm) -> None:
    """On a GPU an index out of range would take the whole process down."""
    server = swarm.add(tiny_model("gpt2"), context=CONTEXT, cache_tokens=4 * CONTEXT)
    client = await Client.dial(swarm, server)
    assert (await client.open()).max_tokens == CONTEXT
    await client.step(states(1, CONTEXT, 0), 0)
    runs = len(server.runner.rows)
    reply, _ = await client.step(states(1, 1, CONTEXT), CONTEXT)
    assert isinstance(reply, Refusal)
    assert reply.code is RefusalCode.NO_ROOM
    assert len(server.runner.rows) == runs


# --- leaving


async def test_a_draining_server_serves_its_sessions_and_takes_no_new_ones(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    server = swarm.add(model)
    old, new = await Client.dial(swarm, server), await Client.dial(swarm, server)
    await old.open()
    await old.step(states(1, 9, 0), 0)
    server.spans.drain()
    assert (await frames.receive(old.stream))[0] == Leaving()
    reply = await new.open()
    assert isinstance(reply, Refusal)
    assert reply.code is RefusalCode.DRAINING
    assert_equal(await talk_on(old, 9), alone_after(model, 9))


async def test_a_server_is_in_use_until_its_clients_have_left(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    server = swarm.add(model)
    await asyncio.wait_for(server.spans.unused(), 30)
    client = await Client.dial(swarm, server)
    await client.open()
    await client.step(states(1, 9, 0), 0)
    assert server.batcher.active_sessions == 1
    unused = asyncio.create_task(server.spans.unused())
    await asyncio.sleep(0.02)
    assert not unused.done()
    client.stream.close()
    await asyncio.wait_for(unused, 30)


async def test_sessions_that_rest_are_not_in_use(
    model: PreTrainedModel, swarm: MemorySwarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = swarm.add(model)
    client = await Client.dial(swarm, server)
    await client.open()
    await client.step(states(1, 9, 0), 0)
    server.batcher._pace.last_output[0] -= ACTIVE_SECONDS
    assert server.batcher.active_sessions == 0
    assert server.batcher.unfinished_sessions == 1  # another server may be what its answer waits for
    server.batcher._pace.last_output[0] -= KEPT_SECONDS
    await asyncio.wait_for(server.spans.unused(), 30)
    assert len(server.batcher.sessions) == 1


async def test_who_waits_for_a_change_hears_of_every_coming_and_going(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    server = swarm.add(model)
    client = await Client.dial(swarm, server)
    for act in (client.open, client.stream.close):
        change = asyncio.create_task(server.spans.sessions_changed())
        await asyncio.sleep(0)
        assert not change.done()
        if (pending := act()) is not None:
            await pending
        await asyncio.wait_for(change, 30)


async def test_work_is_counted_in_tokens_and_in_layers(model: PreTrainedModel, swarm: MemorySwarm) -> None:
    server = swarm.add(model, 1, 5)
    for start, end in ((1, 5), (2, 4)):
        client = await Client.dial(swarm, server)
        await client.open(start, end)
        await client.step(states(1, 9, 0), 0)
        await client.step(states(1, 1, 9), 9)
    assert server.batcher.work.tokens == 20
    assert server.batcher.work.layer_tokens == 10 * 4 + 10 * 2
    assert server.batcher.step_seconds > 0
