"""The model that this computer serves where nobody needs another one: prepared, again after a failure too."""

import asyncio
import dataclasses
import logging
from collections.abc import Awaitable, Callable

from engine.api.sentences import said
from engine.condition import Preparation
from engine.duties import set_or_due
from engine.errors import EngineError, PotluckError
from engine.settings import Settings
from engine.supply.supply import Supply
from engine.weights.manifest import Manifest
from engine.weights.starter import STARTER_NAME
from engine.weights.store.layer_store import LayerStore

TRY_AGAIN_SECONDS = 60.0  # after what nobody expected

log = logging.getLogger("potluck.engine")

Prepare = Callable[[LayerStore, Callable[[int], None]], Awaitable[Manifest]]


class Preparing:
    """`state` is how far it is. Whoever uses the model is told when it is there."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        store: LayerStore,
        supply: Callable[[], Awaitable[Supply]],
        prepare: Prepare,
        use: Callable[[Manifest], Awaitable[None]],
        on_change: Callable[[], object],
    ) -> None:
        """`settings` are those in force; `supply` waits for a swarm; `prepare` makes the starter model."""
        self._settings = settings
        self._store = store
        self._supply = supply
        self._prepare = prepare
        self._use = use
        self._on_change = on_change
        self._again = asyncio.Event()
        self.state = Preparation(settings().host.model or STARTER_NAME)

    def begin_anew(self, model: str | None) -> None:
        """With another model; None: any."""
        self.state = Preparation(model or STARTER_NAME, percent=0)
        self._again.set()

    def try_again(self) -> None:
        """If it has failed."""
        if self.state.failure is not None:
            self.begin_anew(self.state.model)

    async def run(self) -> None:
        while True:
            self._again.clear()
            await set_or_due(self._again, await self._try())

    async def _try(self) -> float | None:
        """Seconds until it is tried again unasked; None: only when asked to."""
        try:
            manifest = await self._find()
            self.state = Preparation(manifest.name, 100, done=True)
            await self._use(manifest)
        except PotluckError as error:
            log.error("The model cannot be prepared: %s", error)
            self._fail(error)
        except Exception as error:  # whatever it is, it is told, and tried again
            log.exception("The model cannot be prepared.")
            self._fail(_unexpected(error))
            return TRY_AGAIN_SECONDS
        return None

    def _fail(self, error: PotluckError) -> None:
        self.state = dataclasses.replace(self.state, failure=error)
        self._on_change()

    async def _find(self) -> Manifest:
        """The one that was asked for, else what the swarm serves, else the starter."""
        settings = self._settings()
        wanted, private = settings.host.model, settings.swarm.private
        if wanted not in (None, STARTER_NAME):
            return self._store.find(wanted) if private else await (await self._supply()).find(wanted)
        others = None if wanted == STARTER_NAME or private else await self._most_served()
        return others or await self._prepare(self._store, self._on_percent)

    async def _most_served(self) -> Manifest | None:
        """None also where nobody describes that model: anybody may claim to serve one."""
        try:
            return await (await self._supply()).most_served()
        except PotluckError as error:
            log.warning("The model that most serve cannot be had: %s", error)
            return None

    def _on_percent(self, percent: int) -> None:
        self.state = dataclasses.replace(self.state, percent=percent)
        self._on_change()


def _unexpected(error: Exception) -> EngineError:
    return EngineError(
        said(
            "The model cannot be prepared ({error}): it is tried again in a minute, or when you press Start.",
            error=repr(error),
        )
    )
