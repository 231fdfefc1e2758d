"""The one thread that owns the device."""

import threading
from collections.abc import Callable
from queue import SimpleQueue

Job = Callable[[], None]


class DeviceThread:
    """Runs jobs one after another, in the order in which they came. A job handles its own failures."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        threading.Thread(target=self._work, name="device", daemon=True).start()

    def submit(self, job: Job) -> None:
        self._jobs.put(job)

    def close(self) -> None:
        """End the thread after the job that runs."""
        self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
