"""The window's link with a real engine process that crashes, hangs, loses its key or its port."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest

from desktop.app_state import AppState, Help, LinkPhase
from desktop.engine_link.backoff import Backoff
from desktop.engine_link.found import FoundEngine, looks_like
from desktop.engine_link.link import EngineLink
from desktop.engine_link.process import EngineProcess
from engine.api.client import EngineClient
from engine.api.known_engines import KnownEngine
from engine.api.run_file import RunFile, read_run_file, write_run_file
from engine.settings import Paths
from tests.desktop.conftest import until

COMMAND = (sys.executable, "-m", "tests.stand_in_engine", "run")
SLOW = 30.0  # seconds that a busy computer may need to start an engine


class Hasty(EngineClient):
    """Takes silence for a hang sooner."""

    patience = httpx.Timeout(1.0)
    silence = httpx.Timeout(6.5)


class Bench:
    """`options` go to the link."""

    def __init__(self, paths: Paths, command: tuple[str, ...] = COMMAND, **options: object) -> None:
        self.paths, self.state = paths, AppState()
        self.key = ""  # that is shown instead of the true one
        self.process = EngineProcess(command, paths.logs / "engine-start.log")
        self.found = FoundEngine(paths.run_file, looks_like(command))
        self.link = EngineLink(
            self.state, self.find, self.process, self.found, Backoff(first=0.1, longest=0.5), **options
        )

    def find(self) -> Hasty:
        return Hasty(self.run.address, self.key or self.run.key)

    @property
    def run(self) -> RunFile:
        return read_run_file(self.paths.run_file)

    async def connected(self, other_than: int = 0) -> int:
        """The number of the engine's process, once it is another one."""
        await until(lambda: self.state.phase is LinkPhase.CONNECTED and self.run.pid != other_than, SLOW)
        return self.run.pid

    async def lost(self, help: Help) -> str:
        await until(lambda: self.state.phase is LinkPhase.LOST and self.state.help is help, SLOW)
        assert self.state.snapshot is None
        return self.state.sentence


@asynccontextmanager
async def following(bench: Bench) -> AsyncIterator[Bench]:
    running = asyncio.create_task(bench.link.run())
    try:
        yield bench
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await bench.link.close()
        await bench.found.end()


