"""Sessions that begin with what another one holds: the same numbers as alone, and each block once."""

import asyncio
from contextlib import AbstractAsyncContextManager

import pytest
import torch
from torch import Tensor

from engine.host.batcher import Batcher
from engine.host.budget import BLOCK_TOKENS, NoRoom
from engine.host.hosted_session import HostedSession
from engine.host.limits import Freed, Holding, whom_to_evict
from engine.host.runner import SpanRunner
from tests.host.at_work import at_work
from tests.in_memory_swarm import recording_runner
from tests.tiny_models import CONFIGS, N_LAYERS, runner_of, some_states, tiny_model

ALL = (0, N_LAYERS)
TOLERANCE = 1e-5
PROMPT = 100  # a block and a part of another


def running(runner: SpanRunner) -> AbstractAsyncContextManager[Batcher]:
    return at_work(Batcher(runner))


class Talk:
    """One session, and all that was brought to it."""

    def __init__(self, batcher: Batcher, hosted: HostedSession, brought: Tensor) -> None:
        self.batcher, self.hosted, self.brought = batcher, hosted, brought

    @classmethod
    async def begin(cls, batcher: Batcher, tokens: int = PROMPT, peer: str = "me") -> "Talk":
        talk = cls(batcher, batcher.open(ALL, peer), some_states(0))
        await talk.step(some_states(tokens, seed=7), 0)
        return talk

    async def step(self, hidden: Tensor, position: int) -> Tensor:
        self.brought = torch.cat([self.brought[:position], hidden])
        return (await self.batcher.step(self.hosted, hidden, position)).hidden

    def fork(self, position: int) -> "Talk":
        return Talk(self.batcher, self.batcher.fork(self.hosted, position), self.brought[:position])

    async def alone(self, count: int) -> Tensor:
        """What a session of its own gives for the last `count` of these tokens."""
        fresh = self.batcher.open(ALL)
        out = (await self.batcher.step(fresh, self.brought, 0)).hidden[-count:]
        self.batcher.close(fresh)
        return out


async def check(talk: Talk, hidden: Tensor, position: int) -> None:
    out = await talk.step(hidden, position)
    expected = await talk.alone(len(hidden))
    assert (out - expected).abs().max() < TOLERANCE * max(1.0, expected.abs().max().item())


@pytest.mark.parametrize("family", CONFIGS)
async def test_forks_of_every_family_give_what_they_give_alone(family: str) -> None:
    """Inside of a block and at its border, beside their parent and each other; who goes back, too."""
    async with running(runner_of(tiny_model(family))) as batcher:
        parent = await Talk.begin(batcher)
        inside, border = parent.fork(PROMPT - 7), parent.fork(BLOCK_TOKENS)
        await check(inside, some_states(5, seed=1), PROMPT - 7)
        await check(border, some_states(1, seed=2), BLOCK_TOKENS)
        await check(parent, some_states(1, seed=3), PROMPT)
        three = (inside, border, parent)
        ends = [len(talk.brought) for talk in three]
        steps = [some_states(1, seed=10 + n) for n in range(3)]
        outs = await asyncio.gather(*(t.step(s, at) for t, s, at in zip(three, steps, ends, strict=True)))
        for talk, out in zip(three, outs, strict=True):
            expected = await talk.alone(1)
            assert (out - expected).abs().max() < TOLERANCE * max(1.0, expected.abs().max().item())
        await check(inside, some_states(3, seed=4), 20)  # into a block that all three hold
        await check(parent, some_states(1, seed=5), PROMPT + 2)
        await check(border, some_states(1, seed=6), BLOCK_TOKENS + 2)


async def test_a_fork_takes_room_for_what_is_its_own_alone() -> None:
    async with running(runner_of(tiny_model("llama"), cache_tokens=16 * BLOCK_TOKENS)) as batcher:
        parent = await Talk.begin(batcher)
        budget = batcher.runner.budget
        forks = [parent.fork(PROMPT) for _ in range(8)]
        assert budget.used == 2
        for number, fork in enumerate(forks):
            await fork.step(some_states(1, seed=number), PROMPT)
        assert budget.used == 2 + 8
        batcher.close(parent.hosted)
        assert budget.used == 1 + 8  # nobody else holds what it had in its second block
        for fork in forks:
            await check(fork, some_states(1, seed=99), PROMPT + 1)
            batcher.close(fork.hosted)
        assert budget.used == 0


