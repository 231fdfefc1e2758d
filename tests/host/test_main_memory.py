"""Sessions that rest go out to main memory and come back as they were; both memories are a CPU's here."""

import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine.host import room
from engine.host.batcher import Batcher
from engine.host.budget import BLOCK_TOKENS, NoRoom
from engine.host.hosted_session import HostedSession
from engine.host.kv_cache import SessionCache
from engine.host.limits import Holding, Moves, whom_to_move_out
from engine.host.main_memory import MainMemory, main_memory_of
from engine.host.orders import HostConfig
from engine.host.runner import SpanRunner
from tests.host.at_work import at_work
from tests.in_memory_swarm import recording_runner
from tests.tiny_models import N_LAYERS, some_states, tiny_model

ALL = (0, N_LAYERS)
PROMPT = 100  # two blocks
BLOCKS = 4  # of the device: for two sessions
MUCH = 1 << 30


class Talk:
    """A session at a batcher, and how long it has rested."""

    def __init__(self, batcher: Batcher, seed: int, layers: tuple[int, int] = ALL) -> None:
        self.batcher, self.seed = batcher, seed
        self.hosted: HostedSession = batcher.open(layers)

    async def begin(self) -> Tensor:
        return await self.step(PROMPT, 0)

    async def step(self, tokens: int, position: int) -> Tensor:
        hidden = some_states(tokens, seed=1000 * self.seed + position)
        return (await self.batcher.step(self.hosted, hidden, position)).hidden

    def rest(self, seconds: float) -> None:
        self.batcher._pace.last_output[self.hosted.key] -= seconds

    @property
    def is_out(self) -> bool:
        return self.hosted.cache.resting is not None


def running(limit: int = MUCH, blocks: int = BLOCKS) -> AbstractAsyncContextManager[Batcher]:
    runner = recording_runner(tiny_model("llama"), *ALL, cache_tokens=blocks * BLOCK_TOKENS)
    return at_work(Batcher(runner, main_memory=MainMemory(limit)))


async def begun(batcher: Batcher, count: int, rested: float = room.RESTING_SECONDS) -> list[Talk]:
    """The first one has rested longest."""
    talks = [Talk(batcher, seed) for seed in range(count)]
    for talk in talks:
        await talk.begin()
        talk.rest(rested + count - talk.seed)
    return talks


def kept(runner: SpanRunner, session: SessionCache) -> list[Tensor]:
    """All keys and values of a session on the device, copied."""
    pool = runner.pool
    assert pool is not None
    return [pool.read(session, part, 0, session.length).clone() for part in runner.parts_of(ALL)]


async def on_device(batcher: Batcher) -> None:
    """Returns when the device's thread has done what it was asked so far."""
    await batcher._device.call(lambda: None)
    await asyncio.sleep(0)


async def test_what_comes_back_is_bit_for_bit_what_went_out() -> None:
    async with running() as batcher:
        first, second = await begun(batcher, 2)
        before = kept(batcher.runner, first.hosted.cache)
        third = Talk(batcher, 3)
        await third.begin()
        third.rest(room.RESTING_SECONDS)
        assert (first.is_out, second.is_out, first.hosted.evicted) == (True, False, False)
        assert not first.hosted.cache.table.blocks
        batcher.room.bring_back(first.hosted)
        await on_device(batcher)
        assert (first.is_out, second.is_out) == (False, True)
        after = kept(batcher.runner, first.hosted.cache)
        assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


async def test_sessions_that_came_back_go_on_as_if_they_had_stayed() -> None:
    async with running(blocks=2 * BLOCKS) as roomy, running() as batcher:
        stays = await begun(roomy, 4)
        talks = await begun(batcher, 4)
        for position in (PROMPT, PROMPT + 1, 60):
            for talk, other in zip(talks, stays, strict=True):
                assert torch.equal(await talk.step(1, position), await other.step(1, position))
                talk.rest(room.RESTING_SECONDS)
        assert batcher.runner.budget.used <= BLOCKS
        assert not any(talk.hosted.evicted for talk in talks)


