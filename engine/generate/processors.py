"""A model's own processor: from a chat with pictures to what the model takes."""

import json
from pathlib import Path

from transformers import PretrainedConfig, ProcessorMixin
from transformers.models.auto.processing_auto import PROCESSOR_MAPPING, processor_class_from_name

from engine.api.sentences import said
from engine.errors import UnsupportedModel
from engine.weights.loading import build_config, first_line, written_files
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore

_NAMED_IN = ("processor_config.json", "preprocessor_config.json", "tokenizer_config.json")


def load_processor(manifest: Manifest, store: LayerStore) -> ProcessorMixin:
    """Raises UnsupportedModel."""
    config = build_config(manifest)
    with written_files(manifest, store) as folder:
        config.save_pretrained(folder)  # some processors ask it for the family
        kind = _class_of(folder, config)
        if kind is None:
            raise UnsupportedModel(
                said(
                    "{model} brings no processor for pictures that Potluck knows: leave them out.",
                    model=manifest.name,
                )
            )
        try:
            return for_stills(kind).from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        except Exception as error:
            raise UnsupportedModel(
                said(
                    "{model} cannot see pictures here ({reason}): leave them out.",
                    model=manifest.name,
                    reason=first_line(error),
                )
            ) from error


def _class_of(folder: Path, config: PretrainedConfig) -> type[ProcessorMixin] | None:
    """The class that the files name, if it is one of transformers'; else the one for this family."""
    for name in _NAMED_IN:
        path = folder / name
        named = json.loads(path.read_text("utf-8")).get("processor_class") if path.exists() else None
        if isinstance(named, str) and (kind := processor_class_from_name(named)) is not None:
            return kind
    return PROCESSOR_MAPPING.get(type(config), None)


def for_stills(kind: type[ProcessorMixin]) -> type[ProcessorMixin]:
    """The same processor without its part for videos, which needs packages that Potluck does without."""
    kept = [name for name in kind.get_attributes() if name != "video_processor"]
    if len(kept) == len(kind.get_attributes()):
        return kind
    return type(kind.__name__, (kind,), {"get_attributes": classmethod(lambda _: list(kept))})
