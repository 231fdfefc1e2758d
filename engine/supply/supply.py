"""Gets what this computer lacks of a model: from the swarm's computers, else from where it was imported."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import psutil

from engine.api.sentences import said
from engine.api.store_schema import TransferKind
from engine.errors import NotEnoughMemory, PartsMissing, PotluckError, UnknownModel, WrongHash
from engine.exchange.progress import FetchProgress
from engine.supply.choice import called, most_wanted
from engine.transfers.board import TransferBoard
from engine.weights.manifest import Manifest, Part
from engine.weights.store.layer_store import LayerStore
from engine.wire.records import SpanRecord

log = logging.getLogger("potluck.supply")

OnProgress = Callable[[FetchProgress], None]
# Imports parts of a model once more from where it came from, and says whether it can. Raises a PotluckError.
Reimport = Callable[[Manifest, Sequence[Part], OnProgress], Awaitable[bool]]


class Models(Protocol):
    """The part of the swarm's directory that tells of models."""

    async def models(self) -> tuple[SpanRecord, ...]: ...


class PartFetcher(Protocol):
    """See `engine.exchange.fetching`."""

    async def manifest(self, digest: str) -> Manifest: ...

    async def fetch(
        self, parts: Sequence[Part], model_digest: str, on_progress: OnProgress | None = None
    ) -> None: ...


class Supply:
    """Models and their parts from wherever they are."""

    def __init__(
        self,
        store: LayerStore,
        directory: Models,
        fetcher: PartFetcher,
        reimport: Reimport,
        board: TransferBoard,
    ) -> None:
        self._store = store
        self._directory = directory
        self._fetcher = fetcher
        self._reimport = reimport
        self._board = board

    # --- models

    async def find(self, name_or_digest: str) -> Manifest:
        """A model of this computer, or else of the swarm. Raises UnknownModel or SwarmError."""
        try:
            return self._store.find(name_or_digest)
        except UnknownModel as unknown:
            record = called(name_or_digest, await self._directory.models())
            if record is None:
                raise unknown
            return await self.described(record)

    async def records(self) -> tuple[SpanRecord, ...]:
        """What everybody serves, or is about to. Raises SwarmError."""
        return await self._directory.models()

    async def most_served(self) -> Manifest | None:
        """The model that most of the swarm's servers give layers of. Raises SwarmError."""
        served = most_wanted(await self._directory.models())
        return await self.described(served[0]) if served else None

    async def described(self, record: SpanRecord) -> Manifest:
        """The record's model, from then on in the store. Raises PartsMissing or StoreError."""
        try:
            return self._store.manifest(record.model)
        except UnknownModel:
            return await self._fetcher.manifest(record.model)

    # --- parts

    def lacks(self, parts: Iterable[Part]) -> bool:
        return any(not self._store.has(part) for part in parts)

    async def get(self, manifest: Manifest, parts: Iterable[Part], on_progress: OnProgress) -> None:
        """Return when the store holds all of these parts of the model.

        Raises PartsMissing if nobody has them and they cannot be imported again, or StoreError.
        """
        lacking = tuple(dict.fromkeys(part for part in parts if not self._store.has(part)))
        if lacking:
            with shown(self._board, manifest, lacking, on_progress) as hear:
                await self._get(manifest, lacking, hear)

    async def whole(self, digest: str, on_progress: OnProgress) -> Manifest:
        """Return when the store holds all of the model with this digest, which is shown elsewhere.

        Raises UnknownModel, SwarmError, PartsMissing or StoreError.
        """
        manifest = await self.find(digest)
        parts = tuple(dict.fromkeys(manifest.parts()))
        with self._store.in_use(parts):
            if lacking := tuple(part for part in parts if not self._store.has(part)):
                await self._get(manifest, lacking, on_progress)
        return manifest

    async def _get(self, manifest: Manifest, lacking: Sequence[Part], on_progress: OnProgress) -> None:
        try:
            await self._fetcher.fetch(lacking, manifest.digest, on_progress)
        except PartsMissing:
            log.info("Nobody in the swarm has all of %s: importing it again", manifest.name)
            if not await self._reimport(manifest, lacking, on_progress) or self.lacks(lacking):
                raise

    async def shell(self, manifest: Manifest, on_progress: OnProgress = lambda _: None) -> None:
        """Return when the store holds what a chat with the model needs on this computer.

        Raises NotEnoughMemory instead of fetching what could never be loaded, and what `get` raises.
        """
        if self.lacks(_shell(manifest)):
            _check_memory(manifest)
        await self.get(manifest, _shell(manifest), on_progress)

    def has_shell(self, digest: str) -> bool:
        """Whether a chat with this model needs nothing from elsewhere but its layers."""
        try:
            return not self.lacks(_shell(self._store.manifest(digest)))
        except (UnknownModel, WrongHash):
            return False


@contextmanager
def shown(
    board: TransferBoard, manifest: Manifest, parts: Sequence[Part], also: OnProgress = lambda _: None
) -> Iterator[OnProgress]:
    """An entry on the board while these parts are on their way, and what takes their progress."""
    entry = board.begin(TransferKind.FETCH, manifest.name, _layers(manifest, parts))

    def hear(progress: FetchProgress) -> None:
        entry.progress(progress.done_bytes, progress.total_bytes, len(progress.peers))
        also(progress)

    try:
        yield hear
        entry.done()
    except PotluckError as error:
        entry.fail(error)
        raise
    finally:
        entry.cancelled()  # if it has not ended otherwise


def _check_memory(manifest: Manifest) -> None:
    free = psutil.virtual_memory().available
    if manifest.shell.size > free:
        raise NotEnoughMemory(
            said(
                "{model} needs {needed:bytes} of memory where it is chatted with, and {free:bytes} "
                "are free here: choose a smaller model, or close other programs.",
                model=manifest.name,
                needed=manifest.shell.size,
                free=free,
            )
        )


def _shell(manifest: Manifest) -> tuple[Part, ...]:
    return (*manifest.files.values(), manifest.shell)


def _layers(manifest: Manifest, parts: Sequence[Part]) -> tuple[int, int] | None:
    """The range of layers that these parts lie in; None: they are of no layer."""
    wanted = set(parts)
    indices = [index for index, part in enumerate(manifest.layers) if part in wanted]
    return (indices[0], indices[-1] + 1) if indices else None
