"""Start, pause, finish: the orders that the Home page and the tray give to the engine."""

import asyncio
from collections.abc import Awaitable, Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu

from desktop.app_state import sentence_of_error
from engine.api.schema import DonationOrder
from engine.errors import PotluckError

Donate = Callable[[DonationOrder], Awaitable[None]]
HOUR = 3600.0


class Giving(QObject):
    """Sends orders; `failed` carries the sentence when one did not arrive."""

    failed = Signal(str)

    def __init__(self, donate: Donate, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._donate = donate
        self._under_way: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self._send(DonationOrder(action="start"))

    def pause(self, seconds: float | None = None) -> None:
        """None: until resumed."""
        self._send(DonationOrder(action="pause", for_seconds=seconds))

    def finish(self) -> None:
        """Serve what is in use to its end, then pause."""
        self._send(DonationOrder(action="finish"))

    def fill_pause_menu(self, menu: QMenu) -> None:
        for seconds, name, text in (
            (HOUR / 2, "pause30Minutes", self.tr("30 minutes")),
            (HOUR, "pause1Hour", self.tr("1 hour")),
            (3 * HOUR, "pause3Hours", self.tr("3 hours")),
            (None, "pauseUntilResumed", self.tr("Until I resume")),
        ):
            menu.addAction(text, lambda seconds=seconds: self.pause(seconds)).setObjectName(name)

    def _send(self, order: DonationOrder) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(order))
        self._under_way.add(task)  # the loop itself holds tasks weakly
        task.add_done_callback(self._under_way.discard)

    async def _deliver(self, order: DonationOrder) -> None:
        try:
            await self._donate(order)
        except PotluckError as error:
            self.failed.emit(sentence_of_error(error))
