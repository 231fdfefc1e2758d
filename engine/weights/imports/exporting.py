"""Write a model of the layer store as a folder that any program for Hugging Face models can read."""

import errno
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from torch import Tensor
from transformers import PreTrainedModel
from transformers.core_model_loading import revert_weight_conversion

from engine.api.sentences import said
from engine.errors import BadRequest, DiskFull, Stopped, StoreError, reason_of
from engine.weights.imports.layerwise import SHELL
from engine.weights.imports.progress import UNWATCHED, Cancelled, Progress
from engine.weights.loading import build_skeleton, stack_of
from engine.weights.manifest import Manifest
from engine.weights.sources.folder import INDEX
from engine.weights.store.layer_store import LayerStore
from engine.weights.tensorfile import file_of

_REMARKS = {"format": "pt"}  # some programs read a file only if it says that torch's tensors are in it


def export_model(
    manifest: Manifest,
    store: LayerStore,
    folder: Path,
    progress: Progress = UNWATCHED.progress,
    cancelled: Cancelled = UNWATCHED.cancelled,
) -> None:
    """Write config, files and weights, one file of weights for the shell and one for each layer.

    `from_pretrained` gives the same weights from it. The folder is there whole or not at all.
    Raises BadRequest if there is something already, StoreError or Stopped.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadRequest(said("{folder} is there already: choose a new folder.", folder=folder))
    with store.in_use(manifest.parts()), _written_whole(folder) as partial:
        model = build_skeleton(manifest)
        prefix = stack_of(manifest, model).prefix
        places: dict[str, str] = {}
        for group in _groups(manifest, progress, cancelled):
            tensors = revert_weight_conversion(model, _tensors(manifest, store, group, prefix))
            name = f"model-{group + 2:05}-of-{manifest.n_layers + 1:05}.safetensors"
            places |= dict.fromkeys(tensors, name)
            (partial / name).write_bytes(file_of(tensors, _REMARKS))
        _write_index(partial, places)
        _write_words(manifest, store, model, partial)


def _groups(manifest: Manifest, progress: Progress, cancelled: Cancelled) -> Iterator[int]:
    """The shell and each layer; between them, says how far it is, and stops where that is wanted."""
    parts = {SHELL: manifest.shell, **dict(enumerate(manifest.layers))}
    done, total = 0, sum(part.size for part in parts.values())
    for group, part in parts.items():
        progress("copying", done, total)
        if cancelled():
            raise Stopped(said("The export was stopped."))
        yield group
        done += part.size
    progress("copying", done, total)


def _tensors(manifest: Manifest, store: LayerStore, group: int, prefix: str) -> dict[str, Tensor]:
    """The group's, by the names that they have in the model."""
    if group == SHELL:
        return store.tensors(manifest.shell)
    tensors = store.tensors(manifest.layers[group])
    return {f"{prefix}{group}.{name}": tensor for name, tensor in tensors.items()}


def _write_index(folder: Path, places: dict[str, str]) -> None:
    size = sum(path.stat().st_size for path in folder.iterdir())
    index = {"metadata": {"total_size": size}, "weight_map": places}
    (folder / INDEX).write_text(json.dumps(index, indent=2), "utf-8")


def _write_words(manifest: Manifest, store: LayerStore, model: PreTrainedModel, folder: Path) -> None:
    """Everything but the weights."""
    model.config.save_pretrained(folder)
    if manifest.generation:
        (folder / "generation_config.json").write_text(json.dumps(manifest.generation, indent=2), "utf-8")
    for name, part in manifest.files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(store.read(part))


@contextmanager
def _written_whole(folder: Path) -> Iterator[Path]:
    """A folder beside it that takes its place in the end, or goes."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as beside:
            partial = Path(beside, folder.name)
            partial.mkdir()
            yield partial
            os.replace(partial, folder)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(
                said("The disk of {folder} is full: free some space there, or choose another.", folder=folder)
            ) from error
        raise StoreError(
            said(
                "{folder} cannot be written ({reason}): choose another folder.",
                folder=folder,
                reason=reason_of(error),
            )
        ) from error
