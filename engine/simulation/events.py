"""Virtual time: what happens next, happens now."""

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

Action = Callable[[], None]


class Timeline:
    """Actions of the same moment run in the order in which they were planned."""

    def __init__(self) -> None:
        self.now = 0.0  # seconds
        self._planned: list[tuple[float, int, Action]] = []
        self._numbers = count()

    def after(self, seconds: float, action: Action) -> None:
        heappush(self._planned, (self.now + seconds, next(self._numbers), action))

    def run(self, until: float) -> None:
        while self._planned and self._planned[0][0] <= until:
            self.now, _, action = heappop(self._planned)
            action()
        self.now = until
