"""Windows, by user32, kernel32 and shell32, through ctypes.

Sources: Microsoft's reference of GetLastInputInfo, GetTickCount and SHQueryUserNotificationState.
"""

import ctypes
from typing import Any

TICK_BITS = 32  # of milliseconds since the start; they begin anew after 49.7 days
BUSY, FULL_SCREEN_GAME, PRESENTATION = 2, 3, 4  # of QUERY_USER_NOTIFICATION_STATE
FILLS_THE_SCREEN = (BUSY, FULL_SCREEN_GAME, PRESENTATION)


class LastInput(ctypes.Structure):
    """LASTINPUTINFO"""

    _fields_ = (("size", ctypes.c_uint32), ("tick", ctypes.c_uint32))


class Windows:
    """`libraries` has user32, kernel32 and shell32, as `ctypes.windll` does."""

    def __init__(self, libraries: Any = None) -> None:
        self._libraries = libraries if libraries is not None else getattr(ctypes, "windll", None)

    def idle_seconds(self) -> float | None:
        last = LastInput(ctypes.sizeof(LastInput), 0)
        if self._libraries is None or not self._libraries.user32.GetLastInputInfo(ctypes.byref(last)):
            return None
        now = self._libraries.kernel32.GetTickCount()
        return float((now - last.tick) % (1 << TICK_BITS)) / 1000

    def metered(self) -> bool | None:
        """Told only through WinRT."""
        return None

    def full_screen(self) -> bool | None:
        state = ctypes.c_int(0)
        if self._libraries is None:
            return None
        if self._libraries.shell32.SHQueryUserNotificationState(ctypes.byref(state)) != 0:
            return None
        return state.value in FILLS_THE_SCREEN

    def close(self) -> None:
        return
