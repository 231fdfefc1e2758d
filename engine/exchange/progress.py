"""How far a fetch is: plain values, told the time."""

from collections import deque
from dataclasses import dataclass

RATE_SECONDS = 5.0  # the rate is that of the last seconds
FIRST_RATE_SECONDS = 1.0  # what comes at the start counts as if it had taken at least so long


@dataclass(frozen=True)
class FetchProgress:
    done_bytes: int = 0  # what was there already counts as done
    total_bytes: int = 0
    bytes_per_s: float = 0.0
    peers: tuple[str, ...] = ()  # that something is being fetched from now


class Meter:
    """Bytes that arrive, and their rate."""

    def __init__(self, now: float) -> None:
        self._marks = deque([(now, 0)])
        self.nbytes = 0

    def add(self, nbytes: int, now: float) -> None:
        self.nbytes += nbytes
        self._marks.append((now, self.nbytes))
        while len(self._marks) > 2 and self._marks[1][0] <= now - RATE_SECONDS:
            self._marks.popleft()

    def rate(self, now: float) -> float:
        """Bytes per second lately; it falls while nothing arrives."""
        at, before = self._marks[0]
        return (self.nbytes - before) / max(FIRST_RATE_SECONDS, now - at)
