"""The engine that the run file names, whoever started it: seen and ended without its answer."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

PATIENCE = 3.0  # seconds between asking a process to end and ending it


class FoundEngine:
    """`is_engine` tells by its command line whether a process is one: numbers of processes are used again."""

    def __init__(self, run_file: Path, is_engine: Callable[[Sequence[str]], bool]) -> None:
        self._run_file, self._is_engine = run_file, is_engine

    @property
    def alive(self) -> bool:
        return self._process() is not None

    async def end(self) -> None:
        """Afterwards it is gone, and so is the file that named it."""
        process = self._process()
        if process is not None:
            await asyncio.to_thread(_end, process)
        self._run_file.unlink(missing_ok=True)

    def _process(self) -> "psutil.Process | None":
        import psutil  # here, as what brings it: the window is drawn first

        from engine.api.run_file import read_run_file
        from engine.errors import NotRunning

        try:
            process = psutil.Process(read_run_file(self._run_file).pid)
            return process if self._is_engine(process.cmdline()) else None
        except (NotRunning, psutil.Error):
            return None


def _end(process: "psutil.Process") -> None:
    """One that was stopped or hangs hears no polite word."""
    import psutil

    for sign in (process.terminate, process.kill):
        try:
            sign()
            process.wait(PATIENCE)
            return
        except psutil.NoSuchProcess:
            return
        except psutil.TimeoutExpired:
            continue


def looks_like(command: Sequence[str]) -> Callable[[Sequence[str]], bool]:
    """Whether a command line is that of an engine, as `command` or the command line starts one."""
    modules = {"engine.cli", *_module(command)}

    def looks(found: Sequence[str]) -> bool:
        return bool(modules & set(_module(found))) or any(
            Path(word).stem == "potluck-engine" for word in found[:2]
        )

    return looks


def _module(command: Sequence[str]) -> Sequence[str]:
    """What `python -m` runs."""
    at = list(command).index("-m") + 1 if "-m" in command else len(command)
    return command[at : at + 1]
