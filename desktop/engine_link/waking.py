"""Notices that the computer has slept: what was connected may be gone then, and nothing has told so."""

import asyncio
import time
from collections.abc import Awaitable, Callable


class Waking:
    """`woke` is awaited after a gap in time, of whichever kind: a clock that was set does no harm."""

    def __init__(
        self,
        woke: Callable[[], Awaitable[object]],
        poll: float = 1.0,
        least: float = 10.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`least`: seconds that are a gap; a busy computer has shorter ones. `clock` goes on in a sleep."""
        self._woke, self._poll, self._least, self._clock = woke, poll, least, clock

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            before = self._clock()
            await asyncio.sleep(self._poll)
            if self._clock() - before > self._poll + self._least:
                await self._woke()
