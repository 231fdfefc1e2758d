"""The short time between saying what may be served and deciding it: one task for each device."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from typing import Any

Settle = Callable[[str], Coroutine[Any, Any, None]]


class Settling:
    """`settle(place)` runs once for each device that is begun with, until it ends or is stopped."""

    def __init__(self, settle: Settle) -> None:
        self._settle = settle
        self._tasks: dict[str, asyncio.Task[None]] = {}  # by device key

    def begin(self, place: str) -> None:
        if place not in self._tasks:
            task = self._tasks[place] = asyncio.create_task(self._settle(place))
            task.add_done_callback(lambda _: self._forget(place, task))

    def stop(self) -> None:
        self.keep_only(())

    def keep_only(self, places: Collection[str]) -> None:
        for place in self._tasks.keys() - set(places):
            self._tasks.pop(place).cancel()

    def _forget(self, place: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(place) is task:
            del self._tasks[place]
