"""What each system tells in its own way. None: it cannot be told."""

import sys
from typing import Protocol


class System(Protocol):
    """Answers within a second or so. Asked by one thread at a time; may keep connections open between."""

    def idle_seconds(self) -> float | None:
        """Since somebody touched keyboard, mouse or screen."""
        ...

    def metered(self) -> bool | None: ...

    def full_screen(self) -> bool | None:
        """Whether the application in front fills the screen."""
        ...

    def close(self) -> None: ...


class SilentSystem:
    """Tells nothing."""

    def idle_seconds(self) -> float | None:
        return None

    def metered(self) -> bool | None:
        return None

    def full_screen(self) -> bool | None:
        return None

    def close(self) -> None:
        return


def this_system() -> System:
    if sys.platform == "linux":
        from engine.manners.probes.linux import Linux

        return Linux.of_this_session()
    if sys.platform == "darwin":
        from engine.manners.probes.macos import MacOS

        return MacOS()
    if sys.platform == "win32":
        from engine.manners.probes.windows import Windows

        return Windows()
    return SilentSystem()
