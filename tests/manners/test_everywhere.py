"""What all systems tell alike, and who is asked on which."""

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
from engine.manners.probes.programs import SETTLED_SECONDS, Programs
from engine.manners.probes.system import SilentSystem, this_system


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


def test_each_system_is_asked_in_its_own_way(monkeypatch) -> None:
    for platform, name in (("linux", "Linux"), ("darwin", "MacOS"), ("win32", "Windows")):
        monkeypatch.setattr(sys, "platform", platform)
        assert type(this_system()).__name__ == name
    monkeypatch.setattr(sys, "platform", "freebsd14")
    silent = this_system()
    assert isinstance(silent, SilentSystem)
    assert (silent.idle_seconds(), silent.metered(), silent.full_screen()) == (None, None, None)
