"""Sessions that go on from another one: the same numbers, nothing sent or computed again, whatever fails."""

import asyncio
from dataclasses import replace

import pytest
import torch
from torch import Tensor
from transformers import PreTrainedModel

from engine.route.session import SwarmSession
from engine.wire.messages import Step
from engine.wire.records import ServerState
from tests.host.test_own_caches import model_of
from tests.in_memory_swarm import IMPATIENT, MemoryServer, MemoryStream, MemorySwarm, read_back
from tests.tiny_models import LocalChain, some_states, span_of
from tests.waiting import until

TOLERANCE = 1e-5
SPANS = ((0, 2), (2, 4), (4, 5))
PROMPT = 70  # more than a block
AT = 66  # where forks begin, inside of a block
Branch = tuple[int, int]  # position, seed of what stands there


class Talk:
    """A session, and all that should stand in it."""

    def __init__(self, session: SwarmSession, branches: list[Branch] | None = None) -> None:
        self.session = session
        self.branches = branches or []

    async def begin(self) -> None:
        await self.session.step(some_states(PROMPT), 0)

    async def say(self, position: int, seed: int) -> Tensor:
        self.branches.append((position, seed))
        return await self.session.step(some_states(1, seed=seed), position)

    async def fork(self, swarm: MemorySwarm, position: int = AT) -> "Talk":
        fresh = swarm.session()
        assert await fresh.go_on_from(self.session, position)
        return Talk(fresh, [branch for branch in self.branches if branch[0] < position])

    def expected(self, model: PreTrainedModel) -> Tensor:
        """What the last step should have given."""
        chain = LocalChain([span_of(model)])
        chain(some_states(PROMPT)[None], 0)
        return [chain(some_states(1, seed=seed)[None], at)[0] for at, seed in self.branches][-1]


async def assert_says_right(talk: Talk, model: PreTrainedModel, position: int, seed: int) -> None:
    out = await talk.say(position, seed)
    assert (out - talk.expected(model)).abs().max() <= TOLERANCE


async def begun(swarm: MemorySwarm) -> Talk:
    talk = Talk(swarm.session())
    await talk.begin()
    return talk


@pytest.fixture
async def servers(swarm: MemorySwarm, model: PreTrainedModel) -> list[MemoryServer]:
    return [swarm.add(model, *span) for span in SPANS]


