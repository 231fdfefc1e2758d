"""Servers that leave: between two steps their sessions move, with nothing computed again where possible."""

import asyncio
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import PreTrainedModel

from engine.route.moving import Mover
from engine.route.session import SwarmSession
from engine.wire.records import ServerState
from tests.in_memory_swarm import IMPATIENT, MemoryServer, MemorySwarm
from tests.tiny_models import CONTEXT, LocalChain, some_states, span_of
from tests.waiting import until

TOLERANCE = 1e-5
PROMPT, BEFORE, AFTER = 9, 2, 3  # tokens; steps before and after the server says that it leaves


async def begun(swarm: MemorySwarm) -> SwarmSession:
    session = swarm.session()
    await session.step(some_states(PROMPT), 0)
    await steps(session, PROMPT, PROMPT + BEFORE)
    return session


async def steps(session: SwarmSession, start: int, end: int) -> Tensor:
    return torch.cat([await session.step(some_states(1, seed=at), at) for at in range(start, end)])


async def moved(session: SwarmSession, server: MemoryServer) -> None:
    """Returns when the session no longer uses a server."""
    await until(lambda: server.peer not in {hop.peer for hop in session.report()})


def undisturbed(model: PreTrainedModel, start: int, end: int) -> Tensor:
    chain = LocalChain([span_of(model)])
    outputs = [chain(some_states(PROMPT)[None], 0)[0]]
    for at in range(PROMPT, end):
        outputs.append(chain(some_states(1, seed=at)[None], at)[0])
    return torch.cat(outputs)[start:]


async def assert_goes_on(session: SwarmSession, model: PreTrainedModel) -> None:
    start, end = PROMPT + BEFORE, PROMPT + BEFORE + AFTER
    ours = await steps(session, start, end)
    assert (ours - undisturbed(model, start, end)).abs().max() <= TOLERANCE


