"""Waking those who wait for something to change, without a wake-up for those who do not."""

import asyncio
from collections.abc import Callable


class Signal:
    """For one event loop."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def send(self) -> None:
        """Wake everybody who waits now."""
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self) -> None:
        """Until the next `send`."""
        await self._event.wait()

    async def until(self, true: Callable[[], bool]) -> None:
        """Looks again after each `send`."""
        while not true():
            await self.wait()
