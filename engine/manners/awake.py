"""Keeps the computer from going to sleep by itself while it gives, if its owner asked for that.

On Linux and macOS a program of the system holds the computer awake for as long as it runs; it ends with the
engine, however that ends. Windows is told by a call; from its Linux (WSL), through a program in Windows.
"""

import asyncio
import ctypes
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from engine.manners.probes.windows_helper import running
from engine.manners.probes.wsl import is_wsl, power_shell
from engine.supervisor.process import ProcessGroup

LOOK_SECONDS = 2.0  # between two looks at whether it is wanted
WHY = "Serving layers of a language model"
_CONTINUOUS, _SYSTEM_REQUIRED = 0x80000000, 0x00000001  # of SetThreadExecutionState
_HOLD_WINDOWS = f"""
$call = Add-Type -PassThru -Name Awake -Namespace Potluck -MemberDefinition @'
[DllImport("kernel32.dll")] public static extern uint SetThreadExecutionState(uint flags);
'@
[void]$call::SetThreadExecutionState({_CONTINUOUS | _SYSTEM_REQUIRED})
[void][Console]::In.ReadLine()
"""  # until its input ends, and with it the thread that asked

Hold = Callable[[], AbstractAsyncContextManager[None]]

log = logging.getLogger("potluck.manners")


def holding_command(platform: str, engine_pid: int) -> tuple[str, ...] | None:
    """Of a program that keeps the computer awake until the engine ends. None: not by a program. `platform` as
    in `sys`, or "wsl"."""
    if platform == "wsl":
        return running(power_shell(), _HOLD_WINDOWS)
    if platform == "linux":
        options = ("--what=idle:sleep", "--who=Potluck", f"--why={WHY}", "--mode=block")
        return ("systemd-inhibit", *options, "cat")
    if platform == "darwin":
        return ("caffeinate", "-i", "-w", str(engine_pid))
    return None


def hold_of_this_computer() -> Hold:
    command = holding_command("wsl" if is_wsl() else sys.platform, os.getpid())
    if command is not None:
        return lambda: held_by(command)
    return lambda: held_by_call(getattr(ctypes, "windll", None))


async def keep_awake(wanted: Callable[[], bool], hold: Hold, look_seconds: float = LOOK_SECONDS) -> None:
    """For as long as this runs, hold the computer awake while that is wanted."""
    while True:
        await _until(wanted, look_seconds)
        async with hold():
            await _until(lambda: not wanted(), look_seconds)


async def _until(holds: Callable[[], bool], look_seconds: float) -> None:
    while not holds():  # noqa: ASYNC110 (plain values)
        await asyncio.sleep(look_seconds)


@asynccontextmanager
async def held_by(command: Sequence[str]) -> AsyncIterator[None]:
    """A computer without this program, or one that refuses, goes to sleep as ever; that is logged."""
    complaints: list[str] = []
    try:
        process = await ProcessGroup.start(command, lambda line: None, lambda line: _note(complaints, line))
    except OSError as error:
        log.warning("The computer cannot be kept awake: %s: %s", command[0], error.strerror)
        yield
        return
    try:
        yield
    finally:
        process.kill()
        status = await process.wait()
        if status >= 0:
            log.warning("The computer was not kept awake: %s", "; ".join(complaints) or f"status {status}")


def _note(complaints: list[str], line: bytes) -> None:
    complaints[:] = [*complaints, line.decode(errors="replace").strip()][-3:]


@asynccontextmanager
async def held_by_call(libraries: Any) -> AsyncIterator[None]:
    """`libraries` has kernel32, as `ctypes.windll` does; None: this system has no such call."""
    if libraries is None:
        log.warning("On this system Potluck cannot keep the computer awake")
        yield
        return
    libraries.kernel32.SetThreadExecutionState(_CONTINUOUS | _SYSTEM_REQUIRED)
    try:
        yield
    finally:
        libraries.kernel32.SetThreadExecutionState(_CONTINUOUS)
