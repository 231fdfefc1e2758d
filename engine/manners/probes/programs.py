"""Which programs run."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

SETTLED_SECONDS = 10.0  # a process that has just been started may still become another program
KERNEL_THREADS = 2  # on Linux: their parent


@dataclass(frozen=True)
class _Seen:
    name: str  # "": not a program
    first: float  # by the clock


class Programs:
    """Their names. Only of processes that are new the system has to be asked again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[int, _Seen] = {}

    def running(self) -> frozenset[str]:
        now = self._clock()
        self._seen = {pid: self._look_at(pid, now) for pid in psutil.pids()}
        return frozenset(seen.name for seen in self._seen.values() if seen.name)

    def _look_at(self, pid: int, now: float) -> _Seen:
        seen = self._seen.get(pid)
        if seen is not None and now - seen.first > SETTLED_SECONDS:
            return seen
        return _Seen(_name(pid), seen.first if seen else now)


def _name(pid: int) -> str:
    try:
        process = psutil.Process(pid)
        if sys.platform == "linux" and KERNEL_THREADS in (pid, process.ppid()):
            return ""
        return process.name()
    except psutil.Error:
        return ""
