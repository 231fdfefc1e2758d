"""A screen of its own with a window manager and a tray, and the hand on its mouse and keyboard."""

import os
import runpy
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.end_to_end.waiting import until

TOOLS = ("Xvfb", "openbox", "trayer", "xdotool")
NEEDS = Path(__file__).resolve().parents[2] / "packaging" / "needs.py"
SIZE = "1280x900x24"


class Screen:
    def __init__(self, display: str) -> None:
        self.environ = environ_of(display)

    def click(self, x: int, y: int, button: int = 1) -> None:
        self._xdotool("mousemove", str(x), str(y), "click", str(button))

    def write(self, text: str) -> None:
        self._xdotool("type", "--delay", "5", text)

    def press(self, key: str) -> None:
        """A key or a chord in xdotool's words: `Return`, `ctrl+q`."""
        self._xdotool("key", key)

    def shows_window_of(self, window_class: str) -> bool:
        return self._xdotool("search", "--class", window_class, check=False) != ""

    def _xdotool(self, *order: str, check: bool = True) -> str:
        done = subprocess.run(
            ["xdotool", *order], env=self.environ, check=check, capture_output=True, text=True, timeout=60
        )
        return done.stdout


def environ_of(display: str) -> dict[str, str]:
    """This screen and no other, and no message bus: what is tested is the tray that X itself has."""
    others = ("WAYLAND_DISPLAY", "XAUTHORITY", "DESKTOP_SESSION", "XDG_CURRENT_DESKTOP")
    kept = {name: value for name, value in os.environ.items() if name not in others}
    own = {"DISPLAY": display, "DBUS_SESSION_BUS_ADDRESS": "disabled:", "QT_QPA_PLATFORM": "xcb"}
    return {**kept, **own}


def demand_tools() -> None:
    """Fails the test with what to install."""
    needs = runpy.run_path(str(NEEDS))
    packages = needs["missing_packages"]({tool: needs["DISPLAY_TOOLS"][tool] for tool in TOOLS}, shutil.which)
    if packages:
        advice = needs["apt_advice"](packages, shutil.which("apt-get") is not None)
        pytest.fail(f"The end-to-end tests need a screen of their own. {advice}", pytrace=False)


@contextmanager
def own_screen(home: Path) -> Iterator[Screen]:
    """`home` is where its programs keep what they keep."""
    demand_tools()
    with ExitStack() as stack:
        screen = Screen(stack.enter_context(x_server()))
        environ = {**screen.environ, "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
        stack.enter_context(program("openbox", "--sm-disable", environ=environ))
        tray = ("--edge", "bottom", "--align", "right", "--widthtype", "request", "--height", "24")
        stack.enter_context(program("trayer", *tray, environ=environ))
        until(lambda: screen.shows_window_of("trayer"), "the tray host has no window")
        yield screen


@contextmanager
def x_server() -> Iterator[str]:
    """The name of its display, a free one."""
    read, write = os.pipe()
    options = ("-displayfd", str(write), "-screen", "0", SIZE, "-nolisten", "tcp", "-noreset")
    with os.fdopen(read) as told, program("Xvfb", *options, environ=os.environ, keep_open=(write,)):
        os.close(write)
        number = told.readline().strip()
        assert number, "Xvfb ended before it had a display"
        yield f":{number}"


@contextmanager
def program(
    *command: str, environ: Mapping[str, str], keep_open: tuple[int, ...] = ()
) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(
        command, env=environ, pass_fds=keep_open, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        try:
            yield running
        finally:
            running.kill()
