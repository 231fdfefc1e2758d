"""Fetches layers before anybody asks for them: slowly, one at a time, only while layers are being served."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from engine.beside import beside
from engine.duties import until_first_ends
from engine.errors import PartsMissing
from engine.exchange.download import Servers
from engine.supply.prefetch import Layers, next_layers
from engine.supply.supply import PartFetcher, shown
from engine.transfers.board import TransferBoard
from engine.weights.manifest import Manifest, Part
from engine.weights.store.usage import StoreUsage

LOOK_SECONDS = 30.0
WATCH_SECONDS = 0.5  # between two looks whether a fetch may go on
TRIES = 4  # layers that are asked for at one look: nobody may have the first ones

log = logging.getLogger("potluck.supply")


@dataclass(frozen=True)
class Serving:
    """What this computer serves now."""

    manifest: Manifest
    layers: Layers


class AheadStore(Protocol):
    def has(self, part: Part) -> bool: ...

    def usage(self) -> StoreUsage: ...


class FetchAhead:
    """Only into room that is free anyway, and at most as many layers as are served."""

    def __init__(
        self,
        store: AheadStore,
        directory: Servers,
        fetcher: PartFetcher,
        board: TransferBoard,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._store = store
        self._directory = directory
        self._fetcher = fetcher
        self._board = board
        self._look_seconds = look_seconds

    async def run(self, serving: Callable[[], Serving | None]) -> None:
        while True:
            await asyncio.sleep(self._look_seconds)
            now = serving()
            if now is not None:
                await until_first_ends(self._fetch_one(now), _until_changed(serving, now))

    async def _fetch_one(self, now: Serving) -> None:
        """The first layer that would help and that somebody has."""
        try:
            for layer in await self._wanted(now):
                if await self._fetch(now.manifest, layer):
                    return
        except Exception as error:  # whatever it meets, what is served goes on
            log.info("No layer was fetched ahead: %r", error)

    async def _fetch(self, manifest: Manifest, layer: int) -> bool:
        try:
            with shown(self._board, manifest, (manifest.layers[layer],)) as hear:
                await self._fetcher.fetch((manifest.layers[layer],), manifest.digest, hear)
        except PartsMissing:
            return False
        log.info("Layer %d of %s was fetched ahead", layer + 1, manifest.name)
        return True

    async def _wanted(self, now: Serving) -> list[int]:
        manifest, (start, end) = now.manifest, now.layers
        held = {index for index, part in enumerate(manifest.layers) if self._store.has(part)}
        if len(held.difference(range(start, end))) >= end - start:
            return []
        spans = [(record.start, record.end) for record in await self._directory.spans(manifest.digest)]
        order = next_layers(spans, now.layers, held, manifest.n_layers)
        room = await beside(self._room)
        return [layer for layer in order if manifest.layers[layer].size <= room][:TRIES]

    def _room(self) -> int:
        """Bytes that fit without anything being evicted."""
        usage = self._store.usage()
        return min(usage.limit_bytes - usage.total_bytes - usage.partial_bytes, usage.free_disk)


async def _until_changed(serving: Callable[[], Serving | None], now: Serving) -> None:
    """Whoever pauses wants no more to arrive."""
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        if serving() != now:
            return
