"""Gets the starter model into the layer store, in a process of its own that takes its memory with it."""

from collections.abc import Callable, Sequence

from engine.api.sentences import said
from engine.errors import BadModelFile
from engine.transfers.jobs import StarterJob
from engine.transfers.work import WORKER_COMMAND, Work
from engine.weights.imports.progress import Phase
from engine.weights.manifest import Manifest
from engine.weights.starter import STARTER_NAME, starter_manifest
from engine.weights.store.layer_store import LayerStore

# Percent of the time after which a phase starts.
_STARTS: dict[Phase, int] = {"opening": 10, "checking": 30, "copying": 40}


async def prepare_starter(
    store: LayerStore, on_percent: Callable[[int], None], command: Sequence[str] = WORKER_COMMAND
) -> Manifest:
    """The starter model, complete in the store. Raises BadModelFile, StoreError or EngineError."""
    known = starter_manifest(store)
    if known is None:
        await Work(store.root, StarterJob(), lambda *news: on_percent(percent_of(*news)), command).run()
        known = starter_manifest(store)
    if known is None:
        raise BadModelFile(
            said("{model} was imported, but the layer store does not hold all of it.", model=STARTER_NAME)
        )
    return known


def percent_of(phase: Phase, done: int, total: int) -> int:
    """How far the whole import is."""
    start = _STARTS[phase]
    end = min((other for other in _STARTS.values() if other > start), default=100)
    return start + (end - start) * done // max(total, 1)
