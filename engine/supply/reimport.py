"""Imports what is missing of a model once more, in a process that takes its memory with it."""

from collections.abc import Callable, Sequence

from engine.exchange.progress import FetchProgress
from engine.transfers.jobs import Phase, RefillJob
from engine.transfers.work import WORKER_COMMAND, Work
from engine.weights.manifest import Manifest
from engine.weights.origins import origin_of
from engine.weights.store import LayerStore


class Reimport:
    """From where each model came, as the layer store remembers it."""

    def __init__(self, store: LayerStore, command: Sequence[str] = WORKER_COMMAND) -> None:
        self._store = store
        self._command = command

    async def __call__(self, manifest: Manifest, on_progress: Callable[[FetchProgress], None]) -> bool:
        """Whether the origin is known. Raises BadModelFile, a failure of the source, or StoreError."""
        if origin_of(self._store, manifest.digest) is None:
            return False

        def hear(phase: Phase, done: int, total: int) -> None:
            on_progress(FetchProgress(done, total))

        await Work(self._store.root, RefillJob(model=manifest.digest), hear, self._command).run()
        return True
