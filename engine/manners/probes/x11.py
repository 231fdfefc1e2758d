"""What an X server tells: since when nobody touched it, and whether the window in front fills the screen.

Sources: the X protocol's MIT-SCREEN-SAVER extension; freedesktop.org's Extended Window Manager Hints.
"""

import re
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

AGAIN_SECONDS = 30.0  # before an X server that cannot be reached is tried again

_MANAGER = "_NET_SUPPORTING_WM_CHECK"  # names a window of the window manager's, which names itself

_Answer = TypeVar("_Answer")


class XServer:
    """Connected when first asked. `name` as in DISPLAY; None: there is none."""

    def __init__(self, name: str | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._clock = clock
        self._display: Any = None
        self._not_before = 0.0

    def idle_seconds(self) -> float | None:
        return self._asked(_idle_seconds)

    def full_screen(self) -> bool | None:
        """None also without a window manager that says which window is in front."""
        return self._asked(_full_screen)

    def close(self) -> None:
        from Xlib.error import ConnectionClosedError

        display, self._display = self._display, None
        if display is not None:
            with suppress(ConnectionClosedError, OSError):
                display.close()

    def _asked(self, question: Callable[[Any], _Answer]) -> _Answer | None:
        from Xlib.error import XError

        try:
            return question(self._connected())
        except XError:
            return None
        except (
            Exception
        ):  # Xlib raises many kinds when there is no server, or one that it does not understand
            self.close()
            return None

    def _connected(self) -> Any:
        from Xlib.display import Display

        if self._display is None:
            if not self._name or self._clock() < self._not_before:
                raise ConnectionRefusedError
            self._not_before = self._clock() + AGAIN_SECONDS
            _knock(self._name)
            self._display = Display(self._name)
        return self._display


def _knock(name: str) -> None:
    """Raises OSError if nobody listens for a display of this computer: Xlib leaves sockets behind then."""
    if local := re.fullmatch(r"(?:unix)?:(\d+)(?:\.\d+)?", name):
        with socket.socket(socket.AF_UNIX) as door:
            door.connect(f"/tmp/.X11-unix/X{local[1]}")


def _idle_seconds(display: Any) -> float | None:
    if not display.has_extension("MIT-SCREEN-SAVER"):
        return None
    return float(display.screen().root.screensaver_query_info().idle) / 1000


def _full_screen(display: Any) -> bool | None:
    root = display.screen().root
    manager = _values(display, root, _MANAGER)
    if not manager or _of_window(display, manager[0], _MANAGER) != manager:
        return None  # none, or one that has gone and left its mark
    front = _values(display, root, "_NET_ACTIVE_WINDOW")
    if not front or not front[0]:
        return False
    return display.get_atom("_NET_WM_STATE_FULLSCREEN") in _of_window(display, front[0], "_NET_WM_STATE")


def _of_window(display: Any, window: int, name: str) -> list[int]:
    """Nothing of one that has gone."""
    from Xlib.error import BadWindow

    try:
        return _values(display, display.create_resource_object("window", window), name)
    except BadWindow:
        return []


def _values(display: Any, window: Any, name: str) -> list[int]:
    found = window.get_full_property(display.get_atom(name), 0)
    return list(found.value) if found else []
