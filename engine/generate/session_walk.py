"""From a thread that computes to a swarm session that lives in the event loop, and back."""

import asyncio
import concurrent.futures
from collections.abc import Callable
from functools import partial

from torch import Tensor

from engine.errors import Stopped
from engine.model.extras import StepExtras
from engine.route.session import SwarmSession

_STOPPED = "The answer was stopped."


class SessionWalk:
    """Made in the event loop, called in a thread; it ends at once when it is told to stop."""

    def __init__(self, session: SwarmSession) -> None:
        self._session = session
        self._loop = asyncio.get_running_loop()
        self._stop: concurrent.futures.Future[None] = concurrent.futures.Future()

    def __call__(self, hidden: Tensor, position: int, extras: StepExtras | None = None) -> Tensor:
        """`[1, tokens, hidden]` through the swarm. Raises Stopped as soon as the run is to end."""
        return self.begin(hidden, position, extras)()

    def begin(self, hidden: Tensor, position: int, extras: StepExtras | None = None) -> Callable[[], Tensor]:
        """Send `[1, tokens, hidden]`; what is returned waits for what comes back. Both raise Stopped."""
        if self.is_stopped:
            raise Stopped(_STOPPED)
        step = asyncio.run_coroutine_threadsafe(self._session.step(hidden[0], position, extras), self._loop)
        return partial(self._wait, step)

    def _wait(self, step: "concurrent.futures.Future[Tensor]") -> Tensor:
        concurrent.futures.wait([step, self._stop], return_when=concurrent.futures.FIRST_COMPLETED)
        if not step.done():
            raise Stopped(_STOPPED)
        return step.result()[None]

    @property
    def is_stopped(self) -> bool:
        return self._stop.done()

    def stop(self) -> None:
        """A step that is under way ends by itself; the session's next one waits for it."""
        if not self._stop.done():
            self._stop.set_result(None)
