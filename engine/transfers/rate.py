"""How fast something goes, from how far it was when."""

from collections import deque

WINDOW = 5.0  # seconds: short enough to follow a change, long enough to be read


class Rate:
    """Bytes per second over the last moments."""

    def __init__(self, window: float = WINDOW) -> None:
        self._window = window
        self._samples: deque[tuple[float, int]] = deque()

    def add(self, now: float, done: int) -> float:
        """Note that `done` bytes are there; gives the rate, 0 while nothing can be said.

        What was there when the work began, as after a resumed import, does not count as fast.
        """
        if self._samples and done < self._samples[-1][1]:
            self._samples.clear()
        self._samples.append((now, done))
        while len(self._samples) > 2 and now - self._samples[1][0] >= self._window:
            self._samples.popleft()
        began, before = self._samples[0]
        return (done - before) / (now - began) if now > began else 0.0