@pytest.mark.parametrize("at", [0, 1, 2])
async def test_a_cache_is_handed_over_and_nothing_is_computed_again(
    at: int, swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    spans = ((0, 2), (2, 4), (4, 5))
    servers = [swarm.add(model, *span) for span in spans]
    session = await begun(swarm)
    successor = swarm.add(model, *spans[at], step_seconds=0.5)
    servers[at].spans.drain()
    await moved(session, servers[at])
    await assert_goes_on(session, model)
    assert successor.batcher.steps == [(PROMPT + BEFORE + step, 1) for step in range(AFTER)]
    assert (session.handed_over_spans, session.replayed_spans) == (1, 0)
    assert swarm.book.failures == swarm.book.link_failures == []


async def test_without_a_successor_of_the_same_precision_the_span_is_rebuilt(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    swarm.add(model, 0, 2)
    leaving = swarm.add(model, 2, 5)
    session = await begun(swarm)
    parts = [swarm.add(model, 2, 4, step_seconds=0.5), swarm.add(model, 4, 5, step_seconds=0.5)]
    leaving.spans.drain()
    await moved(session, leaving)
    await assert_goes_on(session, model)
    assert (session.handed_over_spans, session.replayed_spans) == (0, 1)
    for part in parts:
        assert [position for position, _ in part.batcher.steps[:3]] == [0, 4, 8]
    assert swarm.book.failures == []


async def test_a_server_that_leaves_serves_until_another_one_comes(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    leaving = swarm.add(model)
    session = await begun(swarm)
    leaving.spans.drain()
    await assert_goes_on(session, model)
    assert session.report()[0].peer == leaving.peer
    swarm.add(model, step_seconds=0.5)
    await moved(session, leaving)
    assert session.handed_over_spans == 1


async def test_steps_go_on_while_a_span_is_rebuilt(swarm: MemorySwarm, model: PreTrainedModel) -> None:
    """Those, too, are seen by the servers that take over."""
    leaving = swarm.add(model, 0, 5)
    session = await begun(swarm)
    parts = [swarm.add(model, 0, 3, step_seconds=0.5), swarm.add(model, 3, 5, step_seconds=0.5)]
    leaving.spans.drain()
    await assert_goes_on(session, model)
    await moved(session, leaving)
    at = PROMPT + BEFORE + AFTER
    ours = await steps(session, at, at + 2)
    assert (ours - undisturbed(model, at, at + 2)).abs().max() <= TOLERANCE
    assert sum(tokens for _, tokens in parts[1].batcher.steps) == at + 2


async def test_a_session_that_goes_back_again_and_again_moves_all_the_same(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    """Others rebuild its span meanwhile, and drop what was taken back."""
    leaving = swarm.add(model, 0, 5)
    session = await begun(swarm)
    parts = [swarm.add(model, 0, 3, step_seconds=0.5), swarm.add(model, 3, 5, step_seconds=0.5)]
    for part in parts:
        part.runner.before = lambda forwards: time.sleep(0.02)
    leaving.spans.drain()
    at = PROMPT + BEFORE
    while leaving.peer in {hop.peer for hop in session.report()}:
        assert at < CONTEXT - 4, "it did not move"
        drafted = torch.cat([some_states(1, seed=at), some_states(3, seed=1000 + at)])
        await session.step(drafted, at)
        at += 1
    ours = await steps(session, at, at + 2)
    assert (ours - undisturbed(model, at, at + 2)).abs().max() <= TOLERANCE
    assert session.replayed_spans == 1


async def test_a_server_that_goes_before_its_cache_is_safe_is_not_blamed(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    swarm.add(model, 0, 2)
    leaving = swarm.add(model, 2, 5)
    session = await begun(swarm)
    leaving.spans.drain()
    await asyncio.sleep(0.05)
    leaving.die()
    swarm.add(model, 2, 5)
    await assert_goes_on(session, model)
    assert session.replayed_spans == 1
    assert swarm.book.failures == []


async def test_an_idle_session_moves_as_well(swarm: MemorySwarm, model: PreTrainedModel) -> None:
    leaving = swarm.add(model)
    session = await begun(swarm)
    swarm.add(model, step_seconds=0.5)
    leaving.spans.drain()
    await moved(session, leaving)
    leaving.die()
    await assert_goes_on(session, model)
    assert (session.handed_over_spans, session.replayed_spans) == (1, 0)


async def test_a_session_that_is_closed_while_it_moves_leaves_nothing_open(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    leaving = swarm.add(model)
    session = await begun(swarm)
    successor = swarm.add(model, step_seconds=0.5)
    leaving.spans.drain()
    await until(lambda: successor.opened > 0)
    session.close()
    await swarm.settled()
    assert successor.runner.cache_used_bytes == leaving.runner.cache_used_bytes == 0


@pytest.mark.parametrize("at", [0, 1])
async def test_a_step_that_waits_for_layers_holds_up_nobody_who_leaves(
    at: int, swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    """Who leaves may do so in order to serve what is missing."""
    spans = ((0, 2), (2, 5))
    servers = [swarm.add(model, *span) for span in spans]
    session = swarm.session(replace(IMPATIENT, repair_wait_seconds=30.0))
    await session.step(some_states(PROMPT), 0)
    await steps(session, PROMPT, PROMPT + BEFORE)
    leaving, lost = servers[at], servers[1 - at]
    spare = swarm.add(model, *spans[at])
    lost.die()
    lost.state = ServerState.OFFLINE
    going_on = asyncio.create_task(assert_goes_on(session, model))
    await until(lambda: swarm.book.failures == [lost.peer])
    leaving.state = ServerState.DRAINING
    leaving.spans.drain()
    async with asyncio.timeout(30):
        await leaving.spans.unused()
    await until(lambda: spare.runner.cache_used_bytes == 0)  # no session is begun there in vain
    swarm.add(model, *spans[1 - at])
    await going_on
    assert spare.batcher.steps
    assert swarm.book.failures == [lost.peer]


async def test_who_leaves_and_cannot_be_spared_serves_until_layers_that_are_missing_are_there(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    leaving, lost = swarm.add(model, 0, 2), swarm.add(model, 2, 5)
    session = swarm.session(replace(IMPATIENT, repair_wait_seconds=30.0))
    await session.step(some_states(PROMPT), 0)
    await steps(session, PROMPT, PROMPT + BEFORE)
    lost.die()
    lost.state = ServerState.OFFLINE
    going_on = asyncio.create_task(assert_goes_on(session, model))
    leaving.state = ServerState.DRAINING
    leaving.spans.drain()
    await asyncio.sleep(10 * IMPATIENT.look_again_seconds)
    swarm.add(model, 2, 5)
    await going_on
    assert leaving.peer in {hop.peer for hop in session.report()}


async def test_who_fails_while_it_is_asked_who_could_take_over_spoils_no_step() -> None:
    class Leaving:
        failure = planned = None

    hop: Any = Leaving()
    route: Any = SimpleNamespace(chain=SimpleNamespace(hops=[hop]))
    looked = asyncio.Event()

    class Opener:
        async def open_elsewhere(self, left: object, same_weights: bool) -> None: ...

        async def can_spare(self, planned: object) -> bool:
            hop.failure = "it is gone"
            await looked.wait()
            return True

    opener: Any = Opener()
    mover = Mover(route, opener, asyncio.Lock(), lambda: None)
    mover.move(hop, 0.0)
    asyncio.get_running_loop().call_later(0.05, looked.set)
    await mover.let_go()
    assert not mover._tasks


async def test_look_agains_are_few(swarm: MemorySwarm, model: PreTrainedModel) -> None:
    leaving = swarm.add(model)
    session = swarm.session(replace(IMPATIENT, look_again_seconds=30.0))
    await session.step(some_states(PROMPT), 0)
    leaving.spans.drain()
    await asyncio.sleep(0.1)
    assert swarm.dialled == [leaving.peer]
