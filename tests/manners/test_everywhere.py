"""What all systems tell alike, and what macOS and Windows answer, by stand-ins for their libraries."""

import ctypes
import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from engine.manners.observer import local_now
from engine.manners.probes.everywhere import free_disk_bytes, on_battery
from engine.manners.probes.macos import MacOS
from engine.manners.probes.programs import SETTLED_SECONDS, Programs
from engine.manners.probes.system import SilentSystem, this_system
from engine.manners.probes.windows import FULL_SCREEN_GAME, Windows


@pytest.mark.parametrize(
    ("battery", "told"),
    [
        (None, False),
        (SimpleNamespace(power_plugged=True), False),
        (SimpleNamespace(power_plugged=False), True),
        (SimpleNamespace(power_plugged=None), None),
    ],
)
def test_a_computer_without_a_battery_is_never_on_battery(monkeypatch, battery, told) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery)
    assert on_battery() is told


def test_a_battery_that_cannot_be_asked_is_unknown(monkeypatch) -> None:
    def refuse() -> None:
        raise OSError

    monkeypatch.setattr(psutil, "sensors_battery", refuse)
    assert on_battery() is None


def test_the_free_bytes_of_a_disk_are_known_before_the_folder_is_there(tmp_path: Path) -> None:
    there, not_yet = free_disk_bytes(tmp_path), free_disk_bytes(tmp_path / "not" / "yet")
    assert there is not None
    assert not_yet is not None
    assert abs(there - not_yet) < 1 << 30


def test_programs_are_known_by_name_from_the_moment_they_run() -> None:
    programs = Programs()
    before = programs.running()
    assert before is not None
    with subprocess.Popen(["sleep", "60"]) as running:
        assert "sleep" in (programs.running() or ())
        running.kill()
    assert "kthreadd" not in before


@pytest.mark.parametrize("refusal", [PermissionError("no"), psutil.AccessDenied()])
def test_programs_that_may_not_be_seen_are_unknown(monkeypatch, refusal: Exception) -> None:
    def refuse() -> None:
        raise refusal

    monkeypatch.setattr(psutil, "pids", refuse)
    assert Programs().running() is None


def test_a_program_may_call_itself_any_bytes(monkeypatch) -> None:
    monkeypatch.setattr(psutil.Process, "name", lambda _: b"caf\xe9".decode(errors="surrogateescape"))
    names = Programs().running()
    assert names == {"caf?"}


def test_who_travels_takes_the_clock_along(monkeypatch) -> None:
    try:
        hours = []
        for zone in ("XXX0", "XXX-5"):  # five hours to the east
            monkeypatch.setenv("TZ", zone)
            hours.append(local_now().hour)
        assert (hours[1] - hours[0]) % 24 == 5
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_process_that_becomes_another_program_is_known_by_its_new_name() -> None:
    now = [0.0]
    programs = Programs(lambda: now[0])
    with subprocess.Popen(["sh", "-c", "read _; exec sleep 60"], stdin=subprocess.PIPE) as running:
        programs.running()
        assert running.stdin is not None
        running.stdin.write(b"\n")
        running.stdin.flush()
        process = psutil.Process(running.pid)
        while process.name() != "sleep":
            time.sleep(0.01)
        assert "sleep" in programs.running()
        running.kill()


def test_a_process_that_has_settled_is_not_asked_again() -> None:
    asked: list[int] = []

    def process(pid: int) -> psutil.Process:
        asked.append(pid)
        return psutil.Process(pid)

    programs = Programs(lambda: time.time() + 2 * SETTLED_SECONDS, process)
    names = programs.running()
    assert os.getpid() in asked
    asked.clear()
    again = programs.running()
    assert os.getpid() not in asked
    assert psutil.Process().name() in names & again


def test_macos_tells_seconds() -> None:
    asked: list[tuple[int, int]] = []

    class Ask:
        restype = argtypes = None

        def __call__(self, state: int, kind: int) -> float:
            asked.append((state, kind))
            return 12.5

    framework = SimpleNamespace(CGEventSourceSecondsSinceLastEventType=Ask())
    mac = MacOS(lambda path: framework)
    assert mac.idle_seconds() == 12.5
    assert asked == [(0, 0xFFFFFFFF)]
    assert (mac.metered(), mac.full_screen()) == (None, None)


def test_macos_without_a_screen_tells_nothing() -> None:
    def load(path: str) -> None:
        raise OSError

    assert MacOS(load).idle_seconds() is None


def windows(last_input: int, tick: int, state: int, works: bool = True) -> Windows:
    def last(info) -> bool:
        info._obj.tick = last_input
        return works

    def notifications(told) -> int:
        told._obj.value = state
        return 0 if works else -1

    return Windows(
        SimpleNamespace(
            user32=SimpleNamespace(GetLastInputInfo=last),
            kernel32=SimpleNamespace(GetTickCount=lambda: ctypes.c_int32(tick).value),
            shell32=SimpleNamespace(SHQueryUserNotificationState=notifications),
        )
    )


def test_windows_counts_milliseconds_that_begin_anew() -> None:
    assert windows(1_000, 61_000, 5).idle_seconds() == 60.0
    assert windows(0xFFFFFFFF - 999, 4_000, 5).idle_seconds() == 5.0
    assert windows(0, 0xFFFFFFF0, 5).idle_seconds() == pytest.approx(0xFFFFFFF0 / 1000)
    assert windows(0, 0, 5, works=False).idle_seconds() is None


def test_windows_says_when_a_game_has_the_screen() -> None:
    assert windows(0, 0, FULL_SCREEN_GAME).full_screen() is True
    assert windows(0, 0, 5).full_screen() is False
    assert windows(0, 0, 5, works=False).full_screen() is None
    assert Windows(None if sys.platform != "win32" else SimpleNamespace()).metered() is None


def test_each_system_is_asked_in_its_own_way(monkeypatch) -> None:
    for platform, name in (("linux", "Linux"), ("darwin", "MacOS"), ("win32", "Windows")):
        monkeypatch.setattr(sys, "platform", platform)
        assert type(this_system()).__name__ == name
    monkeypatch.setattr(sys, "platform", "freebsd14")
    silent = this_system()
    assert isinstance(silent, SilentSystem)
    assert (silent.idle_seconds(), silent.metered(), silent.full_screen()) == (None, None, None)
