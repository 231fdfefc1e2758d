"""Which models this computer may serve. Anybody may announce thousands of models: a handful is looked at."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from engine.api.sentences import said
from engine.errors import PotluckError, UnsupportedModel
from engine.supply.choice import most_wanted
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore
from engine.wire.records import SpanRecord

MAX_MODELS = 5  # of other computers
MAX_LAYERS = 512  # of their models: four times what any known one has; deciding takes time by the square
DESCRIBING_SECONDS = 8.0  # that others have to describe a model
IGNORED_SECONDS = 1800.0  # a model that nobody described, or that could not be served

log = logging.getLogger("potluck.giving")


class Swarm(Protocol):
    """See `engine.supply.supply`."""

    async def records(self) -> Sequence[SpanRecord]: ...

    async def find(self, name_or_digest: str) -> Manifest: ...

    async def described(self, record: SpanRecord) -> Manifest: ...


class Alone:
    """A swarm of nobody."""

    def __init__(self, store: LayerStore) -> None:
        self._store = store

    async def records(self) -> Sequence[SpanRecord]:
        return ()

    async def find(self, name_or_digest: str) -> Manifest:
        """Raises UnknownModel."""
        return self._store.find(name_or_digest)

    async def described(self, record: SpanRecord) -> Manifest:
        """Raises UnknownModel."""
        return self._store.manifest(record.model)


class Candidates:
    """Remembers what was described, and what was not: the next models are tried instead."""

    def __init__(
        self, store: LayerStore, wanted: str | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`wanted`: the name or digest of the only model that the owner serves."""
        self._store = store
        self._wanted = wanted
        self._clock = clock
        self._known: dict[str, Manifest] = {}  # by digest
        self._ignored: dict[str, float] = {}  # until when, by digest

    def ignore(self, digest: str) -> None:
        """Look at others' other models for some time, unless the owner wants this one."""
        self._ignored[digest] = self._clock() + IGNORED_SECONDS

    async def among(
        self, swarm: Swarm, records: Sequence[SpanRecord], own: Iterable[str], otherwise: Manifest | None
    ) -> tuple[Manifest, ...]:
        """The model that the owner wants. Without one, those that others serve, and those with digests `own`,
        which this computer serves; where there are none, `otherwise`, or else what the store holds.

        Raises UnknownModel or SwarmError for a wanted model that cannot be had.
        """
        if self._wanted is not None:
            return (await self._named(self._wanted, swarm),)
        served = await self._all_described(swarm, self._most_wanted(records))
        mine = [self._of_store(digest) for digest in own]
        found = {manifest.digest: manifest for manifest in (*served, *mine) if manifest is not None}
        self._known = dict(found)
        if not found:
            found = {manifest.digest: manifest for manifest in self._at_hand(otherwise)}
        return tuple(found.values())

    def _most_wanted(self, records: Iterable[SpanRecord]) -> list[SpanRecord]:
        now = self._clock()
        self._ignored = {digest: until for digest, until in self._ignored.items() if until > now}
        return [record for record in most_wanted(records) if record.model not in self._ignored][:MAX_MODELS]

    async def _named(self, name: str, swarm: Swarm) -> Manifest:
        if name not in self._known:
            self._known[name] = await swarm.find(name)
        return self._known[name]

    async def _all_described(self, swarm: Swarm, records: Iterable[SpanRecord]) -> list[Manifest | None]:
        return await asyncio.gather(*(self._described(swarm, record) for record in records))

    async def _described(self, swarm: Swarm, record: SpanRecord) -> Manifest | None:
        digest = record.model
        if digest in self._known:
            return self._known[digest]
        try:
            async with asyncio.timeout(DESCRIBING_SECONDS):
                return _not_too_deep(await swarm.described(record))
        except (PotluckError, TimeoutError) as error:
            log.info("Nobody describes model %s: %r", digest[:12], error)
            self.ignore(digest)
        return None

    def _of_store(self, digest: str) -> Manifest | None:
        if digest not in self._known:
            try:
                self._known[digest] = self._store.manifest(digest)
            except PotluckError:
                return None
        return self._known[digest]

    def _at_hand(self, otherwise: Manifest | None) -> Sequence[Manifest]:
        return self._store.manifests()[:MAX_MODELS] if otherwise is None else (otherwise,)


def _not_too_deep(manifest: Manifest) -> Manifest:
    if manifest.n_layers > MAX_LAYERS:
        raise UnsupportedModel(
            said(
                "{model} has more than {most} layers: it is left to others.",
                model=manifest.name,
                most=MAX_LAYERS,
            )
        )
    return manifest
