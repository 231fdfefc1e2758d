"""Reaching the engine: adopting, starting, following, losing, restarting, ending."""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from desktop.app_state import AppState, Help, LinkPhase, Trouble, sentence_of_error
from desktop.engine_link.backoff import Backoff
from desktop.engine_link.found import FoundEngine, looks_like
from desktop.engine_link.link import EngineLink
from desktop.engine_link.process import EngineProcess
from desktop.engine_link.troubles import Crashes, Ending, is_newer
from desktop.engine_link.waking import Waking
from engine.api.known_engines import KnownEngine
from engine.api.openai_schema import ChatRequest, ErrorBody, ErrorDetail
from engine.api.schema import Activity, DonationOrder, Reason, Snapshot
from engine.errors import (
    AlreadyRunning,
    EngineError,
    NoSuchComputer,
    NotAnswering,
    NotRunning,
    NotUnderstood,
    WrongKey,
)
from tests.desktop.conftest import until
from tests.desktop.fake_engine import FakeEngine, make_snapshot

SLEEPER = "import sys, pathlib, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(600)"
STUBBORN = "import signal, sys, pathlib, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + SLEEPER
CRASHER = "import sys; print('first line', flush=True); sys.exit('The graphics driver is too old.')"


class Bench:
    """A link whose engine process is a stand-in, and whose client is fake."""

    def __init__(self, tmp_path: Path, script: str = SLEEPER) -> None:
        self.started = tmp_path / "started"
        self.engine: FakeEngine | None = None
        self.state = AppState()
        command = [sys.executable, "-c", script, str(self.started)]
        self.process = EngineProcess(command, tmp_path / "logs" / "engine.log")
        self.found = FoundEngine(tmp_path / "engine.json", looks_like(command))
        self.link = self.make_link(Backoff(first=0.05))

    def make_link(self, backoff: Backoff, **options: object) -> EngineLink:
        patience = {"start_patience": 5.0, "end_patience": 0.1, **options}
        return EngineLink(self.state, self.find, self.process, self.found, backoff, **patience)

    def find(self) -> FakeEngine:
        if self.engine is None:
            raise NotRunning("Potluck's engine is not running.")
        return self.engine

    async def appear(self) -> None:
        """The started process becomes reachable."""
        await until(self.started.exists)
        self.started.unlink()
        self.engine = FakeEngine()

    async def end(self, running: asyncio.Task[None]) -> None:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await self.link.close()
        await self.process.end(patience=0)
        assert not self.process.alive


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_a_running_engine_is_adopted_and_not_ended(bench: Bench) -> None:
    bench.engine = FakeEngine()
    running = asyncio.create_task(bench.link.run())
    await until(lambda: bench.state.phase is LinkPhase.CONNECTED)
    await bench.end(running)
    assert not bench.process.started
    assert bench.engine.quits == 0


async def test_without_an_engine_one_is_started_and_ended_with_the_window(bench: Bench) -> None:
    running = asyncio.create_task(bench.link.run())
    await until(bench.started.exists)
    assert bench.state.phase is LinkPhase.STARTING
    assert bench.state.activity is Activity.WAITING
    await bench.appear()
    await until(lambda: bench.state.phase is LinkPhase.CONNECTED)
    await bench.end(running)
    assert bench.engine
    assert bench.engine.quits == 1


async def test_every_change_is_shown(bench: Bench) -> None:
    bench.engine = FakeEngine()
    running = asyncio.create_task(bench.link.run())
    await until(lambda: bench.state.activity is Activity.DONATING)
    bench.engine.become(make_snapshot(Reason.PAUSED_BY_OWNER, None))
    await until(lambda: bench.state.paused)
    assert bench.state.sentence == "Paused until you resume"
    await bench.end(running)


async def test_an_engine_that_dies_is_started_again(bench: Bench) -> None:
    running = asyncio.create_task(bench.link.run())
    await bench.appear()
    await until(lambda: bench.state.phase is LinkPhase.CONNECTED)
    bench.engine.die()
    bench.engine = None
    await bench.process.end(patience=0)
    await until(lambda: bench.state.phase is LinkPhase.LOST)
    assert bench.state.snapshot is None
    await bench.appear()
    await until(lambda: bench.state.phase is LinkPhase.CONNECTED)
    await bench.end(running)


