"""Linux, by its desktops' message buses, by Wayland and by X.

Units and meanings are those of Mutter's IdleMonitor (ms), KDE's ScreenSaver (ms), systemd's login1 (µs since
1970) and NetworkManager's NMMetered.
"""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from engine.manners.probes.bus import Bus
from engine.manners.probes.wayland import Compositor, wayland_sockets
from engine.manners.probes.x11 import XServer

METERED, NOT_METERED = (1, 3), (2, 4)  # said, or guessed by NetworkManager
BEHIND = "online"  # a user who is logged in, while somebody else is at the screen
SYSTEM_BUS = "unix:path=/run/dbus/system_bus_socket"

_MUTTER = ("org.gnome.Mutter.IdleMonitor", "/org/gnome/Mutter/IdleMonitor/Core")
_SCREEN_SAVER = ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver")
_LOGIN_USER = ("org.freedesktop.login1", "/org/freedesktop/login1/user/self", "org.freedesktop.login1.User")
_NETWORK_MANAGER = "org.freedesktop.NetworkManager"


class Linux:
    """`wayland`: the owner sits at a Wayland desktop, of which an X server sees only a part."""

    def __init__(
        self,
        session: Bus,
        system: Bus,
        compositor: Compositor,
        screen: XServer,
        wayland: bool,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._session = session
        self._system = system
        self._compositor = compositor
        self._screen = screen
        self._wayland = wayland
        self._clock = clock

    @classmethod
    def of_this_session(cls, environ: Mapping[str, str] = os.environ) -> "Linux":
        wayland = bool(environ.get("WAYLAND_DISPLAY")) or environ.get("XDG_SESSION_TYPE") == "wayland"
        return cls(
            Bus(session_bus(environ)),
            Bus(environ.get("DBUS_SYSTEM_BUS_ADDRESS", SYSTEM_BUS)),
            Compositor(lambda: wayland_sockets(environ)),
            XServer(environ.get("DISPLAY")),
            wayland,
        )

    def idle_seconds(self) -> float | None:
        """Of the first that knows. An X server under Wayland does not hear of input to other windows, and
        nobody's desktop of input to that of another user, to whom the screen was given."""
        if self._system.property(*_LOGIN_USER, "State") == BEHIND:
            return None
        on_x = () if self._wayland else (self._screen.idle_seconds,)
        on_screen = (self._by_mutter, self._compositor.idle_seconds, *on_x)
        asked = (*on_screen, self._by_screen_saver, self._by_login)
        return next((seconds for ask in asked if (seconds := ask()) is not None), None)

    def metered(self) -> bool | None:
        path = "/org/freedesktop/NetworkManager"
        said = self._system.property(_NETWORK_MANAGER, path, _NETWORK_MANAGER, "Metered")
        return said in METERED if said in METERED + NOT_METERED else None

    def full_screen(self) -> bool | None:
        """Under Wayland an X server knows of its own windows only, games among them."""
        seen = self._screen.full_screen()
        return seen or None if self._wayland else seen

    def close(self) -> None:
        for connection in (self._session, self._system, self._compositor, self._screen):
            connection.close()

    def _by_mutter(self) -> float | None:
        answer = self._session.call(*_MUTTER, "org.gnome.Mutter.IdleMonitor", "GetIdletime")
        return answer[0] / 1000 if answer else None

    def _by_screen_saver(self) -> float | None:
        """Where a desktop means seconds after all, somebody counts as there for longer than they are. None
        for 0, which KDE's always says under Wayland, where it cannot see it."""
        answer = self._session.call(*_SCREEN_SAVER, "org.freedesktop.ScreenSaver", "GetSessionIdleTime")
        return answer[0] / 1000 if answer and answer[0] else None

    def _by_login(self) -> float | None:
        """None where no desktop has ever told it."""
        since = self._system.property(*_LOGIN_USER, "IdleSinceHint")
        if not since:
            return None
        is_idle = self._system.property(*_LOGIN_USER, "IdleHint")
        return max(0.0, self._clock() - since / 1e6) if is_idle else 0.0


def session_bus(environ: Mapping[str, str]) -> str | None:
    """Also for an engine that was started outside of the desktop's session, by the same user."""
    if told := environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return told
    usual = Path(environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}"), "bus")
    return f"unix:path={usual}" if usual.exists() else None
