"""What a page asks of the engine: begun from a click, answered later in the same thread."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from desktop.app_state import sentence_of_error
from engine.errors import PotluckError

_Answer = TypeVar("_Answer")


class Calls(QObject):
    """Runs one page's calls; `failed` carries the sentence of one that did not succeed."""

    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._under_way: set[asyncio.Task[None]] = set()

    def start(
        self, call: Coroutine[Any, Any, _Answer], done: Callable[[_Answer], object] = lambda _: None
    ) -> None:
        """`done` gets the answer; an answer that comes after `close` is dropped."""
        task = asyncio.get_running_loop().create_task(self._run(call, done))
        self._under_way.add(task)  # the loop itself holds tasks weakly
        task.add_done_callback(self._under_way.discard)
        task.add_done_callback(lambda _: call.close())  # given up before it began, it would be missed

    @property
    def busy(self) -> bool:
        return bool(self._under_way)

    def give_up(self) -> None:
        """Whatever has not been answered."""
        for task in self._under_way:
            task.cancel()

    async def close(self) -> None:
        """Give up, and return when all of it has ended."""
        tasks = tuple(self._under_way)
        self.give_up()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, call: Coroutine[Any, Any, _Answer], done: Callable[[_Answer], object]) -> None:
        try:
            answer = await call
        except PotluckError as error:
            self.failed.emit(sentence_of_error(error))
        else:
            done(answer)
