"""Linux inside Windows (WSL 2): the owner sits at Windows, so Windows is asked.

Its Linux has no part in keyboard, screen, battery or the way to the Internet, and sees none of its programs.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.manners.probes.answers import Answers
from engine.manners.probes.windows_codes import fills_the_screen, is_metered, runs_on_battery
from engine.manners.probes.windows_helper import COST, IDLE, POWER, PROGRAMS, SCREEN, helper_command

USUAL_PLACE = "/mnt/c/Windows/System32/WindowsPowerShell/v1.0/powershell.exe"
_BYTE, _DWORD = 1 << 8, 1 << 32


class WindowsAround:
    """The Windows in which this Linux runs. `answers` asks the program of `windows_helper`."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def idle_seconds(self) -> float | None:
        milliseconds = _number(self._answers.ask(IDLE), _DWORD)
        return None if milliseconds is None else milliseconds / 1000

    def full_screen(self) -> bool | None:
        state = _number(self._answers.ask(SCREEN), _DWORD)
        return None if state is None else fills_the_screen(state)

    def metered(self) -> bool | None:
        cost = _number(self._answers.ask(COST), _DWORD)
        return None if cost is None else is_metered(cost)

    def on_battery(self) -> bool | None:
        told = self._answers.ask(POWER)
        if not isinstance(told, list) or len(told) != 2:
            return None
        line, flag = (_number(one, _BYTE) for one in told)
        return None if line is None or flag is None else runs_on_battery(line, flag)

    def programs(self) -> frozenset[str] | None:
        """Names, without “.exe”."""
        told = self._answers.ask(PROGRAMS)
        if not isinstance(told, list) or not all(isinstance(name, str) for name in told):
            return None
        return frozenset(told)

    def close(self) -> None:
        self._answers.close()


def _number(told: Any, limit: int) -> int | None:
    """What is a whole number from 0 up to below `limit`."""
    return told if type(told) is int and 0 <= told < limit else None


def is_wsl(root: Path = Path("/")) -> bool:
    """By the kernel's name, which Microsoft builds for it."""
    try:
        return "microsoft" in (root / "proc/sys/kernel/osrelease").read_text().casefold()
    except OSError:
        return False


def power_shell(environ: Mapping[str, str] = os.environ) -> str:
    """Where Windows' own is; its path need not be in PATH, which a service's has not."""
    return shutil.which("powershell.exe", path=environ.get("PATH")) or USUAL_PLACE


def windows_around() -> WindowsAround:
    return WindowsAround(Answers(helper_command(power_shell())))
