"""Steps that are asked for while others are under way: behind these, or in their place."""

import asyncio
import random
import threading
from collections.abc import Sequence

import pytest
from torch import Tensor
from transformers import PreTrainedModel

from engine.errors import SessionLost
from engine.host.runner import Forward
from engine.route.session import SwarmSession
from tests.in_memory_swarm import QUICK_TO_GIVE_UP, Fault, MemoryServer, MemorySwarm
from tests.route.test_leaving import moved
from tests.route.test_session import assert_all_left, dies, hangs, refuses
from tests.tiny_models import LocalChain, some_states, span_of
from tests.waiting import until

TOLERANCE = 1e-5
PROMPT, CHUNK, CHUNKS = 9, 3, 4


def drafted(position: int, seed: int, tokens: int = CHUNK) -> Tensor:
    return some_states(tokens, seed=1000 * seed + position)


def begun(session: SwarmSession, hidden: Tensor, position: int) -> "asyncio.Task[Tensor]":
    return asyncio.create_task(session.step(hidden, position))


async def begun_in_turn(
    session: SwarmSession, start: int, seed: int, chunks: int = CHUNKS
) -> list["asyncio.Task[Tensor]"]:
    """Steps that follow each other from `start` on."""
    tasks = [begun(session, drafted(at, seed), at) for at in range(start, start + chunks * CHUNK, CHUNK)]
    await asyncio.sleep(0)
    return tasks


def assert_same(ours: Tensor, theirs: Tensor) -> None:
    assert (ours - theirs).abs().max() <= TOLERANCE


def three_servers(swarm: MemorySwarm, model: PreTrainedModel) -> Sequence[MemoryServer]:
    return [swarm.add(model, *span) for span in ((0, 2), (2, 4), (4, 5))]


def has_come_to(server: MemoryServer, position: int) -> bool:
    """Whether a step at that position waits there."""
    [session] = server.spans._sessions.values()
    return position in session._waiting.values()


