"""When bytes arrive that go over a line, one way: pure, on whatever clock its caller has."""

import random
from dataclasses import dataclass

BACKLOG_SECONDS = 0.25  # of bytes that wait at the line's entrance; then senders are held up
CHUNK_SECONDS = 0.02  # of a slow line that one read takes
SMALLEST_CHUNK = 1 << 10  # bytes
LARGEST_CHUNK = 1 << 16


@dataclass(frozen=True)
class Conditions:
    """How a line is. Each of its two lanes has the delay and the rate for itself."""

    delay_seconds: float = 0.0
    jitter_seconds: float = 0.0  # at most so much is added to the delay; bytes never overtake each other
    bytes_per_s: float | None = None  # None: as fast as this computer
    hangs: bool = False  # bytes wait until it hangs no more
    refuses: bool = False  # new connections are cut at once


class Lane:
    """One direction of a line. All connections that go over it share its rate."""

    def __init__(self, seed: int = 0) -> None:
        self._jitter = random.Random(seed)
        self._free_at = 0.0  # when the bytes before will have gone in
        self._last_arrival = 0.0
        self.bytes = 0  # since the start

    def arrival(self, nbytes: int, now: float, conditions: Conditions) -> float:
        """When `nbytes` that come to the entrance `now` have come out at the other end."""
        self.bytes += nbytes
        seconds = nbytes / conditions.bytes_per_s if conditions.bytes_per_s else 0.0
        self._free_at = max(self._free_at, now) + seconds
        jitter = self._jitter.uniform(0.0, conditions.jitter_seconds)
        arrival = self._free_at + conditions.delay_seconds + jitter
        self._last_arrival = max(self._last_arrival, arrival)
        return self._last_arrival

    def seconds_to_room(self, now: float) -> float:
        """How long a sender is held up before its next bytes."""
        return max(0.0, self._free_at - now - BACKLOG_SECONDS)


def chunk_bytes(conditions: Conditions) -> int:
    """How much to read at a time: little from a slow line, so that connections share it well."""
    if conditions.bytes_per_s is None:
        return LARGEST_CHUNK
    return int(min(LARGEST_CHUNK, max(SMALLEST_CHUNK, conditions.bytes_per_s * CHUNK_SECONDS)))
