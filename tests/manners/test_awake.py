import asyncio
import base64
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import psutil

from engine.manners.awake import held_by, held_by_call, holding_command, keep_awake
from tests.waiting import until


async def test_the_computer_is_held_awake_only_while_that_is_wanted() -> None:
    wanted, held = asyncio.Event(), []

    @asynccontextmanager
    async def hold() -> AsyncIterator[None]:
        held.append(True)
        try:
            yield
        finally:
            held.append(False)

    keeping = asyncio.create_task(keep_awake(wanted.is_set, hold, 0.01))
    await asyncio.sleep(0.05)
    assert held == []
    wanted.set()
    await until(lambda: held == [True])
    wanted.clear()
    await until(lambda: held == [True, False])
    wanted.set()
    await until(lambda: held == [True, False, True])
    keeping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeping
    assert held == [True, False, True, False]


async def test_a_program_holds_for_as_long_as_it_runs(tmp_path: Path, caplog) -> None:
    mark = tmp_path / "pid"
    async with held_by(("sh", "-c", f"echo $$ > {mark}.new; mv {mark}.new {mark}; exec cat")):
        await until(mark.exists)
        pid = int(mark.read_text())
        assert psutil.pid_exists(pid)
    assert not psutil.pid_exists(pid)
    assert caplog.records == []


async def test_a_computer_that_cannot_be_held_is_no_failure(caplog) -> None:
    with caplog.at_level(logging.WARNING):
        async with held_by(("/no/such/program",)):
            assert "No such file" in caplog.text


async def test_a_program_that_refuses_is_no_failure(tmp_path: Path, caplog) -> None:
    mark = tmp_path / "pid"
    refuse = f"echo Not allowed >&2; echo $$ > {mark}.new; mv {mark}.new {mark}"
    with caplog.at_level(logging.WARNING):
        async with held_by(("sh", "-c", refuse)):
            await until(mark.exists)
            await until(lambda: not psutil.pid_exists(int(mark.read_text())))
    assert "Not allowed" in caplog.text


async def test_windows_is_told_by_a_call(caplog) -> None:
    told: list[int] = []
    libraries = SimpleNamespace(kernel32=SimpleNamespace(SetThreadExecutionState=told.append))
    async with held_by_call(libraries):
        assert told == [0x80000001]
    assert told == [0x80000001, 0x80000000]
    async with held_by_call(None):
        assert "cannot keep the computer awake" in caplog.text


def test_each_system_has_its_program() -> None:
    linux, mac = holding_command("linux", 7), holding_command("darwin", 7)
    assert linux is not None
    assert mac is not None
    assert (linux[0], linux[1]) == ("systemd-inhibit", "--what=idle:sleep")
    assert mac == ("caffeinate", "-i", "-w", "7")
    assert holding_command("win32", 7) is None


def test_from_its_linux_windows_is_held_until_the_input_ends() -> None:
    command = holding_command("wsl", 7)
    assert command is not None
    assert command[0].endswith("powershell.exe")
    script = base64.b64decode(command[-1]).decode("utf-16-le")
    asked, waiting = script.index("SetThreadExecutionState(2147483649)"), script.index("In.ReadLine()")
    assert asked < waiting
