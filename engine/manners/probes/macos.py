"""macOS, by its own frameworks, through ctypes.

Sources: Apple's reference of Core Graphics' CGEventSourceSecondsSinceLastEventType and
CGWindowListCopyWindowInfo.
"""

import ctypes
from typing import Any

APPLICATION_SERVICES = "/System/Library/Frameworks/ApplicationServices.framework/ApplicationServices"
COMBINED_SESSION = 0  # kCGEventSourceStateCombinedSessionState
ANY_INPUT = 0xFFFFFFFF  # kCGAnyInputEventType


class MacOS:
    """`load` opens a framework, as `ctypes.CDLL` does."""

    def __init__(self, load: Any = ctypes.CDLL) -> None:
        self._load = load
        self._services: Any = None

    def idle_seconds(self) -> float | None:
        try:
            ask = self._framework().CGEventSourceSecondsSinceLastEventType
        except (OSError, AttributeError):
            return None
        ask.restype, ask.argtypes = ctypes.c_double, (ctypes.c_int32, ctypes.c_uint32)
        seconds = float(ask(COMBINED_SESSION, ANY_INPUT))
        return seconds if seconds >= 0 else None

    def metered(self) -> bool | None:
        """Told only to programs with a run loop of Apple's Network framework."""
        return None

    def full_screen(self) -> bool | None:
        """Told only to programs that may record the screen."""
        return None

    def close(self) -> None:
        return

    def _framework(self) -> Any:
        if self._services is None:
            self._services = self._load(APPLICATION_SERVICES)
        return self._services
