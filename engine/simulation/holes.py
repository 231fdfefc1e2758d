"""When a model was whole, and how long it was not."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Gap:
    """A time in which some layer had no server online. Seconds."""

    since: float
    seconds: float


class Holes:
    """Of one model; times in seconds."""

    def __init__(self, n_layers: int) -> None:
        self.whole_first: float | None = None
        self._holders = np.zeros(n_layers, dtype=np.int64)
        self._torn_at: float | None = None

    def come(self, start: int, end: int, now: float) -> Gap | None:
        """A server is online with layers [start, end). The gap that this ends, or None."""
        self._holders[start:end] += 1
        if not self._holders.all():
            return None
        if self.whole_first is None:
            self.whole_first = now
        since, self._torn_at = self._torn_at, None
        return None if since is None else Gap(since, now - since)

    def go(self, start: int, end: int, now: float) -> None:
        """It is no longer."""
        was_whole = self._holders.all()
        self._holders[start:end] -= 1
        if was_whole and not self._holders.all():
            self._torn_at = now