async def test_a_session_that_starts_anew_needs_nothing_back() -> None:
    async with running() as batcher:
        first, _, _ = await begun(batcher, 3)
        assert first.is_out
        await first.step(5, 0)
        await on_device(batcher)
        assert first.hosted.cache.length == 5


async def test_who_has_rested_longest_goes_first_and_nobody_within_five_seconds() -> None:
    async with running(blocks=6) as batcher:
        talks = await begun(batcher, 3)
        talks[0].rest(-2 * room.RESTING_SECONDS)  # now it has had a step a moment ago
        await Talk(batcher, 7).begin()
        assert [talk.is_out for talk in talks] == [False, True, False]
        talks[2].rest(-2 * room.RESTING_SECONDS)
        with pytest.raises(NoRoom):
            await Talk(batcher, 8).begin()
        assert [talk.is_out for talk in talks] == [False, True, False]


async def test_memory_is_counted_to_the_byte_and_given_back() -> None:
    async with running() as batcher:
        memory = batcher.room.main_memory
        first, second, third = await begun(batcher, 3)
        per_token = sum(part.bytes_per_token for part in batcher.runner.parts_of(ALL))
        assert memory.used == 2 * BLOCK_TOKENS * per_token == 2 * batcher.runner.budget.size.bytes
        assert memory.used == sum(block.nbytes for block in first.hosted.cache.resting.blocks)
        await first.step(1, PROMPT)  # comes back; the second one goes out
        await on_device(batcher)
        assert memory.used == 2 * BLOCK_TOKENS * per_token
        batcher.close(second.hosted)
        await on_device(batcher)
        assert memory.used == 0
        for talk in (first, third):
            batcher.close(talk.hosted)
        assert batcher.runner.budget.used == 0


async def test_a_part_of_the_span_takes_no_more_than_its_own_layers() -> None:
    async with running() as batcher:
        half = Talk(batcher, 0, layers=(0, 2))
        out = await half.begin()
        half.rest(4 * room.RESTING_SECONDS)
        await begun(batcher, 2)
        assert half.is_out
        assert batcher.room.main_memory.used == 2 * batcher.runner.budget.size.bytes * 2 // N_LAYERS
        again = Talk(batcher, 0, layers=(0, 2))
        assert torch.equal(await again.begin(), out)
        assert torch.equal(await half.step(1, PROMPT), await again.step(1, PROMPT))


async def test_beyond_the_limit_the_oldest_ones_are_dropped_as_without_main_memory() -> None:
    async with running() as other:
        size = 2 * other.runner.budget.size.bytes
    async with running(limit=size) as batcher:
        talks = await begun(batcher, 3)
        assert [talk.is_out for talk in talks] == [True, False, False]
        with pytest.raises(NoRoom):  # it is full, and nobody has been idle for long
            await Talk(batcher, 7).begin()
        talks[0].rest(room.KEPT_SECONDS)
        await Talk(batcher, 8).begin()
        assert [talk.is_out for talk in talks] == [False, True, False]
        assert [talk.hosted.evicted for talk in talks] == [True, False, False]
        assert batcher.room.main_memory.used == size


async def test_without_main_memory_nobody_goes_out() -> None:
    async with running(limit=0) as batcher:
        talks = await begun(batcher, 2, rested=room.KEPT_SECONDS)
        await Talk(batcher, 7).begin()
        assert [talk.hosted.evicted for talk in talks] == [True, False]
        assert batcher.room.main_memory.used == 0


async def test_forks_of_a_session_that_is_out_bring_it_back_first() -> None:
    async with running() as batcher:
        first, *_ = await begun(batcher, 3)
        assert first.is_out
        fork = Talk(batcher, 0)
        batcher.close(fork.hosted)
        fork.hosted = batcher.fork(first.hosted, PROMPT)
        assert not first.is_out
        assert torch.equal(await fork.step(1, PROMPT), await first.step(1, PROMPT))


