"""What X tells, by a real X server with a window manager."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from Xlib import X
from Xlib.display import Display
from Xlib.protocol.event import ClientMessage

from engine.manners.probes.bus import Bus
from engine.manners.probes.linux import Linux
from engine.manners.probes.wayland import Compositor
from engine.manners.probes.x11 import XServer
from tests.end_to_end.screen import demand_tools, environ_of, program, x_server
from tests.end_to_end.waiting import until

WINDOW = """
from Xlib import display, X
d = display.Display()
w = d.screen().root.create_window(0, 0, 200, 100, 0, X.CopyFromParent)
w.set_wm_name("a window")
w.map()
d.flush()
while True:
    d.next_event()
"""

SAVER = """
from Xlib import display, X
d = display.Display()
s = d.screen()
size = s.width_in_pixels, s.height_in_pixels
w = s.root.create_window(0, 0, *size, 0, X.CopyFromParent, override_redirect=1)
w.set_wm_name("a screen saver")
w.map()
d.flush()
while True:
    d.next_event()
"""


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    demand_tools()
    with x_server() as name:
        yield name


def xdotool(display: str, *order: str) -> str:
    done = subprocess.run(
        ["xdotool", *order], env=environ_of(display), capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


REMOVE, ADD = 0, 1


def change_state(name: str, window: int, change: int) -> None:
    """Ask the window manager to have a window fill the screen, or not, as programs do."""
    display = Display(name)
    root, state = display.screen().root, display.get_atom("_NET_WM_STATE")
    data = (32, (change, display.get_atom("_NET_WM_STATE_FULLSCREEN"), 0, 0, 0))
    asked = ClientMessage(window=window, client_type=state, data=data)
    root.send_event(asked, event_mask=X.SubstructureRedirectMask | X.SubstructureNotifyMask)
    display.sync()
    display.close()


def test_idle_time_grows_until_somebody_touches_the_computer(display: str) -> None:
    screen = XServer(display)
    xdotool(display, "mousemove", "10", "10")
    first = screen.idle_seconds()
    time.sleep(0.3)
    second = screen.idle_seconds()
    assert first is not None
    assert second is not None
    assert second >= first + 0.2

    def touched() -> bool:
        xdotool(display, "mousemove_relative", "1", "1")
        idle = screen.idle_seconds()
        return idle is not None and idle < second

    until(touched, "a touch is not noticed")
    screen.close()


def test_a_window_that_fills_the_screen(display: str) -> None:
    screen = XServer(display)
    assert screen.full_screen() is None  # without a window manager nobody tells
    environ = environ_of(display)
    with (
        program("openbox", "--sm-disable", environ=environ),
        program(sys.executable, "-c", WINDOW, environ=environ),
    ):
        until(lambda: screen.full_screen() is False, "the window manager says nothing")
        window = int(xdotool(display, "search", "--sync", "--name", "a window"))
        xdotool(display, "windowactivate", "--sync", str(window))
        assert screen.full_screen() is False
        change_state(display, window, ADD)
        until(lambda: screen.full_screen() is True, "nobody sees that the window fills the screen")
        change_state(display, window, REMOVE)
        until(lambda: screen.full_screen() is False, "nobody sees that the window is small again")
    until(lambda: screen.full_screen() is None, "a window manager that has gone still counts")
    screen.close()


def test_a_screen_saver_is_no_application_that_fills_the_screen(display: str) -> None:
    """It comes while nobody is there, past the window manager, as those do that lock the screen."""
    screen, environ = XServer(display), environ_of(display)
    with (
        program("openbox", "--sm-disable", environ=environ),
        program(sys.executable, "-c", SAVER, environ=environ),
    ):
        xdotool(display, "search", "--sync", "--onlyvisible", "--name", "a screen saver")
        until(lambda: screen.full_screen() is False, "the window manager says nothing")
    screen.close()


def test_an_x_server_that_is_not_there_or_has_gone_tells_nothing() -> None:
    assert XServer(None).idle_seconds() is None
    assert XServer(":4711").full_screen() is None
    with x_server() as name:
        screen = XServer(name)
        assert screen.idle_seconds() is not None
    assert screen.idle_seconds() is None
    assert screen.full_screen() is None


def test_under_wayland_x_knows_only_of_its_own_windows(display: str) -> None:
    nobody, nowhere, screen = Compositor(tuple), Bus(None), XServer(display)
    wayland, x11 = (Linux(nowhere, nowhere, nobody, screen, wayland) for wayland in (True, False))
    assert (wayland.idle_seconds(), wayland.full_screen()) == (None, None)
    assert x11.idle_seconds() is not None
    x11.close()
