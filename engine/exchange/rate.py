"""A rate of bytes that several share: those who wait take turns."""

import asyncio
import time
from collections import deque
from collections.abc import Callable

BURST_SECONDS = 0.25  # of bytes may go at once after a pause


class Bucket:
    """Fills with `rate` bytes each second. Who takes more than is in it leaves a debt: others wait for it."""

    def __init__(self, rate: float, now: float, most: float | None = None) -> None:
        """`most` that it holds; None: what comes in BURST_SECONDS."""
        self._rate = rate
        self._most = self._level = rate * BURST_SECONDS if most is None else most
        self._at = now

    def take(self, amount: int, now: float) -> None:
        self._fill(now)
        self._level -= amount

    def seconds_to_wait(self, now: float, queued: int = 0) -> float:
        """Until something may be taken, after `queued` bytes that others take first; 0: now."""
        self._fill(now)
        return max(0.0, (queued - self._level) / self._rate)

    def _fill(self, now: float) -> None:
        self._level = min(self._most, self._level + self._rate * (now - self._at))
        self._at = now


class RateLimit:
    """At most so many bytes per second, None: any. All who wait get a turn before anybody gets two."""

    def __init__(self, bytes_per_s: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._bucket = None if bytes_per_s is None else Bucket(bytes_per_s, clock())
        self._waiting: dict[str, deque[tuple[int, asyncio.Future[None]]]] = {}  # by who; first is next
        self._timer: asyncio.TimerHandle | None = None

    @property
    def backlog_seconds(self) -> float:
        """How long a newcomer waits, at most."""
        if self._bucket is None:
            return 0.0
        queued = sum(amount for queue in self._waiting.values() for amount, _ in queue)
        return self._bucket.seconds_to_wait(self._clock(), queued)

    async def take(self, who: str, amount: int) -> None:
        """Return when `who` may pass on that many bytes."""
        if self._bucket is None:
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(who, deque()).append((amount, turn))
        self._give_turns(self._bucket)
        await turn

    def give_back(self, amount: int) -> None:
        """So much of what was taken is not passed on after all."""
        if self._bucket is not None:
            self._bucket.take(-amount, self._clock())
            self._give_turns(self._bucket)

    def _give_turns(self, bucket: Bucket) -> None:
        while self._waiting and not bucket.seconds_to_wait(self._clock()):
            amount, turn = self._next()
            if not turn.done():  # else whoever waited was cancelled
                bucket.take(amount, self._clock())
                turn.set_result(None)
        if self._waiting and self._timer is None:
            wait = bucket.seconds_to_wait(self._clock())
            self._timer = asyncio.get_running_loop().call_later(wait, self._wake, bucket)

    def _next(self) -> tuple[int, asyncio.Future[None]]:
        who = next(iter(self._waiting))
        queue = self._waiting.pop(who)
        if len(queue) > 1:
            self._waiting[who] = queue  # behind everybody else
        return queue.popleft()

    def _wake(self, bucket: Bucket) -> None:
        self._timer = None
        self._give_turns(bucket)
