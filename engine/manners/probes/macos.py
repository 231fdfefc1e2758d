"""macOS, by its own frameworks, through ctypes.

Sources: Apple's reference of CGEventSourceSecondsSinceLastEventType, and as in `macos_windows`.
"""

import ctypes
from collections.abc import Callable
from typing import Any, TypeVar

from engine.manners.probes.macos_windows import ShownWindows, any_covers

APPLICATION_SERVICES = "/System/Library/Frameworks/ApplicationServices.framework/ApplicationServices"
COMBINED_SESSION = 0  # kCGEventSourceStateCombinedSessionState
ANY_INPUT = 0xFFFFFFFF  # kCGAnyInputEventType

_Answer = TypeVar("_Answer")


class MacOS:
    """`load` opens a framework, as `ctypes.CDLL` does."""

    def __init__(self, load: Any = ctypes.CDLL) -> None:
        self._load = load
        self._services: Any = None
        self._shown: ShownWindows | None = None

    def idle_seconds(self) -> float | None:
        return self._told(_idle_seconds)

    def metered(self) -> bool | None:
        """Told only to programs with a run loop of Apple's Network framework."""
        return None

    def full_screen(self) -> bool | None:
        """None also where it may be so: see `covers`."""
        return self._told(self._full_screen)

    def close(self) -> None:
        return

    def _full_screen(self, services: Any) -> bool | None:
        if self._shown is None:
            self._shown = ShownWindows(services)
        windows, displays = self._shown.windows(), self._shown.displays()
        return any_covers(windows, displays) if windows is not None and displays else None

    def _told(self, ask: Callable[[Any], _Answer | None]) -> _Answer | None:
        try:
            if self._services is None:
                self._services = self._load(APPLICATION_SERVICES)
            return ask(self._services)
        except (OSError, AttributeError):  # a macOS without the framework, or without a function of it
            return None


def _idle_seconds(services: Any) -> float | None:
    ask = services.CGEventSourceSecondsSinceLastEventType
    ask.restype, ask.argtypes = ctypes.c_double, (ctypes.c_int32, ctypes.c_uint32)
    seconds = float(ask(COMBINED_SESSION, ANY_INPUT))
    return seconds if seconds >= 0 else None
