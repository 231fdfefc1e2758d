"""Start, pause, finish: the orders that the Home page and the tray give to the engine."""

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from desktop.engine_link.calls import Calls
from engine.api.schema import DonationOrder

Donate = Callable[[DonationOrder], Coroutine[Any, Any, None]]
HOUR = 3600.0


class Giving(Calls):
    """Sends orders; `failed` carries the sentence when one did not arrive."""

    def __init__(self, donate: Donate, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._donate = donate

    def give(self) -> None:
        self.start(self._donate(DonationOrder(action="start")))

    def pause(self, seconds: float | None = None) -> None:
        """None: until resumed."""
        self.start(self._donate(DonationOrder(action="pause", for_seconds=seconds)))

    def finish(self) -> None:
        """Serve what is in use to its end, then pause."""
        self.start(self._donate(DonationOrder(action="finish")))

    def fill_pause_menu(self, menu: QMenu) -> None:
        for seconds, name, text in (
            (HOUR / 2, "pause30Minutes", self.tr("30 minutes")),
            (HOUR, "pause1Hour", self.tr("1 hour")),
            (3 * HOUR, "pause3Hours", self.tr("3 hours")),
            (None, "pauseUntilResumed", self.tr("Until I resume")),
        ):
            menu.addAction(text, lambda seconds=seconds: self.pause(seconds)).setObjectName(name)
