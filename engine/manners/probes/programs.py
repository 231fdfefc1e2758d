"""Which programs run."""

import sys
import time
from collections.abc import Callable

import psutil

SETTLED_SECONDS = 10.0  # a process that has just been started may still become another program
KERNEL_THREADS = 2  # on Linux: their parent


class Programs:
    """Their names. Only of processes that are new the system has to be asked again."""

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        process: Callable[[int], psutil.Process] = psutil.Process,
    ) -> None:
        """`clock`: seconds since 1970. `process` raises what psutil does."""
        self._clock = clock
        self._process = process
        self._settled: dict[int, str] = {}  # names by process; "": not a program

    def running(self) -> frozenset[str] | None:
        """None: this user may not see them."""
        try:
            pids = psutil.pids()
        except (OSError, psutil.Error):
            return None
        known = self._settled
        settled = {pid: known[pid] for pid in pids if pid in known}
        new = [self._ask(pid, settled) for pid in pids if pid not in known]
        self._settled = settled
        return frozenset(name for name in (*settled.values(), *new) if name)

    def _ask(self, pid: int, settled: dict[int, str]) -> str:
        """Is noted where it will not change."""
        try:
            process = self._process(pid)
            name = _name(process)
            if self._clock() - process.create_time() > SETTLED_SECONDS:
                settled[pid] = name
        except (OSError, psutil.Error):
            return ""
        return name


def _name(process: psutil.Process) -> str:
    if sys.platform == "linux" and KERNEL_THREADS in (process.pid, process.ppid()):
        return ""
    return process.name().encode(errors="replace").decode()  # a program may call itself any bytes
