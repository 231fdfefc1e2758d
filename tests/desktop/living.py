"""Real engine processes, and the window's link with them, for the tests of both."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx

from desktop.app_state import AppState, Help, LinkPhase
from desktop.engine_link.backoff import Backoff
from desktop.engine_link.found import FoundEngine, looks_like
from desktop.engine_link.link import EngineLink
from desktop.engine_link.process import EngineProcess
from engine.api.client import EngineClient
from engine.api.run_file import RunFile, read_run_file
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


class Seen:
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


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@asynccontextmanager
async def stranger(answer: bytes) -> AsyncIterator[int]:
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
async def sleeping_engine() -> AsyncIterator[int]:
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
async def other_engine(home: Path, port: int = 0) -> AsyncIterator[RunFile]:
    environment = {**os.environ, "POTLUCK_HOME": str(home)}
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        "--port",
        str(port),
        env=environment,
        stderr=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
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
        run_file.unlink(missing_ok=True)
