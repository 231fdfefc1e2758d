"""What goes wrong in this window's own code: said in the window instead of being lost."""

import asyncio
import sys
import traceback
from types import TracebackType
from typing import Any

from PySide6.QtCore import QObject, Signal


class OwnFaults(QObject):
    """`happened` carries the traceback. It is printed as before, too."""

    happened = Signal(str)

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        sys.excepthook = self._take
        loop.set_exception_handler(self._take_from_loop)

    def release(self) -> None:
        sys.excepthook = sys.__excepthook__

    def _take(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        if issubclass(kind, Exception):
            self.happened.emit("".join(traceback.format_exception(kind, error, trace)))

    def _take_from_loop(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        loop.default_exception_handler(context)
        if isinstance(error := context.get("exception"), Exception):
            self.happened.emit("".join(traceback.format_exception(error)))
