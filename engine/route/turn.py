"""Who uses a session's route: one at a time, in the order in which they came."""

import asyncio
from typing import Literal


class Turn(asyncio.Lock):
    """A lock that tells its holder whether others wait."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = 0

    async def acquire(self) -> Literal[True]:
        self._waiting += 1
        try:
            return await super().acquire()
        finally:
            self._waiting -= 1

    @property
    def is_awaited(self) -> bool:
        return self._waiting > 0
