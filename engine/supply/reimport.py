"""Imports lost parts of a model once more, in a process that takes its memory with it."""

from collections.abc import Callable, Collection, Sequence

from engine.exchange.progress import FetchProgress
from engine.transfers.jobs import RefillJob
from engine.transfers.work import WORKER_COMMAND, Work
from engine.weights.imports.progress import Phase
from engine.weights.manifest import Manifest, Part
from engine.weights.store.layer_store import LayerStore
from engine.weights.store.origins import origin_of


class Reimport:
    """From where each model came, as the layer store remembers it."""

    def __init__(self, store: LayerStore, command: Sequence[str] = WORKER_COMMAND) -> None:
        self._store = store
        self._command = command

    async def __call__(
        self, manifest: Manifest, parts: Collection[Part], on_progress: Callable[[FetchProgress], None]
    ) -> bool:
        """Whether the origin is known. Raises BadModelFile, a failure of the source, or StoreError."""
        if origin_of(self._store, manifest.digest) is None:
            return False

        def hear(phase: Phase, done: int, total: int) -> None:
            if phase == "copying":  # what comes before is not counted in bytes
                on_progress(FetchProgress(done, total))

        await Work(self._store.root, refill_of(manifest, parts), hear, self._command).run()
        return True


def refill_of(manifest: Manifest, parts: Collection[Part]) -> RefillJob:
    """The job that imports these parts of the model, and no others."""
    layers = tuple(index for index, part in enumerate(manifest.layers) if part in parts)
    return RefillJob(model=manifest.digest, layers=layers, shell=manifest.shell in parts)
