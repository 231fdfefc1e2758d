"""What a block server could do for many at once, and how much of its device is in use. Pure.

A forward of several rows lasts as long as one of a single row, and so much more for each further row. Both
are seen in the forwards that the device does, so that a server with little to do is not taken for a slow one.
"""

from collections import deque

from engine.machine.speeds import MANY_SESSIONS

USUAL_TOKENS = 2048  # that a session holds: half of a long one
DEVICE_SECONDS = 60.0  # of shared forwards, after which what was seen before them counts half
ESTIMATE_ROWS = 512.0  # that an estimate counts for: it is one in words, work is one in deeds
SHOWN_SECONDS = 2.0  # of work, before it says more than an estimate
SINGLE_SHARE = 0.1  # of the latest forward of one row in the usual one
BUSY_SECONDS = 60.0  # that the share of is told


def usual_rows(cache_tokens: int, context: int) -> int:
    """Of a forward, when as many sessions ask at once as the cache has room for, but no more than usual."""
    each = min(context // 2, USUAL_TOKENS)
    return min(max(cache_tokens // max(each, 1), 1), MANY_SESSIONS)


class Throughput:
    """Tokens per second through the whole span.

    `full_rows`: of a forward when as many sessions as it takes ask at once; 1 where they share none.
    `step_seconds`: of a forward of one row. `estimate`: tokens per second, before any work; 0: none.
    """

    def __init__(self, full_rows: int, step_seconds: float, estimate: float = 0.0) -> None:
        self._full_rows = full_rows
        self._single = step_seconds
        self._rows = ESTIMATE_ROWS if estimate > 0 and full_rows > 1 else 0.0  # beyond the first of a forward
        self._seconds = self._rows * self._row_seconds_at(estimate)  # that these took
        self._worked = 0.0  # seconds of all forwards

    def _row_seconds_at(self, estimate: float) -> float:
        if self._rows == 0:
            return 0.0
        row = (self._full_rows / estimate - self._single) / (self._full_rows - 1)
        return min(max(row, 0.0), self._single)

    def note(self, rows: int, seconds: float) -> None:
        """A forward of so many rows through the whole span."""
        self._worked += seconds
        if rows == 1:
            self._single += SINGLE_SHARE * (seconds - self._single)
            return
        kept = 0.5 ** (seconds / DEVICE_SECONDS)
        self._rows = self._rows * kept + rows - 1
        self._seconds = self._seconds * kept + max(seconds - self._single, 0.0)

    @property
    def tokens_per_s(self) -> float:
        """With full forwards, one after another; 0 if nothing is known."""
        row = self._seconds / self._rows if self._rows > 0 else self._single
        seconds = self._single + (self._full_rows - 1) * row
        return self._full_rows / seconds if seconds > 0 else 0.0

    @property
    def shown_tokens_per_s(self) -> float:
        """The same; 0 until there was work enough to show it."""
        return self.tokens_per_s if self._worked >= SHOWN_SECONDS else 0.0


class BusyShare:
    """Of the last minute."""

    def __init__(self) -> None:
        self._noted: deque[tuple[float, float]] = deque()  # when, and what was told

    def note(self, busy_seconds: float, now: float) -> None:
        """How long the device has computed in all; every few seconds."""
        self._noted.append((now, busy_seconds))
        while len(self._noted) > 2 and self._noted[0][0] < now - BUSY_SECONDS:
            self._noted.popleft()

    @property
    def value(self) -> float:
        """0 … 1"""
        if len(self._noted) < 2:
            return 0.0
        (then, before), (now, busy) = self._noted[0], self._noted[-1]
        return min(max((busy - before) / (now - then), 0.0), 1.0) if now > then else 0.0
