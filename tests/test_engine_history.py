"""What the daemon tells of the past and of the swarm, around a block server that is a real, empty process."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.api.client import EngineClient
from engine.api.history_schema import By
from engine.api.map_schema import SwarmMap
from engine.daemon import Engine
from engine.errors import AlreadyRunning
from engine.main import single_instance
from engine.settings import Paths, Settings

from .stand_in_engine import stand_in_parts


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "data", tmp_path / "cache", tmp_path / "logs")


@contextlib.asynccontextmanager
async def running(paths: Paths) -> AsyncIterator[EngineClient]:
    engine = Engine(Settings(paths=paths, start_donating=True), stand_in_parts())
    life = asyncio.create_task(engine.run())
    try:
        async with asyncio.timeout(30):
            while not paths.run_file.exists():  # noqa: ASYNC110 (a file)
                await asyncio.sleep(0.01)
        async with EngineClient.from_run_file(paths.run_file) as client:
            yield client
    finally:
        engine.request_quit()
        await life


async def until_given(client: EngineClient, tokens: int) -> None:
    async with asyncio.timeout(30):
        async for snapshot in client.snapshots():
            if snapshot.given_total.tokens == tokens:
                return


async def test_history_goes_on_over_restarts(paths: Paths) -> None:
    for life in (1, 2):
        async with running(paths) as client:
            await until_given(client, 5 * life)  # each block server tells of five
            histories = [await client.history(by) for by in By]
            assert [sum(period.given.tokens for period in h.periods) for h in histories] == [5 * life] * 3
            assert await client.swarm_map() == SwarmMap()
    assert [path.name for path in paths.given.parent.glob("given*")] == ["given.json"]


async def test_one_engine_at_a_time_has_the_ledger(paths: Paths) -> None:
    with single_instance(paths.lock_file), pytest.raises(AlreadyRunning), single_instance(paths.lock_file):
        pass
