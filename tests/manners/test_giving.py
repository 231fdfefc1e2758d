"""The engine gives as the rules allow: in this process, around block servers that are real but empty."""

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from engine.api.client import EngineClient
from engine.api.manners_schema import WhenRules, Window
from engine.api.schema import DonationOrder, Reason, Snapshot
from engine.daemon import Engine
from engine.manners.judge import GRACE
from engine.manners.observer import Own, Probes
from engine.settings import Paths, Settings
from tests.stand_in_engine import quiet_probes, stand_in_parts


class Computer:
    """One that changes as a test says."""

    def __init__(self) -> None:
        self.now: dict[str, object] = {}
        self.looks = 0

    def probes(self, own: Own) -> Probes:
        quiet = quiet_probes(own)
        quiet.system.full_screen = lambda: self._told("full_screen", False)
        quiet.system.idle_seconds = lambda: self._told("idle_seconds", 3600.0)
        return dataclasses.replace(quiet, free_disk_bytes=lambda: self._told("free_disk_bytes", 1 << 40))

    def _told(self, name: str, otherwise: object) -> object:
        self.looks += 1
        told = self.now.get(name, otherwise)
        return told() if callable(told) else told


@pytest.fixture
def computer() -> Computer:
    return Computer()


@pytest.fixture
async def begin(computer: Computer, tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[EngineClient]]]:
    begun: list[tuple[Engine, asyncio.Task[None], EngineClient]] = []
    paths = Paths(tmp_path / "data", tmp_path / "cache", tmp_path / "logs")

    async def start(manner: str = "good", **changes) -> EngineClient:
        settings = Settings(paths=paths, start_donating=True, **changes)
        engine = Engine(settings, dataclasses.replace(stand_in_parts(manner), probes=computer.probes))
        running = asyncio.create_task(engine.run())
        while not paths.run_file.exists():  # noqa: ASYNC110 (a file)
            await asyncio.sleep(0.01)
        begun.append((engine, running, EngineClient.from_run_file(paths.run_file)))
        return begun[-1][2]

    yield start
    for engine, running, client in begun:
        engine.request_quit()
        await running
        await client.close()


async def until(client: EngineClient, reason: Reason) -> Snapshot:
    async with asyncio.timeout(30):
        async for snapshot in client.snapshots():
            if snapshot.condition.reason is reason:
                return snapshot
    raise AssertionError("the stream ended")


async def test_it_makes_way_at_once_and_comes_back_by_itself(begin, computer, monkeypatch):
    monkeypatch.setattr("engine.manners.judge.GRACE", dict.fromkeys(GRACE, 0.5))
    client = await begin()
    pid = (await until(client, Reason.SERVING)).servers[0].pid
    computer.now["full_screen"] = True
    paused = await until(client, Reason.PAUSED_FULL_SCREEN)
    assert paused.condition.sentence == "Paused: an application fills the screen"
    async with asyncio.timeout(30):
        while psutil.pid_exists(pid):  # noqa: ASYNC110 (a process)
            await asyncio.sleep(0.01)
    computer.now["full_screen"] = False
    assert (await until(client, Reason.SERVING)).servers[0].pid != pid


async def test_what_the_owner_wants_wins_over_what_the_rules_allow(begin, computer):
    client = await begin()
    await until(client, Reason.SERVING)
    await client.donate(DonationOrder(action="pause"))
    looks = computer.looks
    while computer.looks < looks + 4:  # noqa: ASYNC110 (plain values)
        await asyncio.sleep(0.05)
    status = await client.status()
    assert (status.condition.reason, status.servers) == (Reason.PAUSED_BY_OWNER, ())
    computer.now["full_screen"] = True
    await asyncio.sleep(0)
    await client.donate(DonationOrder(action="start"))
    await until(client, Reason.PAUSED_FULL_SCREEN)


async def test_a_disk_that_fills_up_lets_sessions_finish(begin, computer):
    client = await begin("drains_for_ever")
    await until(client, Reason.SERVING)
    computer.now["free_disk_bytes"] = 1
    await until(client, Reason.FINISHING)
    computer.now["full_screen"] = True
    paused = await until(client, Reason.PAUSED_FULL_SCREEN)
    assert paused.condition.sentence == "Paused: an application fills the screen"


async def test_a_computer_that_hangs_counts_as_in_use(begin, computer, monkeypatch):
    monkeypatch.setattr("engine.manners.manners.PATIENCE", 0.1)
    client = await begin(when=WhenRules(idle_seconds=60))
    await until(client, Reason.SERVING)
    computer.now["idle_seconds"] = lambda: time.sleep(1.0) or 3600.0
    uncertain = await until(client, Reason.PAUSED_UNCERTAIN)
    assert "whether somebody uses this computer" in uncertain.condition.sentence


async def test_the_rules_are_told_and_tried_out(begin, computer):
    client = await begin()
    await until(client, Reason.SERVING)
    status = await client.manners()
    assert (status.allowed, status.condition, status.programs) == (True, None, ("bash",))
    seen = await client.preview_manners(WhenRules())
    assert (seen.recorded_seconds, seen.giving_seconds) == (60, 60)
    never = WhenRules(apps=frozenset({"bash"}), schedule=(Window(frozenset({0}), 0, 0),))
    kept = await client.preview_manners(never)
    assert (kept.giving_seconds, kept.kept[0].condition.sentence) == (0, "Paused: bash is running")


async def test_another_share_of_the_time_holds_from_then_on(begin):
    client = await begin()
    pid = (await until(client, Reason.SERVING)).servers[0].pid
    await client.change_settings({"give.duty": 50})
    async with asyncio.timeout(30):
        async for snapshot in client.snapshots():
            if snapshot.condition.reason is Reason.SERVING and snapshot.servers[0].pid != pid:
                break
    assert (await client.manners()).how_much.duty == 0.5


async def test_what_cannot_be_seen_at_all_is_no_failure(begin, computer, caplog):
    client = await begin(when=WhenRules(idle_seconds=60))
    await until(client, Reason.SERVING)
    computer.now["idle_seconds"] = lambda: 1 // 0
    await until(client, Reason.PAUSED_UNCERTAIN)
    assert caplog.text.count("It cannot be seen how it is on this computer: ZeroDivisionError") == 1