async def test_sharing_sessions_go_out_whole_and_each_comes_back_by_itself() -> None:
    async with running() as batcher:
        first = Talk(batcher, 0)
        await first.begin()
        fork = Talk(batcher, 0)
        fork.hosted = batcher.fork(first.hosted, PROMPT)
        for talk in (first, fork):
            talk.rest(room.RESTING_SECONDS)
        other = Talk(batcher, 5)
        await other.step(3 * BLOCK_TOKENS, 0)
        assert first.is_out
        assert fork.is_out
        batcher.close(other.hosted)
        assert torch.equal(await fork.step(1, PROMPT), await first.step(1, PROMPT))


async def test_what_could_not_be_brought_back_is_not_gone_on_with() -> None:
    async with running() as batcher:
        first, *_ = await begun(batcher, 3)
        first.hosted.cache.resting.is_broken = True
        with pytest.raises(RuntimeError, match="brought back"):
            await first.step(1, PROMPT)
        assert (await first.step(4, 0)).shape[0] == 4  # anew


async def test_nor_is_what_forks_share_of_it_and_nobody_else_s_step_fails() -> None:
    async with running(blocks=16) as batcher:
        first, second = await begun(batcher, 2)
        for talk in (first, second):
            batcher.room._move_out(talk.hosted)
        first.hosted.cache.resting.is_broken = True
        forked = batcher.fork(first.hosted, PROMPT)
        with pytest.raises(RuntimeError, match="brought back"):
            await batcher.step(forked, some_states(1), PROMPT)
        with pytest.raises(RuntimeError, match="brought back"):
            await first.step(1, PROMPT)
        assert (await second.step(1, PROMPT)).shape[0] == 1


async def test_who_comes_back_runs_alone_once_so_that_nobody_fails_with_it() -> None:
    async with running(blocks=16) as batcher:
        first, second, third = await begun(batcher, 3)
        batcher.room._move_out(first.hosted)
        first.hosted.cache.resting.is_broken = True
        batcher._running = frozenset({-1})  # until all three wait
        steps = [asyncio.create_task(talk.step(1, PROMPT)) for talk in (first, second, third)]
        await asyncio.sleep(0)
        assert batcher.queue_depth == 3
        batcher._running = frozenset()
        batcher._start_tick()
        broken, *others = await asyncio.gather(*steps, return_exceptions=True)
        assert isinstance(broken, RuntimeError)
        assert all(isinstance(other, Tensor) for other in others)


@pytest.mark.parametrize(("device", "limit"), [("cpu", 0), ("cuda:1", 5), ("xpu", 5)])
def test_what_is_in_main_memory_already_does_not_go_there(device: str, limit: int) -> None:
    config = HostConfig(store=Path(), manifest="", start=0, end=1, device=device, resting_bytes=5)
    assert main_memory_of(config).limit == limit


# --- pure


def holding(key: int, size: int, at: float, is_idle: bool = False) -> Holding:
    return Holding(key, "a", blocks=1, last_used=at, is_idle=is_idle, size=size)


@pytest.mark.parametrize(
    ("resting", "lacking", "out", "room", "moves"),
    [
        pytest.param([], 1, [], 9, Moves(), id="nobody rests"),
        pytest.param([holding(1, 4, 2.0), holding(2, 4, 1.0)], 1, [], 9, Moves((2,)), id="the oldest"),
        pytest.param([holding(1, 4, 2.0), holding(2, 4, 1.0)], 2, [], 9, Moves((2, 1)), id="both"),
        pytest.param([holding(1, 4, 2.0), holding(2, 9, 1.0)], 1, [], 8, Moves((1,)), id="one that fits"),
        pytest.param([holding(1, 4, 2.0)], 1, [holding(3, 9, 0.0)], 2, Moves(), id="who is out stays"),
        pytest.param(
            [holding(1, 4, 2.0)],
            1,
            [holding(3, 3, 0.5, True), holding(4, 3, 0.0, True)],
            2,
            Moves((1,), (4,)),
            id="unless it has long been idle",
        ),
        pytest.param(
            [holding(1, 9, 2.0)], 1, [holding(3, 3, 0.5, True)], 2, Moves(), id="nobody is dropped in vain"
        ),
    ],
)
def test_whom_to_move_out(
    resting: list[Holding], lacking: int, out: list[Holding], room: int, moves: Moves
) -> None:
    assert whom_to_move_out(resting, lacking, out, room) == moves
