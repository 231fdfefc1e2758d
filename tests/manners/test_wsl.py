"""What an engine in Windows' Linux hears of Windows, by stand-ins for the program that answers there."""

import base64
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine.api.schema import Reason
from engine.machine.facts import Cpu, Machine
from engine.manners import observer
from engine.manners.judge import State, judge
from engine.manners.observer import Observer, Own, probes_of_this_computer
from engine.manners.probes.answers import AGAIN_SECONDS, Answers
from engine.manners.probes.windows_helper import SOURCE, helper_command
from engine.manners.probes.wsl import WindowsAround, is_wsl, power_shell
from engine.manners.rules import WhenRules
from tests.end_to_end.waiting import until

# A line each of what is asked and what is said: here of a notebook that plays a game on its battery, while a
# telephone is its way to the Internet.
PLAYING = """
idle 71887394
screen 3
cost 131074
power [0,1]
programs ["game","explorer","caf\\u00e9"]
"""
SILENT = ""  # nothing is known
BROKEN = """
idle "long"
screen true
cost -1
power [0]
programs [7]
"""

HELPER = """
import sys
told = dict(line.split(" ", 1) for line in sys.argv[1].splitlines() if line)
print("a greeting", flush=True)
print("0 null", flush=True)
for line in sys.stdin:
    number, word = line.split()
    if told.get(word) == "END":
        break
    if told.get(word) != "SILENCE":
        print(number, told.get(word, "null"), flush=True)
"""

Begin = Callable[..., Answers]


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def begin() -> Iterator[Begin]:
    begun: list[Answers] = []

    def one(told: str, clock: Callable[[], float] = time.monotonic, patience: float = 30.0) -> Answers:
        begun.append(Answers((sys.executable, "-c", HELPER, told), clock, patience))
        return begun[-1]

    yield one
    for answers in begun:
        answers.close()


def heard(ask: Callable[[], Any]) -> Any:
    """The first answer of a helper that takes its time to begin."""
    answers: list[Any] = []

    def answered() -> bool:
        answers.append(ask())
        return answers[-1] is not None

    until(answered, "the helper does not answer")
    return answers[-1]


def test_what_windows_says_is_understood(begin: Begin) -> None:
    windows = WindowsAround(begin(PLAYING))
    assert heard(windows.idle_seconds) == 71887.394
    assert (windows.full_screen(), windows.metered(), windows.on_battery()) == (True, True, True)
    assert windows.programs() == {"game", "explorer", "café"}


@pytest.mark.parametrize("told", [SILENT, BROKEN])
def test_what_windows_does_not_say_is_unknown(begin: Begin, told: str) -> None:
    answers = begin(f"{told}\nready 1")
    windows = WindowsAround(answers)
    heard(lambda: answers.ask("ready"))
    assert (windows.idle_seconds(), windows.full_screen(), windows.metered()) == (None, None, None)
    assert (windows.on_battery(), windows.programs()) == (None, None)
    assert answers.ask("ready") == 1


def test_a_helper_that_cannot_be_started_is_tried_again_later(tmp_path: Path) -> None:
    clock, mark = Clock(), tmp_path / "powershell.exe"
    answers = Answers((str(mark),), clock, patience=30.0)
    windows = WindowsAround(answers)
    assert windows.idle_seconds() is None
    mark.write_text(f"#!{sys.executable}\nprint('0 null\\n1 7000', flush=True)\ninput()\ninput()\n")
    mark.chmod(0o755)
    assert windows.idle_seconds() is None
    clock.now += AGAIN_SECONDS
    assert heard(windows.idle_seconds) == 7.0
    answers.close()


def test_a_helper_that_ends_is_started_anew_later(begin: Begin) -> None:
    clock = Clock()
    answers = begin("ready 1\nlast END", clock)
    assert heard(lambda: answers.ask("ready")) == 1
    assert answers.ask("last") is None
    assert answers.ask("ready") is None
    clock.now += AGAIN_SECONDS
    assert heard(lambda: answers.ask("ready")) == 1


def test_a_helper_that_hangs_is_asked_nothing_else_and_then_started_anew(begin: Begin) -> None:
    clock = Clock()
    answers = begin("ready 1\nhang SILENCE", clock, patience=0.3)
    assert heard(lambda: answers.ask("ready")) == 1
    first = running()
    assert answers.ask("hang") is None
    assert answers.ask("ready") is None
    clock.now += AGAIN_SECONDS + 1
    assert answers.ask("ready") is None
    assert running() == []
    assert heard(lambda: answers.ask("ready")) == 1
    assert running() != first


def test_whoever_closes_it_leaves_no_helper_behind(begin: Begin) -> None:
    answers = begin(PLAYING, Clock())
    assert heard(lambda: answers.ask("screen")) == 3
    assert len(running()) == 1
    answers.close()
    answers.close()
    assert running() == []
    assert answers.ask("screen") is None
    assert running() == []


def running() -> list[int]:
    return [one.pid for one in psutil.Process().children() if HELPER in one.cmdline()]


def test_in_windows_linux_the_rules_go_by_what_windows_says(
    begin: Begin, monkeypatch, tmp_path: Path
) -> None:
    windows = WindowsAround(begin(PLAYING))
    heard(windows.idle_seconds)
    monkeypatch.setattr(observer, "is_wsl", lambda: True)
    monkeypatch.setattr(observer, "windows_around", lambda: windows)
    machine = Machine(Cpu(), 1 << 30, 1 << 30)
    own = Own(tmp_path, lambda: machine, lambda gpu: True, lambda: (), lambda: 0)
    probes = probes_of_this_computer(own)
    rules = WhenRules(apps=frozenset({"Game.exe"}), free_disk_bytes=0)
    seen = Observer(probes).look(rules)
    assert seen.programs is not None
    assert {"game", psutil.Process().name()} <= seen.programs
    assert [one.rule for one in judge(rules, seen, State()).objections] == [
        Reason.PAUSED_APP_RUNNING,
        Reason.PAUSED_FULL_SCREEN,
        Reason.PAUSED_ON_BATTERY,
        Reason.PAUSED_METERED,
    ]


def test_what_windows_shall_run_arrives_whole() -> None:
    command = helper_command("/here/powershell.exe")
    assert command[0] == "/here/powershell.exe"
    assert SOURCE in base64.b64decode(command[-1]).decode("utf-16-le")
    assert sum(len(part) + 3 for part in command) < 32_767  # what a command line of Windows may have


@pytest.mark.parametrize(
    ("kernel", "wsl"),
    [
        ("5.15.167.4-microsoft-standard-WSL2\n", True),
        ("4.4.0-19041-Microsoft\n", True),
        ("6.1.0-28-amd64\n", False),
        (None, False),
    ],
)
def test_windows_linux_is_known_by_its_kernel(tmp_path: Path, kernel: str | None, wsl: bool) -> None:
    place = tmp_path / "proc/sys/kernel/osrelease"
    if kernel is not None:
        place.parent.mkdir(parents=True)
        place.write_text(kernel)
    assert is_wsl(tmp_path) is wsl


def test_windows_own_shell_is_found_without_its_path(tmp_path: Path) -> None:
    assert power_shell({"PATH": str(tmp_path)}).startswith("/mnt/c/Windows/")
    here = tmp_path / "powershell.exe"
    here.touch(0o755)
    assert power_shell({"PATH": str(tmp_path)}) == str(here)
