"""How long to wait before the next attempt."""


class Backoff:
    """1 s, 2 s, 4 s … up to `longest`; begins anew after a connection that lasted `settled` seconds."""

    def __init__(self, first: float = 1.0, longest: float = 60.0, settled: float = 30.0) -> None:
        self._first, self._longest, self._settled = first, longest, settled
        self._failures = 0

    def after(self, seconds_connected: float) -> float:
        """Seconds to wait after a connection that lasted so long (0: none came about)."""
        if seconds_connected >= self._settled:
            self.reset()
        wait = min(self._longest, self._first * 2**self._failures)
        self._failures = min(self._failures + 1, 16)
        return wait

    def fresh(self) -> "Backoff":
        """Another one like it."""
        return Backoff(self._first, self._longest, self._settled)

    def reset(self) -> None:
        self._failures = 0
