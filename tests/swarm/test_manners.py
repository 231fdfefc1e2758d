"""The real engine with a real block server makes way for its owner's programs, as the system lists them."""

import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from engine.api.schema import Reason
from engine.settings import Paths
from tests.swarm.running_engine import READY, running_engine

pytestmark = pytest.mark.starter

GAME = "potluck-game"


@pytest.fixture
def paths(tmp_path: Path, starter_store) -> Paths:
    paths = Paths(tmp_path / "data", tmp_path / "cache", tmp_path / "logs")
    paths.layer_store.parent.mkdir(parents=True)
    paths.layer_store.symlink_to(starter_store[0].root)
    return paths


@contextmanager
def game(folder: Path) -> Iterator[float]:
    """When it was started: a program of a name that no other has."""
    program = folder / GAME
    shutil.copy(shutil.which("sleep") or sys.executable, program)
    began = time.monotonic()
    with subprocess.Popen([program, "600"]) as running:
        try:
            yield began
        finally:
            running.kill()


async def test_a_real_block_server_is_gone_soon_after_the_programs_start(paths, tmp_path):
    async with running_engine(paths) as engine:
        await engine.client.change_settings({"when.apps": (GAME,)})
        serving = await engine.until(lambda snapshot: snapshot.condition.reason in READY)
        server = psutil.Process(serving.servers[0].pid)
        resident = server.memory_info().rss
        with game(tmp_path) as began:
            await asyncio.to_thread(psutil.wait_procs, [server], 30)
            seconds = time.monotonic() - began
            assert not server.is_running()
            paused = await engine.until(lambda snapshot: not snapshot.servers)
            assert paused.condition.reason is Reason.PAUSED_APP_RUNNING
            assert paused.condition.sentence == f"Paused: {GAME} is running"
        print(f"{resident / 1e6:.0f} MB were free after {seconds:.2f} s")
        again = await engine.until(lambda snapshot: snapshot.condition.reason in READY)
        assert again.servers[0].pid != server.pid
