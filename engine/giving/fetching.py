"""Gets the layers that a device is to serve; those that nobody has are asked for again and again."""

import asyncio
import logging
from collections.abc import Callable

from engine.api.sentences import said
from engine.condition import Fetching
from engine.errors import EngineError, HubError, PotluckError, SwarmError
from engine.exchange.progress import FetchProgress
from engine.giving.aim import Aim
from engine.supply.supply import Supply

FETCH_AGAIN_SECONDS = 15.0  # after nobody had the layers: the swarm may change

log = logging.getLogger("potluck.giving")


class LayerFetch:
    """One fetch, as a task that `cancel` ends."""

    def __init__(
        self,
        supply: Supply,
        aim: Aim,
        on_change: Callable[[], None],
        note_rate: Callable[[float], None],
    ) -> None:
        """`note_rate` gets bytes per second, as they come."""
        self.aim = aim
        self.progress: Fetching | None = None
        self.failure: PotluckError | None = None  # why nothing comes at the moment, or at all
        self._supply = supply
        self._on_change = on_change
        self._note_rate = note_rate
        self._task: asyncio.Task[None] | None = None

    @property
    def is_needed(self) -> bool:
        return self._supply.lacks(self.aim.parts)

    @property
    def is_under_way(self) -> bool:
        return self._task is not None and not self._task.done()

    def start(self, when_done: Callable[[], None]) -> None:
        """`when_done` is called once all layers are in the store, unless the fetch is cancelled or fails."""
        self._task = asyncio.create_task(self._run(when_done))

    def cancel(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    async def _run(self, when_done: Callable[[], None]) -> None:
        try:
            while self.is_needed:
                await self._try()
        except Exception as error:  # whatever it is, it is told, and Start tries again
            self._fail(error)
        else:
            if self._task is asyncio.current_task():  # nobody has cancelled it meanwhile
                self._task = self.progress = self.failure = None
                when_done()

    async def _try(self) -> None:
        try:
            await self._supply.get(self.aim.manifest, self.aim.parts, self._on_progress)
        except (SwarmError, HubError) as error:  # waiting may mend it
            log.warning("The layers cannot be fetched: %s", error)
            self.failure = error
            self._on_change()
            await asyncio.sleep(FETCH_AGAIN_SECONDS)

    def _fail(self, error: Exception) -> None:
        known = isinstance(error, PotluckError)
        log.error("The layers cannot be fetched: %s", error, exc_info=None if known else error)
        if self._task is asyncio.current_task():
            self._task = self.progress = None
            self.failure = error if isinstance(error, PotluckError) else _unexpected(error)
            self._on_change()

    def _on_progress(self, progress: FetchProgress) -> None:
        if self._task is None:  # the last word of a fetch that was cancelled
            return
        self.failure = None
        self._note_rate(progress.bytes_per_s)
        self.progress = Fetching(progress.done_bytes, progress.total_bytes, len(progress.peers))
        self._on_change()


def _unexpected(error: Exception) -> EngineError:
    return EngineError(
        said("The layers cannot be fetched ({error}): press Start to try again.", error=repr(error))
    )
