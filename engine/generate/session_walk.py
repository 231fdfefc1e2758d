"""From a thread that computes to a swarm session that lives in the event loop, and back."""

import asyncio
import concurrent.futures
import time
from typing import Any

from torch import Tensor

from engine.errors import Stopped
from engine.model.extras import StepExtras
from engine.route.session import SwarmSession

_STOPPED = "The answer was stopped."


class Coming:
    """What comes back of a step. Calling it waits for that; raises Stopped as soon as the run is to end."""

    def __init__(
        self, step: "concurrent.futures.Future[Tensor]", stop: "concurrent.futures.Future[None]"
    ) -> None:
        self._step = step
        self._stop = stop
        self.came_at = 0.0  # by the clock of `time.monotonic`
        step.add_done_callback(self._note)

    def _note(self, _: object) -> None:
        self.came_at = time.monotonic()

    @property
    def is_here(self) -> bool:
        return self._step.done() or self._stop.done()

    def wait(self, other: "concurrent.futures.Future[Any]") -> None:
        """Until it is here, or the other one is done."""
        waited_for = [self._step, self._stop, other]
        concurrent.futures.wait(waited_for, return_when=concurrent.futures.FIRST_COMPLETED)

    def __call__(self) -> Tensor:
        """`[1, tokens, hidden]`"""
        concurrent.futures.wait([self._step, self._stop], return_when=concurrent.futures.FIRST_COMPLETED)
        if not self._step.done():
            raise Stopped(_STOPPED)
        return self._step.result()[None]


class SessionWalk:
    """Made in the event loop, called in a thread; it ends at once when it is told to stop."""

    def __init__(self, session: SwarmSession) -> None:
        self._session = session
        self._loop = asyncio.get_running_loop()
        self._stop: concurrent.futures.Future[None] = concurrent.futures.Future()

    def __call__(self, hidden: Tensor, position: int, extras: StepExtras | None = None) -> Tensor:
        """`[1, tokens, hidden]` through the swarm. Raises Stopped as soon as the run is to end."""
        return self.begin(hidden, position, extras)()

    def begin(self, hidden: Tensor, position: int, extras: StepExtras | None = None) -> Coming:
        """Send `[1, tokens, hidden]`. Raises Stopped."""
        if self.is_stopped:
            raise Stopped(_STOPPED)
        step = asyncio.run_coroutine_threadsafe(self._session.step(hidden[0], position, extras), self._loop)
        return Coming(step, self._stop)

    @property
    def is_stopped(self) -> bool:
        return self._stop.done()

    def stop(self) -> None:
        """A step that is under way ends by itself; the session's next one waits for it."""
        if not self._stop.done():
            self._stop.set_result(None)
