"""Waking those who wait for something to change, at no cost where nobody does."""

import asyncio
from collections.abc import Callable


class Signal:
    """For one event loop."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    def send(self) -> None:
        """Wake everybody who waits now."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def wait(self) -> None:
        """Until the next `send`."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            await future
        finally:
            if future in self._waiting:  # given up
                self._waiting.remove(future)

    async def until(self, true: Callable[[], bool]) -> None:
        """Looks again after each `send`."""
        while not true():
            await self.wait()