async def test_a_fork_computes_nothing_again_and_leaves_the_other_one_as_it_is(
    servers, swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    parent = await begun(swarm)
    await assert_says_right(parent, model, PROMPT, seed=1)
    for server in servers:
        server.batcher.steps.clear()
    fork = await parent.fork(swarm)
    await assert_says_right(fork, model, AT, seed=2)
    await assert_says_right(parent, model, PROMPT + 1, seed=3)
    await assert_says_right(fork, model, AT + 1, seed=4)
    for server in servers:
        assert server.batcher.steps == [(AT, 1), (PROMPT + 1, 1), (AT + 1, 1)]
        assert server.runner.budget.used == 3  # two blocks, of which the second is written by both
    parent.session.close()
    await assert_says_right(fork, model, AT + 2, seed=5)
    assert fork.session.replayed_spans == 0
    assert (swarm.book.failures, swarm.book.link_failures) == ([], [])


@pytest.mark.parametrize("at", range(len(SPANS)))
async def test_a_fork_survives_a_server(at: int, servers, swarm: MemorySwarm, model: PreTrainedModel) -> None:
    """All that the other session has brought it is at hand."""
    parent = await begun(swarm)
    fork = await parent.fork(swarm)
    await assert_says_right(fork, model, AT, seed=1)
    spare = swarm.add(model, *SPANS[at], step_seconds=0.5)
    servers[at].die()
    await assert_says_right(fork, model, AT + 1, seed=2)
    assert fork.session.replayed_spans == 1
    assert spare.batcher.steps[0] == (0, 4)
    await assert_says_right(parent, model, PROMPT, seed=3)


async def test_a_fork_that_has_not_begun_survives_a_server(
    servers, swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    parent = await begun(swarm)
    fork = await parent.fork(swarm)
    parent.session.close()
    swarm.add(model, *SPANS[1], step_seconds=0.5)
    servers[1].die()
    await assert_says_right(fork, model, AT, seed=1)


async def test_a_fork_s_room_that_went_to_others_comes_back_by_replay(
    servers, swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    parent = await begun(swarm)
    fork = await parent.fork(swarm)
    batcher = servers[1].batcher
    for hosted in batcher.sessions.values():
        batcher.room.release(hosted)
        hosted.evicted = True
    await assert_says_right(fork, model, AT, seed=1)
    assert fork.session.replayed_spans == 1
    assert swarm.book.failures == []


async def test_a_fork_goes_back_behind_its_beginning(
    servers, swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    parent = await begun(swarm)
    fork = await parent.fork(swarm)
    await assert_says_right(fork, model, AT, seed=1)
    await assert_says_right(fork, model, 10, seed=2)
    await assert_says_right(parent, model, PROMPT, seed=3)


async def test_a_server_that_leaves_hands_forks_over(
    servers, swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    parent = await begun(swarm)
    fork = await parent.fork(swarm)
    await assert_says_right(fork, model, AT, seed=1)
    swarm.add(model, *SPANS[1], step_seconds=0.5)
    servers[1].spans.drain()
    await until(lambda: servers[1].peer not in {hop.peer for hop in fork.session.report()})
    await assert_says_right(fork, model, AT + 1, seed=2)
    assert (fork.session.handed_over_spans, fork.session.replayed_spans) == (1, 0)


async def test_forks_of_a_session_that_is_being_used_wait_for_its_step(
    servers, swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    patient = replace(IMPATIENT, fork_wait_seconds=60.0)
    parent, forks = Talk(swarm.session()), [swarm.session(patient) for _ in range(3)]
    prompt = asyncio.create_task(parent.begin())
    await asyncio.sleep(0)  # the step is under way
    assert await asyncio.gather(*(fork.go_on_from(parent.session, AT) for fork in forks)) == [True] * 3
    await prompt
    for seed, fork in enumerate(forks):
        await assert_says_right(Talk(fork), model, AT, seed)
    await assert_says_right(parent, model, PROMPT, seed=9)


async def test_a_session_that_is_long_at_a_step_is_not_waited_for(
    servers, swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    parent = await begun(swarm)
    async with parent.session._turn:
        fresh = swarm.session(replace(IMPATIENT, fork_wait_seconds=0.01))
        assert not await fresh.go_on_from(parent.session, AT)
    await assert_says_right(await parent.fork(swarm), model, AT, seed=1)
    await assert_says_right(parent, model, PROMPT, seed=2)


async def refuses(parent: SwarmSession, swarm: MemorySwarm, position: int = AT) -> None:
    """And begins with nothing instead."""
    fresh = swarm.session()
    assert not await fresh.go_on_from(parent, position)
    assert not fresh.is_open


async def test_where_a_server_has_gone_a_session_begins_with_nothing(
    servers, swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    parent = await begun(swarm)
    swarm.add(model, *SPANS[1], step_seconds=0.5)
    servers[1].die()
    await refuses(parent.session, swarm)
    await until(lambda: all(len(server.batcher.sessions) <= 1 for server in servers))
    fresh = Talk(swarm.session())
    await fresh.begin()
    await assert_says_right(fresh, model, PROMPT, seed=1)


async def test_nothing_is_forked_that_is_not_held_or_leaves(servers, swarm: MemorySwarm) -> None:
    parent = await begun(swarm)
    await refuses(parent.session, swarm, position=PROMPT + 1)
    await refuses(parent.session, swarm, position=0)
    await refuses(swarm.session(), swarm)  # it has not begun
    servers[0].spans.drain()
    await until(lambda: parent.session._route.chain.hops[0].is_leaving)
    await refuses(parent.session, swarm)
    parent.session.close()
    await refuses(parent.session, swarm)


async def test_a_server_that_was_brought_more_than_is_known_is_not_gone_on_from(
    servers, swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    """Whoever pushes may have brought it something of its own."""
    parent = await begun(swarm)
    second = next(iter(servers[1].spans._sessions.values()))
    second.last_number += 1
    await refuses(parent.session, swarm)
    second.last_number -= 1
    await parent.fork(swarm)


async def test_a_fork_holds_what_was_told_though_a_server_has_pushed_something_else(
    servers, swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    """Its link is carried from then on, and all behind it was made anew before the fork."""

    async def scale(stream: MemoryStream, sent: bytes) -> None:
        message, body = await read_back(sent)
        assert isinstance(message, Step)
        changed = torch.frombuffer(bytearray(body), dtype=torch.float32) * 1.5
        await stream.send(sent[: -len(body)], changed.numpy().tobytes())

    swarm.tamper = scale
    parent = await begun(swarm)
    fork = await parent.fork(swarm)
    await assert_says_right(fork, model, AT, seed=1)
    assert swarm.book.link_failures


async def test_models_that_cannot_go_back_cannot_be_forked(swarm: MemorySwarm) -> None:
    server = swarm.add(model_of("mamba2"))
    session = swarm.session()
    await session.step(some_states(9), 0)
    await refuses(session, swarm, position=9)
    assert server.opened == 1  # nobody was asked
    assert server.record.state is ServerState.ONLINE
