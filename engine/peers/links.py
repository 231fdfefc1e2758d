"""Measurements of the way to a peer, smoothed: the middle one of the last few, until it is too old."""

from collections import deque
from statistics import median

KEPT = 8  # measurements of each kind: one that is off by far does not show, and a change shows after five
LINK_SECONDS = 24 * 3600.0  # lines seldom change
FAILED_LINK_SECONDS = 600.0
MAX_FAILED_LINKS = 4096
MAX_ROUND_TRIP = 10.0  # seconds; what takes longer is no use, and no measurement
MAX_RATE = 1e12  # bytes/s
MIN_TRANSFER = 1 << 15  # bytes; what is smaller is there before the line's rate shows


class Recent:
    """The median of the last measurements, while they are no older than `seconds`.

    Source: Ledlie, Gardner and Seltzer 2007, "Network Coordinates in the Wild", section 4.2 (moving filters).
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._noted: deque[tuple[float, float]] = deque(maxlen=KEPT)  # time, value

    def note(self, value: float, now: float) -> None:
        self._noted.append((now, value))

    def value(self, now: float) -> float | None:
        fresh = [value for at, value in self._noted if now - at <= self._seconds]
        return median(fresh) if fresh else None

    def age(self, now: float) -> float:
        """Seconds since the last measurement; infinite if there is none."""
        return now - self._noted[-1][0] if self._noted else float("inf")


class Link:
    """The way from this computer to a peer."""

    def __init__(self) -> None:
        self.round_trip = Recent(LINK_SECONDS)
        self.bytes_per_s = Recent(LINK_SECONDS)

    def note_round_trip(self, seconds: float, now: float) -> bool:
        """Whether it can be true."""
        plausible = 0 <= seconds <= MAX_ROUND_TRIP  # which NaN is not
        if plausible:
            self.round_trip.note(seconds, now)
        return plausible

    def note_transfer(self, nbytes: int, seconds: float, now: float) -> None:
        if nbytes >= MIN_TRANSFER and seconds > 0:
            self.bytes_per_s.note(min(nbytes / seconds, MAX_RATE), now)


class FailedLinks:
    """Pairs of servers that did not get through to each other lately: at most `most` of them."""

    def __init__(self, most: int = MAX_FAILED_LINKS) -> None:
        self._most = most
        self._failed: dict[tuple[str, str], float] = {}  # sender and receiver -> when, the oldest first

    def note(self, sender: str, receiver: str, now: float) -> None:
        self._failed.pop((sender, receiver), None)
        self._failed[sender, receiver] = now
        while len(self._failed) > self._most:
            del self._failed[next(iter(self._failed))]

    def __contains__(self, link: tuple[str, str]) -> bool:
        return link in self._failed

    def forget_old(self, now: float) -> None:
        while self._failed and now - next(iter(self._failed.values())) > FAILED_LINK_SECONDS:
            del self._failed[next(iter(self._failed))]

    def all(self) -> frozenset[tuple[str, str]]:
        return frozenset(self._failed)
