"""Whether Potluck starts when the user logs in, and how: one interface, one file per system."""

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class AtLogin(StrEnum):
    """What happens when the user logs in."""

    NOTHING = "nothing"
    AS_BEFORE = "as_before"  # in the background, giving if it gave last
    PAUSED = "paused"  # in the background, giving nothing until the owner says so


BACKGROUND = "--background"
START_PAUSED = "--paused"
ARGUMENTS = {AtLogin.AS_BEFORE: (BACKGROUND,), AtLogin.PAUSED: (BACKGROUND, START_PAUSED)}


class Autostart(Protocol):
    """Both raise OSError."""

    def read(self) -> AtLogin: ...

    def write(self, at_login: AtLogin) -> None: ...


def command_of(at_login: AtLogin, program: Sequence[str]) -> list[str]:
    return [*program, *ARGUMENTS[at_login]]


def told_by(command: str) -> AtLogin:
    """What such a command, however it is quoted, has been written for."""
    return AtLogin.PAUSED if START_PAUSED in command else AtLogin.AS_BEFORE


def autostart_of_this_system() -> Autostart:
    program = (sys.executable, "-m", "desktop")
    if sys.platform == "win32":
        from desktop.os_glue.autostart_windows import RunKey, WindowsAutostart

        return WindowsAutostart(program, RunKey())
    if sys.platform == "darwin":
        from desktop.os_glue.autostart_macos import MacAutostart

        return MacAutostart(program, Path.home() / "Library" / "LaunchAgents")
    from desktop.os_glue.autostart_linux import LinuxAutostart, autostart_folder

    return LinuxAutostart(program, autostart_folder())
