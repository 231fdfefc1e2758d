"""The engine as a child process that outlives a killed window."""

import asyncio
import subprocess
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from desktop.engine_link.troubles import Ending
from engine.errors import EngineError, reason_of

POLL_SECONDS = 0.05
MOST_PRINTED = 20_000  # characters that are looked at


class EngineProcess:
    """Starts the engine and says how it ended. `log` gets what the engine prints."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self._command = list(command)
        self._log = log
        self._child: subprocess.Popen[bytes] | None = None
        self.started = False  # whether this window started an engine at all

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def start(self, *options: str) -> None:
        """Raises EngineError if the program cannot be run. Does nothing while it runs.

        `options` come after the command's own.
        """
        if self.alive:
            return
        try:
            self._child = self._spawn(options)
            self.started = True
        except OSError as error:
            said = QCoreApplication.translate("Engine", "Potluck's engine cannot be started: {why}.")
            raise EngineError(said.format(why=reason_of(error))) from error

    def _spawn(self, options: Sequence[str]) -> "subprocess.Popen[bytes]":
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as log:
            return subprocess.Popen(
                [*self._command, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # the end of the window's session is not the engine's
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )

    def take_ending(self) -> Ending | None:
        """How it ended and what it printed, once; None where none has ended since."""
        status = self._child.poll() if self._child else None
        if status is None:
            return None
        self._child = None
        return Ending(status, self._printed())

    def _printed(self) -> str:
        try:
            return self._log.read_text(errors="replace")[-MOST_PRINTED:]
        except OSError:
            return ""

    async def wait(self, seconds: float) -> bool:
        """True if it has ended within that time."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self.alive:
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(POLL_SECONDS)
        return True

    async def end(self, patience: float = 10.0) -> None:
        """Wait for an end that was asked for; then terminate, then kill."""
        if await self.wait(patience) or self._child is None:
            return
        self._child.terminate()
        if not await self.wait(3.0):
            self._child.kill()
            await self.wait(3.0)
