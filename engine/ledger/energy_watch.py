"""Reads the meters now and then while something is served, and has the ledger count what they say."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from engine.api.schema import Given, ServerStatus
from engine.ledger.energy import Reading, energy_between, reading_of, served_by
from engine.machine.facts import Machine

INTERVAL = 15.0  # seconds between two readings
MAX_INTERVAL = 60.0  # a longer one is no measurement: the computer slept

log = logging.getLogger("potluck.ledger")


class EnergyWatch:
    def __init__(
        self,
        read_machine: Callable[[], Machine],
        servers: Callable[[], Sequence[ServerStatus]],
        count: Callable[[Given], None],
        interval: float = INTERVAL,
        clock: Callable[[], float] = time.monotonic,
        see: Callable[[Machine | None], object] = lambda _: None,
    ) -> None:
        """`see` gets what was read, for whoever shows it; None while nothing is served."""
        self._see = see
        self._read_machine, self._servers, self._count = read_machine, servers, count
        self._interval, self._clock = interval, clock
        self._last: Reading | None = None

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(self._interval)
            try:
                await self._look()
            except Exception as error:  # whatever a driver does, the rest is counted
                log.warning("The energy that was taken cannot be read: %r", error)
                self._last = None

    async def _look(self) -> None:
        serving = served_by(self._servers())
        if not serving:
            self._last = None
            self._see(None)
            return
        machine = await asyncio.to_thread(self._read_machine)
        self._see(machine)
        last, self._last = self._last, reading_of(machine, self._clock())
        if last is not None and self._last.at - last.at <= MAX_INTERVAL:
            self._count(energy_between(last, self._last, serving, machine))
