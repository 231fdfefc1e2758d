"""Windows, by user32, kernel32, shell32 and the Network List Manager, through ctypes.

Sources: Microsoft's reference of GetLastInputInfo, GetTickCount, ProcessIdToSessionId,
SHQueryUserNotificationState and INetworkCostManager. Whatever a Windows lacks or refuses is not told.
"""

import ctypes
import os
from collections.abc import Callable
from typing import Any, TypeVar

from engine.manners.probes.network_cost import network_cost
from engine.manners.probes.windows_codes import TICK_BITS, fills_the_screen, is_metered

_Answer = TypeVar("_Answer")


class LastInput(ctypes.Structure):
    """LASTINPUTINFO"""

    _fields_ = (("size", ctypes.c_uint32), ("tick", ctypes.c_uint32))


class Windows:
    """`libraries` has user32, kernel32, shell32 and ole32, as `ctypes.windll` does."""

    def __init__(self, libraries: Any = None) -> None:
        self._libraries = libraries if libraries is not None else getattr(ctypes, "windll", None)

    def idle_seconds(self) -> float | None:
        return self._told(_idle_seconds)

    def metered(self) -> bool | None:
        cost = self._told(lambda libraries: network_cost(libraries.ole32))
        return None if cost is None else is_metered(cost)

    def full_screen(self) -> bool | None:
        state = self._told(_notification_state)
        return None if state is None else fills_the_screen(state)

    def close(self) -> None:
        return

    def _told(self, ask: Callable[[Any], _Answer | None]) -> _Answer | None:
        try:
            return ask(self._libraries)
        except (AttributeError, OSError, ValueError):  # no such library or function, or one that crashed
            return None


def _idle_seconds(libraries: Any) -> float | None:
    last = LastInput(ctypes.sizeof(LastInput), 0)
    if _is_among_services(libraries.kernel32) or not libraries.user32.GetLastInputInfo(ctypes.byref(last)):
        return None
    return float((libraries.kernel32.GetTickCount() - last.tick) % (1 << TICK_BITS)) / 1000


def _notification_state(libraries: Any) -> int | None:
    state = ctypes.c_int(0)
    if _is_among_services(libraries.kernel32):
        return None
    refused = libraries.shell32.SHQueryUserNotificationState(ctypes.byref(state))
    return None if refused else state.value


def _is_among_services(kernel32: Any) -> bool:
    """In session 0, from where what the owner does is not seen. So it is taken where nobody tells."""
    session = ctypes.c_uint32(0)
    return not kernel32.ProcessIdToSessionId(os.getpid(), ctypes.byref(session)) or session.value == 0
