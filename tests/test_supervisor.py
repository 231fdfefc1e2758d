"""The supervisor against real processes that speak the block server's lines."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from engine.api.schema import Reason, ServerPhase
from engine.host.orders import HostConfig
from engine.supervisor.decide import Stage
from engine.supervisor.supervisor import FIRM, POLITE, Supervisor, View

CONFIG = HostConfig(store=Path("/nowhere"), manifest="0" * 64, start=2, end=4)


class Watched:
    """A supervisor, and a way to wait for what it shows."""

    def __init__(self, log_file: Path, manner: str) -> None:
        self._changed = asyncio.Event()
        self.views: list[View] = []
        self.supervisor = Supervisor(
            log_file, self._on_change, (sys.executable, "-m", "tests.stand_in_host", manner)
        )

    def _on_change(self, view: View) -> None:
        self.views.append(view)
        self._changed.set()

    async def until(self, wanted: Callable[[View], bool], patience: float = 30) -> View:
        async with asyncio.timeout(patience):
            while not wanted(self.supervisor.view):
                self._changed.clear()
                await self._changed.wait()
        return self.supervisor.view

    async def online(self) -> View:
        return await self.until(
            lambda view: view.report is not None and view.report.phase is ServerPhase.ONLINE
        )

    async def at(self, stage: Stage, patience: float = 30) -> View:
        return await self.until(lambda view: view.state.stage is stage, patience)


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Callable[[str], Watched]]:
    started: list[Watched] = []

    def begin(manner: str, config: HostConfig = CONFIG) -> Watched:
        started.append(Watched(tmp_path / "logs" / "block-server.log", manner))
        started[-1].supervisor.start(config)
        return started[-1]

    yield begin
    for watched in started:
        await watched.supervisor.close()


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def processes(pid: int) -> list[psutil.Process]:
    return [psutil.Process(pid)] if psutil.pid_exists(pid) else []


async def test_reports_are_heard_and_complaints_are_kept(start, tmp_path: Path):
    watched = start("good")
    view = await watched.online()
    assert (view.report.sessions, view.report.layer_tokens) == (1, 10)
    assert alive(view.pid)
    assert "serving layers 2 to 4" in (tmp_path / "logs" / "block-server.log").read_text()


async def test_a_process_that_has_not_begun_to_load_takes_another_config(start, tmp_path: Path):
    watched = start("good", CONFIG.model_copy(update={"intent": "choosing"}))
    choosing = await watched.until(lambda view: view.report and view.report.phase is ServerPhase.CHOOSING)
    watched.supervisor.start(CONFIG.model_copy(update={"start": 0}))
    assert (await watched.online()).pid == choosing.pid
    assert "serving layers 0 to 4" in (tmp_path / "logs" / "block-server.log").read_text()


@pytest.mark.parametrize("manner", ["good", "stubborn"])
async def test_pause_ends_the_process_by_force_where_it_does_not_go(start, manner):
    """All patience together is less than the two seconds that an owner waits at most."""
    assert POLITE + FIRM < 2
    watched = start(manner)
    pid = (await watched.online()).pid
    watched.supervisor.pause()
    view = await watched.at(Stage.STOPPED)
    assert not alive(pid)
    assert (view.pid, view.report) == (None, None)


async def test_pause_while_the_process_is_being_launched(start):
    watched = start("good")
    watched.supervisor.pause()
    await watched.at(Stage.STOPPED)
    pids = {view.pid for view in watched.views} - {None}
    assert not any(alive(pid) for pid in pids)


async def test_finish_waits_for_the_last_session(start):
    watched = start("good")
    await watched.online()
    watched.supervisor.finish()
    view = await watched.until(lambda view: view.report and view.report.phase is ServerPhase.DRAINING)
    assert view.state.stage is Stage.DRAINING
    await watched.at(Stage.STOPPED)


async def test_pause_cuts_a_finish_short_and_start_comes_after(start):
    watched = start("drains_for_ever")
    first = (await watched.online()).pid
    watched.supervisor.finish()
    await watched.until(lambda view: view.report and view.report.phase is ServerPhase.DRAINING)
    watched.supervisor.pause()
    watched.supervisor.start(CONFIG)
    view = await watched.until(lambda view: view.pid not in (None, first))
    assert view.state.stage is Stage.RUNNING
    assert not alive(first)


async def test_a_crash_is_followed_by_a_restart(start):
    watched = start("crash")
    view = await watched.at(Stage.BACKING_OFF)
    assert view.state.crashes == 1
    assert "ended with status 3" in view.state.detail
    assert "serving layers" in view.state.detail
    view = await watched.until(lambda view: view.state.crashes == 2)
    watched.supervisor.pause()
    assert watched.supervisor.view.state.stage is Stage.STOPPED


async def test_a_full_disk_is_not_retried(start):
    view = await start("disk_full").at(Stage.FAILED)
    assert (view.state.reason, view.state.detail) == (Reason.DISK_FULL, "The disk is full: free some space.")


async def test_the_children_of_a_dead_leader_go_too(start):
    watched = start("orphan")
    await watched.at(Stage.BACKING_OFF)
    child = next(int(v.report.peer_id) for v in watched.views if v.report and v.report.peer_id)
    await asyncio.to_thread(psutil.wait_procs, processes(child), 30)  # it closes its files first
    assert not alive(child)


async def test_a_command_that_does_not_exist(tmp_path: Path):
    crashed = asyncio.Event()
    supervisor = Supervisor(
        tmp_path / "log",
        lambda view: view.state.stage is Stage.BACKING_OFF and crashed.set(),
        (str(tmp_path / "nothing"),),
    )
    supervisor.start(CONFIG)
    await asyncio.wait_for(crashed.wait(), 30)
    assert "cannot be started" in supervisor.view.state.detail
    await supervisor.close()


async def test_the_process_ends_itself_when_its_daemon_is_gone(tmp_path: Path):
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.stand_in_host",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
    )
    process.stdin.write(CONFIG.to_line())
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 30) == 0
