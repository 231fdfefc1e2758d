"""The servers of one model as they were a moment ago, so that a session in need of one does not wait for the
network: that is slow just when a server has died, which others still name as one of the directory's keepers.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable

from engine.wire.records import ServerState, SpanRecord

logger = logging.getLogger("potluck.network")

REFRESH_SECONDS = 3.0
FRESH_SECONDS = 15.0  # whoever asks for more than this waits for the network

Read = Callable[[], Awaitable[Iterable[SpanRecord]]]  # withdrawn records included


class ModelView:
    """Read anew in the background for as long as somebody watches. A record counts until it expires, or until
    its server has published another: also when a look into the directory does not find it again.
    """

    def __init__(self, read: Read) -> None:
        self._read = read
        self._records: dict[str, SpanRecord] = {}  # by peer
        self._read_at = -FRESH_SECONDS
        self._reading: asyncio.Task[None] | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self.watchers = 0

    def open(self) -> None:
        self.watchers += 1
        if self._refreshing is None:
            self._refreshing = asyncio.create_task(self._refresh_forever())

    def close(self) -> None:
        self.watchers -= 1
        if self.watchers == 0:
            for task in (self._refreshing, self._reading):
                if task is not None:
                    task.cancel()

    async def look_up(self) -> tuple[SpanRecord, ...]:
        """At once, if the view is fresh; asking has it read anew, so that whoever asks again sees news."""
        reading = self._start_reading()
        if time.monotonic() - self._read_at > FRESH_SECONDS:
            await asyncio.wait({reading})
        return self._valid()

    def _valid(self) -> tuple[SpanRecord, ...]:
        now = time.time()
        valid = {peer: record for peer, record in self._records.items() if record.expires > now}
        self._records = valid
        return tuple(record for record in valid.values() if record.state is not ServerState.OFFLINE)

    async def _refresh_forever(self) -> None:
        while True:
            await asyncio.wait({self._start_reading()})
            await asyncio.sleep(REFRESH_SECONDS)

    def _start_reading(self) -> asyncio.Task[None]:
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_anew())
        return self._reading

    async def _read_anew(self) -> None:
        try:
            for record in await self._read():
                known = self._records.get(record.peer)
                if known is None or record.expires > known.expires:
                    self._records[record.peer] = record
        except Exception as error:  # the next look may fare better
            logger.warning("The directory cannot be read: %r", error)
        else:
            self._read_at = time.monotonic()


class Watch:
    """One watcher's hold on a view."""

    def __init__(self, view: ModelView) -> None:
        self._view = view
        self._open = True
        view.open()

    async def look_up(self) -> tuple[SpanRecord, ...]:
        """The model's valid records, one per peer. Answered without waiting, but for the first time."""
        return await self._view.look_up()

    def close(self) -> None:
        """Idempotent."""
        if self._open:
            self._open = False
            self._view.close()