async def test_a_lost_connection_to_a_living_engine_is_made_again(bench: Bench) -> None:
    bench.engine = FakeEngine()
    phases: list[LinkPhase] = []
    bench.state.changed.connect(lambda: phases.append(bench.state.phase))
    running = asyncio.create_task(bench.link.run())
    await until(lambda: bench.state.phase is LinkPhase.CONNECTED)
    bench.engine.die()
    await until(lambda: bench.state.phase is LinkPhase.LOST)
    bench.engine = FakeEngine()
    await until(lambda: bench.state.phase is LinkPhase.CONNECTED)
    await bench.end(running)
    assert not bench.process.started
    assert phases == [LinkPhase.CONNECTED, LinkPhase.LOST, LinkPhase.CONNECTED]


async def test_a_process_that_gave_way_to_another_engine_is_not_what_is_lost_later(tmp_path: Path) -> None:
    bench = Bench(tmp_path, f"raise SystemExit({AlreadyRunning.exit_status})")
    bench.process.start()
    assert await bench.process.wait(30.0)
    bench.engine = FakeEngine()
    lost: list[str] = []
    bench.state.changed.connect(
        lambda: lost.append(bench.state.sentence) if bench.state.phase is LinkPhase.LOST else None
    )
    running = asyncio.create_task(bench.link.run())
    await until(lambda: bench.state.phase is LinkPhase.CONNECTED)
    bench.engine.die()
    await until(lambda: lost)
    await bench.end(running)
    assert lost[0] == "The connection to Potluck's engine was lost."


async def test_an_engine_that_hangs_at_its_start_is_ended_and_started_anew_on_demand(bench: Bench) -> None:
    link = bench.make_link(Backoff(first=3600), start_patience=0.2)
    running = asyncio.create_task(link.run())
    await until(lambda: bench.state.phase is LinkPhase.LOST and bench.state.help is Help.RESTART)
    assert bench.state.sentence == "Potluck's engine runs, but it does not answer."
    await until(bench.started.exists)
    bench.started.unlink()
    link.help()
    await until(bench.started.exists)
    await bench.end(running)


async def test_an_engine_that_cannot_start_says_why(tmp_path: Path) -> None:
    bench = Bench(tmp_path, CRASHER)
    running = asyncio.create_task(bench.link.run())
    await until(lambda: bench.state.phase is LinkPhase.LOST)
    assert bench.state.sentence == "Potluck's engine crashed: The graphics driver is too old."
    assert bench.state.activity is Activity.PROBLEM
    await bench.end(running)


async def test_a_program_that_is_missing_is_named(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    process = EngineProcess([str(tmp_path / "missing")], tmp_path / "log")
    link = EngineLink(bench.state, bench.find, process, bench.found, Backoff(first=0.05))
    running = asyncio.create_task(link.run())
    await until(lambda: bench.state.phase is LinkPhase.LOST)
    assert bench.state.sentence == "Potluck's engine cannot be started: No such file or directory."
    await bench.end(running)


async def test_orders_and_chats_without_an_engine_are_refused_in_words(bench: Bench) -> None:
    bench.state.lost(Trouble("Gone fishing."))
    with pytest.raises(EngineError, match="Gone fishing"):
        await bench.link.donate(DonationOrder(action="start"))
    with pytest.raises(EngineError, match="Gone fishing"):
        bench.link.chat(ChatRequest(model="m", messages=[{"role": "user", "content": "Hi"}]))


async def test_an_engine_that_ignores_the_end_is_killed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, STUBBORN)
    bench.process.start()
    await until(bench.started.exists)
    await bench.process.end(patience=0)
    assert not bench.process.alive


async def test_trying_again_now_does_not_wait(tmp_path: Path) -> None:
    bench = Bench(tmp_path, CRASHER)
    link = bench.make_link(Backoff(first=3600))
    running = asyncio.create_task(link.run())
    await until(lambda: bench.state.phase is LinkPhase.LOST)
    await asyncio.sleep(0.05)
    bench.engine = FakeEngine()
    link.retry_now()
    await until(lambda: bench.state.phase is LinkPhase.CONNECTED)
    await bench.end(running)


FAR = KnownEngine(address="192.168.1.5:4321", key="k" * 32)


async def followed(bench: Bench, link: EngineLink) -> asyncio.Task[None]:
    link.look_at(FAR)
    running = asyncio.create_task(link.run())
    await until(lambda: bench.state.phase is LinkPhase.CONNECTED)
    return running


async def test_after_a_sleep_an_engine_elsewhere_that_has_gone_is_not_shown_any_more(bench: Bench) -> None:
    far = [FakeEngine()]
    link = bench.make_link(Backoff(first=3600), reach=lambda _: far[-1])
    running = await followed(bench, link)
    far.append(Silent())
    await link.wake_up()  # the first one's stream is as open as before
    assert (bench.state.phase, bench.state.snapshot) == (LinkPhase.LOST, None)
    assert bench.state.sentence.startswith("192.168.1.5:4321 does not answer")
    far.append(FakeEngine())
    await link.wake_up()  # now it is waited for
    await until(lambda: bench.state.phase is LinkPhase.CONNECTED)
    await bench.end(running)