async def test_the_last_one_writes_into_what_it_holds_without_a_copy() -> None:
    async with running(runner_of(tiny_model("llama"))) as batcher:
        parent = await Talk.begin(batcher)
        fork = parent.fork(PROMPT)
        blocks = list(parent.hosted.cache.table.blocks)
        batcher.close(parent.hosted)
        await check(fork, some_states(1), PROMPT)
        assert fork.hosted.cache.table.blocks == blocks


async def test_a_fork_of_a_fork_and_a_fork_before_the_first_one_has_run() -> None:
    async with running(runner_of(tiny_model("llama"))) as batcher:
        parent = await Talk.begin(batcher)
        first = parent.fork(PROMPT - 20)
        second = first.fork(PROMPT - 30)
        batcher.close(first.hosted)
        await check(second, some_states(4), PROMPT - 30)
        await check(parent, some_states(4), PROMPT)


async def test_a_full_cache_refuses_the_copy_and_leaves_all_as_they_were() -> None:
    async with running(recording_runner(tiny_model("llama"), *ALL, cache_tokens=3 * BLOCK_TOKENS)) as batcher:
        parent = await Talk.begin(batcher, tokens=3 * BLOCK_TOKENS - 1)
        fork = parent.fork(3 * BLOCK_TOKENS - 1)
        with pytest.raises(NoRoom):
            await fork.step(some_states(1), 3 * BLOCK_TOKENS - 1)
        batcher.close(fork.hosted)
        await parent.step(some_states(1), 3 * BLOCK_TOKENS - 1)


@pytest.mark.parametrize(
    ("rested", "is_forked"), [pytest.param(0.0, False, id="in use"), pytest.param(99.0, True, id="idle")]
)
async def test_a_fork_begins_only_where_there_is_room_to_go_on(rested: float, is_forked: bool) -> None:
    """Else its client had better take the session itself."""
    blocks = 16
    async with running(recording_runner(tiny_model("llama"), *ALL, blocks * BLOCK_TOKENS)) as batcher:
        parent = await Talk.begin(batcher)
        others = [await Talk.begin(batcher) for _ in range(blocks // 2 - 1)]
        assert batcher.runner.budget.free == 0
        for other in others:
            batcher._pace.last_output[other.hosted.key] -= rested
        if is_forked:
            await check(parent.fork(PROMPT), some_states(1), PROMPT)
        else:
            with pytest.raises(NoRoom):
                parent.fork(PROMPT)
            assert len(batcher.sessions) == blocks // 2
        assert (await parent.step(some_states(1), PROMPT)).shape[0] == 1


# --- who gives way


def held(key: int, blocks: int, shared: dict[int, int], at: float = 0.0, peer: str = "a") -> Holding:
    return Holding(key, peer, blocks, at, is_idle=True, shared=shared)


@pytest.mark.parametrize(
    ("holdings", "freed"),
    [
        pytest.param([held(1, 4, {})], 4, id="all its own"),
        pytest.param([held(1, 4, {0: 2, 1: 2})], 2, id="others hold some of it"),
        pytest.param([held(1, 4, {0: 2, 1: 2}), held(2, 3, {0: 2, 1: 2})], 5, id="both that hold it go"),
        pytest.param([held(1, 4, {0: 3, 1: 2}), held(2, 3, {0: 3, 1: 2})], 4, id="a third one stays"),
    ],
)
def test_what_is_freed(holdings: list[Holding], freed: int) -> None:
    assert Freed(holdings).blocks == freed


def test_all_that_share_go_where_one_of_them_is_not_enough() -> None:
    shared = {block: 2 for block in range(10)}
    forks = [held(1, 11, shared, at=1.0), held(2, 11, shared, at=2.0)]
    assert whom_to_evict(forks, "me", 1, 1, total=12) == (1,)
    assert whom_to_evict(forks, "me", 2, 2, total=12) == (1, 2)
    assert whom_to_evict(forks, "me", 12, 12, total=12) == (1, 2)


def test_shared_blocks_count_in_full_for_who_shares_them() -> None:
    """Two forks of ten blocks hold as much of their peer's share as two sessions of ten blocks."""
    shared = {block: 2 for block in range(10)}
    forks = [Holding(n, "a", 10, float(n), is_idle=False, shared=shared) for n in (1, 2)]
    modest = Holding(3, "b", 6, 0.0, is_idle=False)
    assert whom_to_evict([*forks, modest], "me", 4, 4, total=20) == (1, 2)
