"""The one thread that owns the device."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from typing import TypeVar

from engine.host.duty import DutyCycle

Job = Callable[[], None]
Result = TypeVar("Result")


class DeviceThread:
    """Runs jobs one after another, in the order in which they came. A job handles its own failures."""

    def __init__(self, duty: DutyCycle | None = None) -> None:
        """`duty` says how long it rests after a job; None: not at all."""
        self._duty = duty or DutyCycle()
        self._closed = threading.Event()
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._busy: tuple[float, float | None] = 0.0, None  # seconds of past jobs; since when one runs
        threading.Thread(target=self._work, name="device", daemon=True).start()

    def submit(self, job: Job) -> None:
        self._jobs.put(job)

    async def call(self, job: Callable[[], Result]) -> Result:
        """What a job gives, or raises. Does not end before the job does, even if it is cancelled."""
        done: Future[Result] = Future()
        self.submit(partial(_settle, done, job))
        waiting = asyncio.wrap_future(done)
        try:
            return await asyncio.shield(waiting)
        except asyncio.CancelledError:
            await asyncio.wait([waiting])
            raise

    def close(self) -> None:
        """End the thread after the job that runs."""
        self._closed.set()
        self._jobs.put(None)

    @property
    def busy_seconds(self) -> float:
        """That all jobs took so far, the one that runs included."""
        past, since = self._busy
        return past if since is None else past + time.monotonic() - since

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            before = self._busy[0]
            self._busy = before, time.monotonic()
            job()
            self._busy = self.busy_seconds, None
            if rest := self._duty.rest_after(self._busy[0] - before):
                self._closed.wait(rest)


def _settle(done: "Future[Result]", job: Callable[[], Result]) -> None:
    try:
        done.set_result(job())
    except Exception as error:
        done.set_exception(error)