async def test_after_a_sleep_an_engine_elsewhere_that_is_there_is_followed_as_before(bench: Bench) -> None:
    far = FakeEngine()
    link = bench.make_link(Backoff(), reach=lambda _: far)
    running = await followed(bench, link)
    phases: list[LinkPhase] = []
    bench.state.changed.connect(lambda: phases.append(bench.state.phase))
    await link.wake_up()
    far.become(make_snapshot(Reason.PAUSED_BY_OWNER, None))
    await until(lambda: bench.state.paused)
    await bench.end(running)
    assert phases == [LinkPhase.CONNECTED]


async def test_after_a_sleep_what_an_engine_elsewhere_does_now_is_shown_at_once(bench: Bench) -> None:
    far = [FakeEngine()]
    link = bench.make_link(Backoff(), reach=lambda _: far[-1])
    running = await followed(bench, link)
    far.append(FakeEngine(make_snapshot(Reason.PAUSED_BY_OWNER, None)))  # the first one's stream says nothing
    await link.wake_up()
    assert bench.state.paused
    await bench.end(running)


async def test_after_a_sleep_nothing_old_is_shown_while_an_engine_elsewhere_is_asked(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.engine_link.link.FRESH_SECONDS", 0.0)
    far: list[FakeEngine] = [FakeEngine()]
    link = bench.make_link(Backoff(), reach=lambda _: far[-1])
    running = await followed(bench, link)
    slow = Slow()
    far.append(slow)
    waking = asyncio.create_task(link.wake_up())
    await until(lambda: bench.state.phase is LinkPhase.STARTING)
    assert (bench.state.snapshot, bench.state.sentence) == (None, f"Reaching {FAR.address}")
    slow.may_answer.set()
    await waking
    assert bench.state.phase is LinkPhase.CONNECTED
    await bench.end(running)


async def test_a_link_that_is_just_looking_elsewhere_can_be_ended(bench: Bench) -> None:
    link = bench.make_link(Backoff(), reach=lambda _: FakeEngine())
    running = await followed(bench, link)
    link.look_at(FAR)
    await bench.end(running)


class Slow(FakeEngine):
    def __init__(self) -> None:
        super().__init__()
        self.may_answer = asyncio.Event()

    async def status(self) -> Snapshot:
        await self.may_answer.wait()
        return await super().status()


class Silent(FakeEngine):
    async def status(self) -> Snapshot:
        raise NotAnswering("-")


@pytest.mark.parametrize(("gap", "woken"), [(0.0, 0), (5.0, 0), (16.0, 1), (86_400.0, 1), (-3600.0, 0)])
async def test_a_gap_in_time_is_a_sleep(gap: float, woken: int) -> None:
    times = iter([0.0, gap])
    seen: list[str] = []
    enough = asyncio.Event()

    def clock() -> float:
        time = next(times, None)
        if time is None:
            enough.set()
        return time or 0.0

    async def woke() -> None:
        seen.append("woke")

    waking = asyncio.create_task(Waking(woke, poll=0.0, least=15.0, clock=clock).run())
    await enough.wait()
    waking.cancel()
    await asyncio.gather(waking, return_exceptions=True)
    assert len(seen) == woken


async def test_what_helped_another_engine_is_not_done_to_this_one(bench: Bench) -> None:
    bench.state.lost(Trouble("It hangs.", Help.RESTART))
    bench.link.help()
    bench.link._reach = lambda _: Silent()
    bench.link.look_at(FAR)
    bench.engine = FakeEngine()
    bench.link.look_at(None)
    running = asyncio.create_task(bench.link.run())
    await until(lambda: bench.state.phase is LinkPhase.CONNECTED)
    await bench.end(running)
    assert not bench.process.started


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (NotRunning("-"), "The connection to Potluck's engine was lost."),
        (NotAnswering("-"), "Potluck's engine does not answer."),
        (
            NotUnderstood("-", "9.0"),
            "This window does not understand Potluck's engine: it has another version.",
        ),
        (WrongKey("Send a bearer token."), "This window no longer has the key of Potluck's engine."),
        (NoSuchComputer("No computer called pi is found."), "No computer called pi is found."),
        (EngineError("It rains."), "It rains."),
    ],
)
def test_what_a_call_fails_by_is_said_for_who_sits_at_the_window(error: EngineError, sentence: str) -> None:
    assert sentence_of_error(error) == sentence


