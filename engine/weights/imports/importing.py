"""Cut a model from any source into parts: the same model always gives the same parts and the same digest.

Never much more than one layer, or the shell, is in memory.
"""

from collections.abc import Iterable, Mapping

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from transformers import __version__ as transformers_version
from transformers.utils import logging as transformers_logging

from engine.api.sentences import said
from engine.errors import BadModelFile, UnsupportedModel
from engine.model.matrices import matrix_sizes
from engine.model.stack import LayerStack
from engine.model.trial import CutFacts, check_cut
from engine.weights.imports.copying import Copying
from engine.weights.imports.describing import Description, describe, describe_manifest, describe_model
from engine.weights.imports.layerwise import SHELL, LayerReader, usual_rules
from engine.weights.imports.progress import UNWATCHED, Watch
from engine.weights.loading import config_from, empty_skeleton, materialise_buffers
from engine.weights.manifest import Manifest, Part
from engine.weights.sources.checkpoint import Source
from engine.weights.sources.in_memory import source_of
from engine.weights.sources.opening import open_source
from engine.weights.store.layer_store import LayerStore
from engine.weights.store.origins import Journal, save_origin


def import_from(text: str, store: LayerStore, name: str | None = None, watch: Watch = UNWATCHED) -> Manifest:
    """Keep the model that `open_source` finds by `text`; `name` is for people.

    An import that was stopped or killed goes on where it was. Raises BadModelFile, UnsupportedModel,
    StoreError, a hub's kinds of failure, or Stopped.
    """
    watch.progress("opening", 0, 1)
    with open_source(text) as source:
        return import_source(source, store, name or source.name, watch)


def import_source(source: Source, store: LayerStore, name: str, watch: Watch = UNWATCHED) -> Manifest:
    """Keep the model of an open source. Raises as `import_from` does."""
    transformers_logging.disable_progress_bar()
    manifest = _keep(source, describe(source), store, name, watch)
    save_origin(store, manifest.digest, source.origin)
    return manifest


def import_model(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase | None, name: str, store: LayerStore
) -> Manifest:
    """Keep a loaded model. Raises UnsupportedModel if it cannot be cut into layers, or StoreError."""
    transformers_logging.disable_progress_bar()
    description = describe_model(model, tokenizer)
    _check_rebuilds(description, model)
    return _keep(source_of(model), description, store, name, UNWATCHED)


def refill(
    manifest: Manifest, origin: str, store: LayerStore, groups: Iterable[int], watch: Watch = UNWATCHED
) -> None:
    """Get layers (by index), the shell (SHELL) and missing files of a known model from where it came from.

    Raises as `import_from` does; BadModelFile also if the origin holds another model by now.
    """
    transformers_logging.disable_progress_bar()
    watch.progress("opening", 0, 1)
    with open_source(origin) as source, store.in_use(manifest.parts()) as pin:
        copying = Copying(_reader(source, describe_manifest(manifest)), store, None, pin, watch)
        made = {
            manifest.shell if group == SHELL else manifest.layers[group]: part
            for group, part in copying.parts(groups).items()
        }
        if not all(map(store.has, manifest.files.values())):
            files = describe(source).files
            made |= {part: store.put(files.get(name, b"")) for name, part in manifest.files.items()}
    if any(part != expected for expected, part in made.items()):
        raise BadModelFile(
            said(
                "{source} is not what it was when {model} was imported: import it again.",
                source=source.name,
                model=manifest.name,
            )
        )


def _keep(source: Source, description: Description, store: LayerStore, name: str, watch: Watch) -> Manifest:
    reader = _reader(source, description)
    store.sweep()
    watch.progress("checking", 0, 1)
    facts = check_cut(lambda: _runnable(description, source.name))
    journal = Journal(store, source.key, description.dtype, transformers_version)
    with store.in_use() as pin:
        parts = Copying(reader, store, journal, pin, watch).parts(reader.groups)
        files = {file: store.put(data) for file, data in description.files.items()}
        manifest = _manifest(name, description, reader.stack, parts, files, facts)
        store.save_manifest(manifest)
    journal.close()
    return manifest


def _reader(source: Source, description: Description) -> LayerReader:
    skeleton = _skeleton(description, source.name)
    rules = (source.rules or usual_rules)(skeleton)
    return LayerReader(skeleton, source.checkpoint, rules, _dtype(description), source.name)


def _skeleton(description: Description, name: str) -> PreTrainedModel:
    """As every computer will build it from the manifest; all of it on the meta device."""
    return empty_skeleton(config_from(description.config, name), description.kind, _dtype(description), name)


def _runnable(description: Description, name: str) -> PreTrainedModel:
    skeleton = _skeleton(description, name)
    materialise_buffers(skeleton)
    return skeleton


def _dtype(description: Description) -> torch.dtype:
    dtype: torch.dtype = getattr(torch, description.dtype)
    return dtype


def _manifest(
    name: str,
    description: Description,
    stack: LayerStack,
    parts: Mapping[int, Part],
    files: dict[str, Part],
    facts: CutFacts,
) -> Manifest:
    sizes = [matrix_sizes(layer) for layer in stack.layers]
    return Manifest(
        name=name,
        config=dict(description.config),
        generation=dict(description.generation),
        kind=description.kind,
        context=description.context,
        stack_path=stack.path,
        files=files,
        shell=parts[SHELL],
        layers=tuple(part for group, part in sorted(parts.items()) if group != SHELL),
        cache_values=facts.cache_values,
        matrix_values=tuple(size.values for size in sizes),
        matrix_rows=tuple(size.rows for size in sizes),
        dtype=description.dtype,
    )


def _check_rebuilds(description: Description, model: PreTrainedModel) -> None:
    """What is stored must be enough to build the same model again, on any computer."""
    name = type(model).__name__
    skeleton = _skeleton(description, name)
    if type(skeleton) is not type(model) or skeleton.state_dict().keys() != model.state_dict().keys():
        raise UnsupportedModel(
            said("{name} cannot be rebuilt from its config: Potluck cannot share it.", name=name)
        )
