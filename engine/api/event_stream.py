"""The state as a stream: a snapshot, then what changed; a slow reader skips states and is never behind."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any

from engine.api.schema import Event, Snapshot
from engine.api.sentences import WITH_TEMPLATES
from engine.api.sse import KEEP_ALIVE, json_event

MIN_INTERVAL = 0.2  # seconds between two events to one reader
KEEP_ALIVE_INTERVAL = 5.0  # seconds


def changed_fields(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The top-level fields whose value is another one, or new."""
    return {name: value for name, value in after.items() if name not in before or before[name] != value}


class SnapshotFeed:
    """The newest snapshot, and any number of readers that follow it. Each holds one state, never a queue."""

    def __init__(
        self,
        first: Snapshot,
        min_interval: float = MIN_INTERVAL,
        keep_alive: float = KEEP_ALIVE_INTERVAL,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._current = first
        self._changed = asyncio.Event()
        self._closed = False
        self._min_interval = min_interval
        self._keep_alive = keep_alive
        self._clock = clock

    @property
    def current(self) -> Snapshot:
        return self._current

    def publish(self, snapshot: Snapshot) -> None:
        if snapshot != self._current:
            self._current = snapshot
            self._wake_readers()

    def close(self) -> None:
        """End every reader's stream."""
        self._closed = True
        self._wake_readers()

    async def events(self) -> AsyncGenerator[bytes, None]:
        """Server-sent events, as bytes, until the feed is closed."""
        seq, snapshot = 0, self._current
        sent = snapshot.model_dump(mode="json", context=WITH_TEMPLATES)
        yield _encode(Event(seq=seq, type="snapshot", data=sent))
        while not self._closed:
            spoke = self._clock()
            if not await self._newer_than(snapshot):
                yield KEEP_ALIVE
                continue
            await asyncio.sleep(spoke + self._min_interval - self._clock())
            snapshot = self._current
            now = snapshot.model_dump(mode="json", context=WITH_TEMPLATES)
            delta, sent = changed_fields(sent, now), now
            if delta:
                seq += 1
                yield _encode(Event(seq=seq, type="delta", data=delta))

    async def _newer_than(self, snapshot: Snapshot) -> bool:
        """Whether there is something to say before the next keep-alive is due."""
        if self._current is not snapshot or self._closed:
            return True
        try:
            async with asyncio.timeout(self._keep_alive):
                await self._changed.wait()
        except TimeoutError:
            return False
        return True

    def _wake_readers(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _encode(event: Event) -> bytes:
    return json_event(event.model_dump(mode="json"))
