"""The running desktop: seen through its own eyes, touched only through the screen."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from engine.api.run_file import RunFile, read_run_file
from engine.errors import NotRunning
from engine.settings import Paths
from tests.end_to_end.screen import Screen
from tests.end_to_end.waiting import until

TRAY_ICON = "QSystemTrayIconSys"  # Qt's own name for it
PICTURES = "POTLUCK_SCREENSHOTS"  # environment: a folder that gets a picture of each scene


@dataclass(frozen=True)
class Part:
    """Something that can be seen, with the place to click on."""

    name: str
    text: str
    enabled: bool
    x: int
    y: int


class App:
    """`errors` has what it wrote to standard error."""

    def __init__(self, process: "subprocess.Popen[str]", screen: Screen, paths: Paths, errors: Path) -> None:
        self.process, self.screen, self.paths, self.errors = process, screen, paths, errors

    def look(self) -> list[Part]:
        return [Part(**shown) for shown in self._ask("look")]

    def texts(self, name: str) -> list[str]:
        """Of all visible parts of that name."""
        return [part.text for part in self.look() if part.name == name]

    def see(self, name: str) -> Part:
        """The last part of that name, once it is there, can be used and stays in its place."""
        before: list[Part] = []

        def find() -> Part | None:
            nonlocal before
            last, before = before, [p for p in self.look() if p.name == name and p.enabled]
            return before[-1] if before and before == last else None

        return until(find, f"{name} cannot be used")

    def sees(self, name: str, beginning: str = "") -> str:
        """The text of a visible part of that name that begins so, once there is one."""
        return until(
            lambda: next((text for text in self.texts(name) if text.startswith(beginning) and text), None),
            f"{name} does not say “{beginning}…”",
        )

    def says(self, name: str, text: str) -> None:
        """Once a visible part of that name says just that."""
        until(lambda: text in self.texts(name), f"{name} does not say “{text}”")

    def click(self, name: str, button: int = 1) -> None:
        part = self.see(name)
        self.screen.click(part.x, part.y, button)

    def choose_in_tray(self, *names: str) -> None:
        """Open the tray's menu and click on an entry, or on one after the other."""
        self.click(TRAY_ICON, button=3)
        for name in names:
            self.click(name)

    def say(self, text: str) -> None:
        """Write to the model and press Enter."""
        self.write(text)
        self.screen.press("Return")

    def write(self, text: str) -> None:
        self.click("composerText")
        self.screen.write(text)
        self.sees("composerText", text)

    def picture(self, scene: str) -> None:
        folder = os.environ.get(PICTURES)
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self._ask(f"grab {Path(folder, scene).absolute()}.png")

    @property
    def engine(self) -> RunFile | None:
        with suppress(NotRunning):
            return read_run_file(self.paths.run_file)
        return None

    def _ask(self, request: str) -> list[dict[str, str | int | bool]]:
        assert self.process.stdin
        assert self.process.stdout
        print(request, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        assert answer, "The desktop has ended"
        return json.loads(answer)


@contextmanager
def running_app(screen: Screen, paths: Paths, errors: Path) -> Iterator[App]:
    """Nothing that it started outlives this."""
    home = paths.data.parent
    with (
        errors.open("w") as stderr,
        subprocess.Popen(
            [sys.executable, "-m", "tests.end_to_end.observed"],
            env={**screen.environ, "POTLUCK_HOME": str(home)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as process,
    ):
        try:
            yield App(process, screen, paths, errors)
        finally:
            end_all_of(home)


def all_of(home: Path) -> list[psutil.Process]:
    """Every process of this Potluck: the variable that names its home is handed down to all."""
    return [each for each in psutil.process_iter() if _home_of(each) == str(home)]


def _home_of(process: psutil.Process) -> str | None:
    with suppress(psutil.Error):
        return process.environ().get("POTLUCK_HOME")
    return None


def end_all_of(home: Path) -> None:
    while left := all_of(home):
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(left, timeout=10)