@pytest.fixture
def home(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setenv("POTLUCK_HOME", str(paths.data.parent))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    return paths


async def test_a_killed_engine_is_told_with_its_number_and_started_again(home: Paths) -> None:
    async with following(Bench(home)) as bench:
        said: list[str] = []
        bench.state.changed.connect(lambda: said.append(bench.state.sentence))
        first = await bench.connected()
        os.kill(first, signal.SIGKILL)
        second = await bench.connected(first)
        assert "Potluck's engine was ended from outside (signal 9)." in said
        assert bench.state.crash is not None
        os.kill(second, signal.SIGKILL)
        await bench.connected(second)
        assert any("It ended 2 times within" in sentence for sentence in said)


async def test_an_engine_that_hangs_is_ended_and_started_anew_on_demand(home: Paths) -> None:
    bench = Bench(home)
    bench.process.start()
    await until(home.run_file.exists, SLOW)
    first = bench.run.pid
    os.kill(first, signal.SIGSTOP)
    async with following(bench):
        assert await bench.lost(Help.RESTART) == "Potluck's engine runs, but it does not answer."
        bench.link.help()
        await bench.connected(first)
        assert not _alive(first)


async def test_an_engine_that_wakes_up_again_is_followed_again(home: Paths) -> None:
    async with following(Bench(home)) as bench:
        first = await bench.connected()
        os.kill(first, signal.SIGSTOP)
        await bench.lost(Help.RESTART)
        os.kill(first, signal.SIGCONT)
        assert await bench.connected() == first


async def test_a_run_file_that_is_replaced_or_gone_comes_back(home: Paths) -> None:
    async with following(Bench(home)) as bench:
        pid = await bench.connected()
        true = bench.run
        write_run_file(home.run_file, true.model_copy(update={"key": "k" * 32}))
        await until(lambda: bench.run == true, SLOW)
        home.run_file.unlink()
        await until(home.run_file.exists, SLOW)
        assert bench.run == true
        assert bench.run.pid == pid


async def test_an_engine_that_does_not_know_the_key_is_replaced_on_demand(home: Paths) -> None:
    bench = Bench(home)
    bench.process.start()
    await until(home.run_file.exists, SLOW)
    first, bench.key = bench.run.pid, "another-key-than-its-own"
    async with following(bench):
        said = await bench.lost(Help.RESTART)
        assert said == "This window no longer has the key of Potluck's engine."
        bench.key = ""
        bench.link.help()
        await bench.connected(first)


async def test_a_port_that_is_taken_is_told_and_a_free_one_helps(home: Paths) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        home.settings_file.parent.mkdir(parents=True, exist_ok=True)
        port = taken.getsockname()[1]
        home.settings_file.write_text(f"[api]\nport = {port}\n")
        async with following(Bench(home)) as bench:
            assert (await bench.lost(Help.FREE_PORT)).startswith("Another program uses the port")
            assert bench.state.crash is None
            bench.link.help()
            await bench.connected()
            assert bench.run.port != port


async def test_another_program_at_the_number_and_port_of_a_dead_engine_is_left_alone(home: Paths) -> None:
    async with _stranger(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>") as port:
        write_run_file(home.run_file, RunFile(port=port, key="k" * 32, pid=os.getpid(), version="0.1.0"))
        async with following(Bench(home)) as bench:
            assert await bench.connected(os.getpid()) != os.getpid()


async def test_an_engine_of_another_version_is_named_and_replaced_on_demand(home: Paths) -> None:
    body = b'{"version": "0.0.9", "condition": {"reason": "singing"}}'
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
    async with _stranger(answer) as port, _sleeping_engine() as pid:
        write_run_file(home.run_file, RunFile(port=port, key="k" * 32, pid=pid, version="0.0.9"))
        async with following(Bench(home)) as bench:
            said = await bench.lost(Help.RESTART)
            assert said.startswith("Potluck's engine is of version 0.0.9 and this window of")
            bench.link.help()
            await bench.connected(pid)


async def test_an_engine_elsewhere_is_followed_and_this_computers_goes_on(
    home: Paths, tmp_path: Path
) -> None:
    async with following(Bench(home)) as bench, _other_engine(tmp_path / "other") as other:
        own = await bench.connected()
        known = KnownEngine(address=f"127.0.0.1:{other.port}", key=other.key)
        bench.link.look_at(known)
        await until(lambda: bench.state.phase is LinkPhase.CONNECTED, SLOW)
        assert bench.state.elsewhere == known.address
        assert bench.link.engine.key == other.key
        assert _alive(own)
        os.kill(other.pid, signal.SIGKILL)
        assert (
            await bench.lost(Help.RETRY) == f"{known.address} cannot be reached: see that Potluck runs there."
        )
        bench.link.look_at(None)
        await until(lambda: bench.state.phase is LinkPhase.CONNECTED, SLOW)
        assert (bench.state.elsewhere, bench.run.pid) == ("", own)


async def test_this_computers_engine_is_started_again_while_another_is_looked_at(
    home: Paths, tmp_path: Path
) -> None:
    async with following(Bench(home)) as bench, _other_engine(tmp_path / "other") as other:
        own = await bench.connected()
        bench.link.look_at(KnownEngine(address=f"127.0.0.1:{other.port}", key=other.key))
        await until(lambda: bench.state.phase is LinkPhase.CONNECTED, SLOW)
        seen = _Seen(bench.state)
        os.kill(own, signal.SIGKILL)
        await until(lambda: seen.own_troubles, SLOW)
        await until(lambda: bench.found.alive and bench.state.own_trouble is None, SLOW)
        assert bench.run.pid != own
        assert seen.own_troubles[0] == (
            "On this computer: Potluck's engine was ended from outside (signal 9)."
        )
        assert seen.phases == {LinkPhase.CONNECTED}
        assert bench.state.crash is not None
        assert bench.state.crash.sentence == seen.own_troubles[0]
        own = bench.run.pid
        bench.link.look_at(None)
        await until(lambda: bench.state.phase is LinkPhase.CONNECTED, SLOW)
        assert bench.run.pid == own


async def test_an_adopted_engine_that_ends_elsewhere_is_looked_after_too(home: Paths, tmp_path: Path) -> None:
    async with (
        _other_engine(home.data.parent) as own,
        _other_engine(tmp_path / "other") as other,
        following(Bench(home)) as bench,
    ):
        assert await bench.connected() == own.pid
        bench.link.look_at(KnownEngine(address=f"127.0.0.1:{other.port}", key=other.key))
        await until(lambda: bench.link.own.knows_it, SLOW)
        seen = _Seen(bench.state)
        os.kill(own.pid, signal.SIGKILL)
        await until(lambda: bench.process.alive and bench.found.alive, SLOW)
        assert seen.own_troubles[0].startswith("On this computer: Potluck's engine has ended.")


async def test_a_taken_port_of_this_computers_engine_is_told_while_another_is_looked_at(
    home: Paths, tmp_path: Path
) -> None:
    async with following(Bench(home)) as bench, _other_engine(tmp_path / "other") as other:
        own = await bench.connected()
        bench.link.look_at(KnownEngine(address=f"127.0.0.1:{other.port}", key=other.key))
        await until(lambda: bench.state.phase is LinkPhase.CONNECTED, SLOW)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            home.settings_file.write_text(f"[api]\nport = {taken.getsockname()[1]}\n")
            os.kill(own, signal.SIGTERM)
            await until(lambda: (told := bench.state.own_trouble) and told.help is Help.FREE_PORT, SLOW)
            assert bench.state.phase is LinkPhase.CONNECTED
            bench.link.own.help()
            await until(lambda: bench.state.own_trouble is None, SLOW)
            assert bench.found.alive


class _Seen:
    """Everything that was shown from now on."""

    def __init__(self, state: AppState) -> None:
        self._state = state
        self.phases: set[LinkPhase] = set()
        self.own_troubles: list[str] = []
        state.changed.connect(self._note)

    def _note(self) -> None:
        self.phases.add(self._state.phase)
        if self._state.own_trouble is not None:
            self.own_troubles.append(self._state.own_trouble.sentence)


async def test_the_key_of_an_engine_elsewhere_is_asked_for_again_where_it_is_wrong(
    home: Paths, tmp_path: Path
) -> None:
    bench = Bench(home)
    async with _other_engine(tmp_path / "other") as other:
        address = f"127.0.0.1:{other.port}"
        bench.link.look_at(KnownEngine(address=address, key="w" * 32))
        async with following(bench):
            assert (await bench.lost(Help.ENGINES)).startswith(f"{address} does not accept the key")
            assert not bench.process.started


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@asynccontextmanager
async def _stranger(answer: bytes) -> AsyncIterator[int]:
    """Answers every request so; gives its port."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(answer)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def _sleeping_engine() -> AsyncIterator[int]:
    """A process that looks like an engine."""
    sleep = "import time; time.sleep(600)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", sleep, "-m", "engine.cli", "run")
    try:
        yield process.pid
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()


@asynccontextmanager
async def _other_engine(home: Path) -> AsyncIterator[RunFile]:
    environment = {**os.environ, "POTLUCK_HOME": str(home)}
    process = await asyncio.create_subprocess_exec(
        *COMMAND, env=environment, stderr=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
    )
    run_file = home / "data" / "engine.json"
    try:
        await until(run_file.exists, SLOW)
        yield read_run_file(run_file)
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()
