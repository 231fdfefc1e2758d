"""A device that computes only a share of the time: how long it rests after work. Pure."""

LEAST_REST = 0.002  # seconds: sleeping for less takes much longer than asked for


def taken(busy: float, duty: float) -> float:
    """How much of what a device may compute is taken, 0 … 1. `busy` and `duty`: shares of all time."""
    return min(1.0, busy / duty)


class DutyCycle:
    """Rests are owed until they are long enough to be slept exactly. `share`: above 0, at most 1."""

    def __init__(self, share: float = 1.0) -> None:
        self.share = share
        self._owed = 0.0

    def rest_after(self, busy_seconds: float) -> float:
        """Seconds to rest now; 0: go on at once."""
        self._owed += busy_seconds * (1.0 - self.share) / self.share
        if self._owed < LEAST_REST:
            return 0.0
        rest, self._owed = self._owed, 0.0
        return rest
