"""Acts on `decide`: launches, drains and ends the block server process, and hears its reports."""

import asyncio
import logging
import os
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from engine.api.sentences import said
from engine.errors import reason_of
from engine.host.orders import HostConfig, Order, Report
from engine.machine.visible import IN_BUS_ORDER
from engine.supervisor.decide import (
    Action,
    Due,
    Event,
    Exited,
    Finish,
    Pause,
    Reported,
    Stage,
    Start,
    State,
    decide,
)
from engine.supervisor.process import ProcessGroup
from engine.wire.records import ModelSpan

POLITE = 1.0  # seconds for a block server to go after a `stop`
FIRM = 0.4  # seconds more after SIGTERM
LOG_BYTES = 1 << 20
LOG_FILES = 3

log = logging.getLogger("potluck.supervisor")

HOST_COMMAND = (sys.executable, "-m", "engine.host")


@dataclass(frozen=True)
class View:
    """The block server as it is now. Times are of the monotonic clock."""

    state: State
    pid: int | None = None
    report: Report | None = None  # the running process's newest


class Supervisor:
    """One block server process. `on_change` is called after whatever changes the view."""

    def __init__(
        self,
        log_file: Path,
        on_change: Callable[[View], None],
        argv: Sequence[str] = HOST_COMMAND,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._argv = argv
        self._on_change = on_change
        self._clock = clock
        self._complaints = ComplaintLog(log_file)
        self._config: HostConfig | None = None
        self._process: ProcessGroup | None = None
        self._state = State()
        self._report: Report | None = None
        self._moves_to: ModelSpan | None = None  # when it has drained
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._gone = asyncio.Event()
        self._gone.set()

    @property
    def view(self) -> View:
        return View(self._state, self._process.pid if self._process else None, self._report)

    def start(self, config: HostConfig) -> None:
        """Run a block server with this config; one that does not load yet takes it instead of its own."""
        is_news, self._config = config != self._config, config
        if is_news and self._process is not None and self._state.stage is Stage.RUNNING:
            self._process.write(config.to_line())
        self._handle(Start())

    def pause(self) -> None:
        """End the block server within two seconds."""
        self._handle(Pause())

    def intend(self, moves_to: ModelSpan | None) -> None:
        """Have the block server tell others what it may serve instead; None: nothing."""
        if self._process is not None and self._state.stage is Stage.RUNNING:
            self._order("intend", moves_to)

    def finish(self, moves_to: ModelSpan | None = None) -> None:
        """Let the block server serve its sessions to their end, then end. `moves_to`: see `Order`."""
        self._moves_to = moves_to
        self._handle(Finish())

    async def close(self) -> None:
        """Pause, and return when the process is gone."""
        self.pause()
        await self._gone.wait()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._complaints.close()

    def _handle(self, event: Event) -> None:
        self._state, actions = decide(self._state, event)
        self._set_timer()
        for action in actions:
            self._act(action)
        self._on_change(self.view)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._state.stage is Stage.BACKING_OFF and self._state.restart_at is not None:
            wait = max(0.0, self._state.restart_at - self._clock())
            self._timer = asyncio.get_running_loop().call_later(wait, self._handle, Due())

    def _act(self, action: Action) -> None:
        if action is Action.LAUNCH:
            self._gone.clear()
            self._run_task(self._live())
        elif self._process is not None:
            if action is Action.DRAIN:
                self._order("drain", self._moves_to)
            else:
                self._order("stop")
                self._run_task(self._process.end(POLITE, FIRM))

    def _order(self, order: Literal["intend", "drain", "stop"], moves_to: ModelSpan | None = None) -> None:
        assert self._process is not None
        self._process.write(Order(order=order, moves_to=moves_to).to_line())

    async def _live(self) -> None:
        """One process from its launch to its end."""
        self._report, self._complaints.last = None, ""
        try:
            obituary = self._obituary(await self._run_process())
        except OSError as error:
            obituary = said("it cannot be started: {reason}", reason=reason_of(error))
        finally:
            self._process = None
            self._gone.set()
        report, self._report = self._report, None
        failure, code = (report.failure, report.failure_code) if report else (None, None)
        self._handle(Exited(self._clock(), failure or obituary, code))

    async def _run_process(self) -> int:
        assert self._config is not None
        environment = {**os.environ, **IN_BUS_ORDER}
        process = await ProcessGroup.start(self._argv, self._hear, self._complaints.write, environment)
        try:
            self._process = process
            process.write(self._config.to_line())
            if self._state.stage is Stage.ENDING:  # paused while it was being started
                self._act(Action.END)
            self._on_change(self.view)
            return await process.wait()
        except BaseException:
            process.kill()
            raise

    def _hear(self, line: bytes) -> None:
        try:
            self._report = Report.model_validate_json(line)
        except ValidationError:
            log.warning("The block server said something that is no report: %r", line[:200])
            return
        self._handle(Reported(self._report, self._clock()))

    def _obituary(self, status: int) -> str:
        last = self._complaints.last
        if status < 0 and last:
            return said(
                "it was ended by signal {signal}; its last line was “{last}”", signal=-status, last=last
            )
        if status < 0:
            return said("it was ended by signal {signal}", signal=-status)
        if last:
            return said("it ended with status {status}; its last line was “{last}”", status=status, last=last)
        return said("it ended with status {status}", status=status)

    def _run_task(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class ComplaintLog:
    """The block server's stderr, in files that are rotated; and its last line."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._files = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, delay=True)
        self.last = ""

    def write(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        if text:
            self.last = text[:300]
        self._files.handle(logging.makeLogRecord({"msg": text}))

    def close(self) -> None:
        self._files.close()
