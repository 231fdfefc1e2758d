"""The engine as a child process that outlives a killed window."""

import asyncio
import subprocess
from collections.abc import Sequence
from pathlib import Path

from engine.errors import EngineError

POLL_SECONDS = 0.05


class EngineProcess:
    """Starts the engine and says how it ended. `log` gets what the engine prints."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self._command = list(command)
        self._log = log
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def started(self) -> bool:
        """Whether this window started an engine at all."""
        return self._child is not None

    def start(self) -> None:
        """Raises EngineError if the program cannot be run. Does nothing while it runs."""
        if self.alive:
            return
        try:
            self._child = self._spawn()
        except OSError as error:
            raise EngineError(f"Potluck's engine cannot be started: {error.strerror}.") from error

    def _spawn(self) -> "subprocess.Popen[bytes]":
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as log:
            return subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # the end of the window's session is not the engine's
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )

    def obituary(self) -> str:
        """One sentence: how it ended and its last words."""
        status = self._child.poll() if self._child else None
        if status is not None and status < 0:
            return f"Potluck's engine was ended from outside (signal {-status})."
        last = self._last_words()
        return f"Potluck's engine ended (exit status {status})" + (f": {last}" if last else ".")

    def _last_words(self) -> str:
        try:
            lines = self._log.read_text(errors="replace").strip().splitlines()
        except OSError:
            return ""
        return lines[-1].strip()[:300] if lines else ""

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