async def test_a_step_that_follows_does_not_wait_for_the_one_before(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    first, _, last = three_servers(swarm, model)
    session, chain = swarm.session(), LocalChain([span_of(model)])
    assert_same(await session.step(some_states(PROMPT), 0), chain(some_states(PROMPT)[None], 0)[0])
    came_in = threading.Semaphore(0)
    tasks: list[asyncio.Task[Tensor]] = []
    were_done: list[bool] = []  # any, when a step came in

    def come_in(forwards: Sequence[Forward]) -> None:
        were_done.append(any(task.done() for task in tasks))
        came_in.release()

    def wait_for_all(forwards: Sequence[Forward]) -> None:
        last.runner.before = lambda forwards: None
        assert all(came_in.acquire(timeout=20) for _ in range(CHUNKS))

    first.runner.before, last.runner.before = come_in, wait_for_all
    tasks += await begun_in_turn(session, PROMPT, seed=1)
    for at, task in zip(range(PROMPT, 100, CHUNK), tasks, strict=False):
        assert_same(await task, chain(drafted(at, 1)[None], at)[0])
    assert were_done == [False] * CHUNKS
    assert session.trips == 3 + CHUNKS  # the prompt goes in three
    await assert_all_left(swarm, session)


async def test_a_step_that_goes_back_takes_the_place_of_those_under_way(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    three_servers(swarm, model)
    session, chain = swarm.session(), LocalChain([span_of(model)])
    await session.step(some_states(PROMPT), 0)
    chain(some_states(PROMPT)[None], 0)
    first, *others = await begun_in_turn(session, PROMPT, seed=1)
    assert_same(await first, chain(drafted(PROMPT, 1)[None], PROMPT)[0])
    instead = await session.step(drafted(PROMPT + 1, 2), PROMPT + 1)
    assert_same(instead, chain(drafted(PROMPT + 1, 2)[None], PROMPT + 1)[0])
    for other in others:
        assert (await asyncio.gather(other, return_exceptions=True))[0] is not None  # it ends
    end = PROMPT + 1 + CHUNK
    assert_same(await session.step(drafted(end, 3), end), chain(drafted(end, 3)[None], end)[0])
    assert session.replayed_spans == 0
    assert swarm.book.failures == swarm.book.link_failures == []
    await assert_all_left(swarm, session)


async def test_what_nobody_waits_for_any_more_is_not_waited_for(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    *_, middle, last = three_servers(swarm, model)
    session = swarm.session()
    await session.step(some_states(PROMPT), 0)
    [first] = await begun_in_turn(session, PROMPT, seed=1, chunks=1)
    await first
    held_up = threading.Event()
    last.runner.before = lambda forwards: held_up.wait(20)
    stale = await begun_in_turn(session, PROMPT + CHUNK, seed=1)
    instead = begun(session, drafted(PROMPT + 1, 2), PROMPT + 1)
    ended = await asyncio.gather(*stale, return_exceptions=True)
    assert all(isinstance(end, SessionLost) for end in ended)
    assert not instead.done()
    await until(lambda: has_come_to(last, PROMPT + 1))
    held_up.set()
    await instead
    ran = [position for position, _ in last.batcher.steps[-2:]]
    assert ran == [PROMPT + CHUNK, PROMPT + 1]  # the one that was held up, then the one that counts
    assert middle.batcher.steps[-1] == (PROMPT + 1, CHUNK)
    await assert_all_left(swarm, session)


@pytest.mark.parametrize("what", [dies, refuses, hangs], ids=["dies", "refuses", "hangs"])
@pytest.mark.parametrize("seed", range(6))
async def test_a_failure_among_steps_under_way_changes_nothing(
    seed: int, what: object, swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    """Any steps in any order, some of which go back, while a server fails somewhere among them."""
    dice = random.Random(seed)
    fault = Fault(dice.randrange(2, 20), what)
    swarm.add(model, 0, 2, fault=fault if seed % 2 else None)
    swarm.add(model, 2, 5, fault=None if seed % 2 else fault)
    swarm.add(model, 0, 2, step_seconds=0.5)
    swarm.add(model, 2, 5, step_seconds=0.5)
    session, chain = swarm.session(QUICK_TO_GIVE_UP), LocalChain([span_of(model)])
    await session.step(some_states(PROMPT), 0)
    chain(some_states(PROMPT)[None], 0)
    position, begun = PROMPT, []
    for number in range(1, 8):
        chunks = dice.randint(1, CHUNKS)
        tasks = await begun_in_turn(session, position, number, chunks)
        begun += tasks
        awaited = dice.randint(1, chunks)
        for at, task in zip(range(position, 1000, CHUNK), tasks[:awaited], strict=False):
            assert_same(await task, chain(drafted(at, number)[None], at)[0])
        came_true = awaited * CHUNK - dice.randrange(0, CHUNK)
        position += came_true  # and the next round goes back to there
    assert_same(
        await session.step(drafted(position, 99), position), chain(drafted(position, 99)[None], position)[0]
    )
    assert fault.struck.is_set()
    assert session.replayed_spans >= 1
    await asyncio.gather(*begun, return_exceptions=True)  # the steps gone back over end with `SessionLost`
    await assert_all_left(swarm, session)


async def test_a_server_that_leaves_gets_its_turn_among_steps_that_never_end(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    leaving = swarm.add(model)
    session, chain = swarm.session(), LocalChain([span_of(model)])
    await session.step(some_states(PROMPT), 0)
    chain(some_states(PROMPT)[None], 0)
    swarm.add(model, step_seconds=0.5)
    moving = asyncio.create_task(moved(session, leaving))
    under_way: list[asyncio.Task[Tensor]] = []
    position = PROMPT
    while not moving.done():
        assert position < 120, "it did not move"
        under_way.append(begun(session, drafted(position, 1, 1), position))
        position += 1
        if len(under_way) > 2:
            await under_way.pop(0)
        if position == PROMPT + 5:
            leaving.spans.drain()
    outputs = await asyncio.gather(*under_way)
    for at in range(PROMPT, position):
        expected = chain(drafted(at, 1, 1)[None], at)[0]
    assert_same(outputs[-1], expected)
    assert session.handed_over_spans == 1
    await assert_all_left(swarm, session)