def wait_times(backoff: Backoff, lasted: list[float]) -> list[float]:
    return [backoff.after(seconds) for seconds in lasted]


@pytest.mark.parametrize(
    ("lasted", "waits"),
    [
        ([0, 0, 0], [1, 2, 4]),
        ([0] * 9, [1, 2, 4, 8, 16, 32, 60, 60, 60]),
        ([0, 0, 100, 0], [1, 2, 1, 2]),
        ([5, 5, 5], [1, 2, 4]),
    ],
)
def test_waits_grow_until_a_connection_holds(lasted: list[float], waits: list[float]) -> None:
    assert wait_times(Backoff(), lasted) == waits


def test_a_reset_begins_anew() -> None:
    backoff = Backoff()
    wait_times(backoff, [0, 0, 0])
    backoff.reset()
    assert backoff.after(0) == 1


@pytest.mark.parametrize(
    ("times", "counts", "too_many"),
    [
        ([0, 1, 2], [1, 2, 3], False),
        ([0, 1, 2, 3, 4], [1, 2, 3, 4, 5], True),
        ([0, 300, 700, 800], [1, 2, 2, 3], False),
        ([0, 1, 2, 3, 4, 700], [1, 2, 3, 4, 5, 1], False),
    ],
)
def test_crashes_are_counted_as_long_as_they_are_fresh(
    times: list[float], counts: list[int], too_many: bool
) -> None:
    crashes = Crashes(within=600.0, many=5)
    assert [crashes.note(time) for time in times] == counts
    assert crashes.too_many is too_many


async def test_an_engine_that_crashes_too_often_is_left_alone_until_it_is_asked_for(tmp_path: Path) -> None:
    bench = Bench(tmp_path, CRASHER)
    link = bench.make_link(Backoff(first=0.01, longest=0.01), rest=3600.0)
    running = asyncio.create_task(link.run())
    await until(lambda: "tried again after a rest of 60 min" in bench.state.sentence, 30.0)
    assert "It ended 5 times within 60 min." in bench.state.sentence
    assert bench.state.crash is not None
    assert "The graphics driver is too old." in bench.state.crash.printed
    bench.engine = FakeEngine()
    link.help()
    await until(lambda: bench.state.phase is LinkPhase.CONNECTED)
    await bench.end(running)


@pytest.mark.parametrize(
    ("one", "other", "newer"),
    [("0.2.0", "0.1.9", True), ("0.10", "0.9.5", True), ("1.0", "1.0.0", False), ("0.1.0", "0.1.0", False)],
)
def test_versions_go_by_their_numbers(one: str, other: str, newer: bool) -> None:
    assert is_newer(one, other) is newer
    assert not is_newer(other, one)


@pytest.mark.parametrize(
    ("command", "is_engine"),
    [
        (["/usr/bin/python3", "-m", "engine.cli", "run"], True),
        (["/opt/venv/bin/python", "/opt/venv/bin/potluck-engine", "run"], True),
        (["/usr/bin/search-engine", "run"], False),
        (["python3", "-m", "engine.host"], False),
        ([], False),
    ],
)
def test_only_an_engine_is_taken_for_one(command: list[str], is_engine: bool) -> None:
    assert looks_like(["python3", "-m", "engine.cli", "run"])(command) is is_engine


@pytest.mark.parametrize(
    ("printed", "last_words"),
    [
        ("Traceback:\nRuntimeError: the graphics driver was lost\n", "the graphics driver was lost"),
        ("torch.cuda.OutOfMemoryError: no memory is left\n", "no memory is left"),
        ("KeyError: 'layers'\n", "KeyError: 'layers'"),
        ("The graphics driver is too old.\n", "The graphics driver is too old."),
        ("potluck-engine: The disk is full.\n", "The disk is full."),
        ('narrates\n{"error": {"message": "No.", "type": "server_error", "code": "engine_error"}}\n', "No."),
        ('{"error": 5}', '{"error": 5}'),
        ("", ""),
    ],
)
def test_last_words_are_a_sentence_where_there_is_one(printed: str, last_words: str) -> None:
    assert Ending(1, printed).last_words == last_words


def test_a_named_failure_is_reported_as_a_person_reads_it() -> None:
    named = ErrorBody(error=ErrorDetail.of(NotRunning("The disk is full: free some of it.")))
    printed = f"a warning\n{named.model_dump_json()}\n"
    assert Ending(1, printed).report == "a warning\npotluck-engine: The disk is full: free some of it."
    assert Ending(1, "a warning\nOSError: no space\n").report == "a warning\nOSError: no space"
