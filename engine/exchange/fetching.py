"""Gets models' descriptions and parts from the servers that the swarm's directory names."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import Any

from engine.api.sentences import said
from engine.beside import beside
from engine.duties import until_first_ends
from engine.errors import BadModelFile, PartsMissing, SwarmError, UnknownModel, WrongHash
from engine.exchange.asking import AskedPeer
from engine.exchange.assembling import PartSink
from engine.exchange.download import Download, FetchSettings, Node, Servers
from engine.exchange.progress import FetchProgress
from engine.exchange.rate import RateLimit
from engine.weights.manifest import Manifest, Part
from engine.wire.records import SpanRecord

__all__ = ["FetchProgress", "FetchSettings", "Fetcher"]

log = logging.getLogger("potluck.exchange")

PROGRESS_SECONDS = 0.25  # between two reports

OnProgress = Callable[[FetchProgress], None]


class Fetcher:
    """Fills `store` from the swarm. Several fetches may run at once; they share the rate."""

    def __init__(self, node: Node, directory: Servers, store: PartSink, settings: FetchSettings) -> None:
        self._node = node
        self._directory = directory
        self._store = store
        self._settings = settings
        self._rate = RateLimit(settings.download_bytes_per_s)

    # --- descriptions

    async def manifest(self, digest: str) -> Manifest:
        """The model with this digest, from then on in the store. Raises PartsMissing or StoreError."""
        try:
            return await beside(self._store.manifest, digest)
        except (UnknownModel, WrongHash):
            found = await self._find_manifest(digest)
        await beside(self._store.save_manifest, found)
        return found

    async def _find_manifest(self, digest: str) -> Manifest:
        began = time.monotonic()
        while True:
            found = await self._ask_for_manifest(digest, await self._directory.spans(digest))
            if found is not None:
                return found
            if time.monotonic() - began >= self._settings.patience_seconds:
                raise PartsMissing(
                    said(
                        "No computer that answers knows model {digest}: try again later.", digest=digest[:12]
                    )
                )
            await asyncio.sleep(self._settings.look_again_seconds)

    async def _ask_for_manifest(self, digest: str, records: Sequence[SpanRecord]) -> Manifest | None:
        for start in range(0, len(records), self._settings.peers):
            at_once = records[start : start + self._settings.peers]
            if (found := await _first(self._manifest_of(record, digest) for record in at_once)) is not None:
                return found
        return None

    async def _manifest_of(self, record: SpanRecord, digest: str) -> Manifest | None:
        """What this server says the model is, if it is right."""
        try:
            async with AskedPeer.dial(self._node, record, digest, self._settings.answer_seconds) as asked:
                manifest = await beside(Manifest.from_json, await asked.manifest())
        except (SwarmError, BadModelFile) as error:
            log.info("%s does not describe model %s: %s", record.peer, digest[:12], error)
            return None
        return manifest if manifest.digest == digest else None

    # --- parts

    async def fetch(
        self, parts: Sequence[Part], model_digest: str, on_progress: OnProgress | None = None
    ) -> None:
        """Return when these parts of the model are in the store; the first ones arrive first.

        What was fetched before a cancellation or a crash is not fetched again. Raises PartsMissing when
        nobody who answers has what is left, StoreError, and ValueError for parts of another model.
        """
        manifest = await self.manifest(model_digest)
        wanted = tuple(dict.fromkeys(parts))
        if not set(wanted) <= set(manifest.parts()):
            raise ValueError(f"these are not parts of {manifest.name}")
        lacking = await beside(self._lacking, wanted)
        here = sum(part.size for part in wanted) - sum(part.size for part in lacking)
        download = Download(
            self._node, self._directory, self._store, self._settings, self._rate, manifest, lacking
        )
        try:
            if lacking:
                await until_first_ends(download.run(), _report_forever(download, here, on_progress))
        finally:
            _report(download, here, on_progress)

    def _lacking(self, parts: Sequence[Part]) -> tuple[Part, ...]:
        return tuple(part for part in parts if not self._store.has(part))


async def _report_forever(download: Download, here: int, on_progress: OnProgress | None) -> None:
    while True:
        _report(download, here, on_progress)
        await asyncio.sleep(PROGRESS_SECONDS)


def _report(download: Download, here: int, on_progress: OnProgress | None) -> None:
    if on_progress is not None:
        own = download.progress
        on_progress(replace(own, done_bytes=own.done_bytes + here, total_bytes=own.total_bytes + here))


async def _first(attempts: Iterable[Coroutine[Any, Any, Manifest | None]]) -> Manifest | None:
    """The first that is not None; the others are cancelled."""
    tasks = [asyncio.create_task(attempt) for attempt in attempts]
    try:
        for ended in asyncio.as_completed(tasks):
            if (found := await ended) is not None:
                return found
        return None
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
