"""What a source says of its model apart from the weights, as it goes into a manifest."""

import json
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import torch
from transformers import (
    CONFIG_MAPPING,
    AutoConfig,
    AutoTokenizer,
    GenerationConfig,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from engine.api.sentences import said
from engine.errors import BadModelFile, UnsupportedModel
from engine.model.stack import text_config
from engine.weights.kinds import kind_of
from engine.weights.loading import config_from, empty_skeleton, first_line
from engine.weights.manifest import MAX_CONTEXT, Dtype, Kind, Manifest
from engine.weights.sources.checkpoint import Source
from engine.weights.tensorfile import torch_name

UNSTATED_CONTEXT = 2048  # tokens
# Config classes answer to the first one for most names of their own; the others have no such alias.
_CONTEXT_ATTRIBUTES = ("max_position_embeddings", "max_seq_len", "seq_length", "max_sequence_length", "n_ctx")

# What says where and when a config was made, not what the model is.
_CONFIG_CIRCUMSTANCES = (
    "_name_or_path",
    "_model_name_or_path",
    "transformers_version",
    "quantization_config",
    "auto_map",
)
_GENERATION_CIRCUMSTANCES = ("transformers_version", "_from_model_config")
_TOKENIZER_CIRCUMSTANCES = ("name_or_path", "is_local", "local_files_only", "auto_map")

# Kept as they are, by kind, where a source has them.
_OTHER_FILES: dict[Kind, tuple[str, ...]] = {
    "causal": (),
    "encoder": (
        "modules.json",
        "1_Pooling/config.json",
        "sentence_bert_config.json",
        "config_sentence_transformers.json",
    ),
    "image_text": (
        "processor_config.json",
        "preprocessor_config.json",
        "video_preprocessor_config.json",
        "chat_template.json",
        "chat_template.jinja",
    ),
}


@dataclass(frozen=True)
class Description:
    """What a manifest says that is known before the weights are read."""

    config: Mapping[str, Any]  # with `architectures`
    generation: Mapping[str, Any]
    kind: Kind
    dtype: Dtype
    context: int  # tokens
    files: Mapping[str, bytes]


def describe(source: Source) -> Description:
    """Raises BadModelFile or UnsupportedModel."""
    config = _config_of(source)
    kind, dtype = kind_of(config), _dtype_of(config, source)
    config.dtype = getattr(torch, dtype)
    model = empty_skeleton(config_from(_plain_config(config), source.name), kind, config.dtype, source.name)
    return Description(
        config=_plain_config(model.config) | {"architectures": [type(model).__name__]},
        generation=_generation_of(source, model),
        kind=kind,
        dtype=dtype,
        context=context_of(config),
        files=_tokenizer_files(_tokenizer_of(source)) | _other_files(source, kind),
    )


def describe_model(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase | None) -> Description:
    """Of a model in memory. Raises UnsupportedModel."""
    config = _plain_config(model.config) | {"architectures": [type(model).__name__]}
    return Description(
        config=config,
        generation=_plain_generation(getattr(model, "generation_config", None)),
        kind=kind_of(config_from(config, type(model).__name__)),
        dtype=_shareable(str(model.dtype).removeprefix("torch.")),
        context=context_of(model.config),
        files=_tokenizer_files(tokenizer) if tokenizer else {},
    )


def describe_manifest(manifest: Manifest) -> Description:
    """What an earlier import described; the files are in the store already."""
    return Description(
        manifest.config, manifest.generation, manifest.kind, manifest.dtype, manifest.context, files={}
    )


def context_of(config: PretrainedConfig) -> int:
    """The longest sequence, in tokens, that the model was made for; a guess where it states none (ALiBi)."""
    text = text_config(config)
    stated = (getattr(text, name, None) for name in _CONTEXT_ATTRIBUTES)
    return next((n for n in stated if type(n) is int and 0 < n <= MAX_CONTEXT), UNSTATED_CONTEXT)


# --- config


def _config_of(source: Source) -> PretrainedConfig:
    if not source.arguments:
        _refuse_unknown(source)
    try:
        config = AutoConfig.from_pretrained(source.folder, **_local(source))
    except Exception as error:
        raise _unreadable(source, error) from error
    if getattr(config, "quantization_config", None) and not source.arguments:
        method = dict(_as_dict(config.quantization_config)).get("quant_method", "in an unknown way")
        raise UnsupportedModel(
            said(
                "{source} is quantized already ({method}): choose the model that it was made from; "
                "Potluck lowers its precision by itself where memory is short.",
                source=source.name,
                method=method,
            )
        )
    return config


def _refuse_unknown(source: Source) -> None:
    try:
        values = json.loads((source.folder / "config.json").read_bytes())
        family = values.get("model_type")
    except (ValueError, AttributeError, OSError, RecursionError) as error:
        raise _unreadable(source, error) from error
    if family not in CONFIG_MAPPING:
        raise UnsupportedModel(
            said(
                "{source} is of the type “{family}”, which Potluck does not know: it may need code of "
                "its own, which Potluck never runs.",
                source=source.name,
                family=str(family)[:80],
            )
        )


def _as_dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else value.to_dict()


def _plain_config(config: PretrainedConfig) -> dict[str, Any]:
    return _plain(config.to_json_string(use_diff=False), _CONFIG_CIRCUMSTANCES)


def _plain(text: str, without: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in json.loads(text).items() if key not in without}


def _dtype_of(config: PretrainedConfig, source: Source) -> Dtype:
    """As the source or the config states, else the type of most weights: as in `from_pretrained`."""
    stated = source.dtype or config.dtype
    if stated is not None:
        return _shareable(str(stated).removeprefix("torch."))
    sizes: Counter[str] = Counter()
    for name, entry in source.checkpoint.entries.items():
        sizes[torch_name(name, entry.dtype)] += entry.nbytes
    floating = {dtype: size for dtype, size in sizes.items() if "float" in dtype}
    return _shareable(max(floating, key=lambda dtype: floating[dtype], default="nothing"))


def _shareable(name: str) -> Dtype:
    for dtype in get_args(Dtype):
        if dtype == name:
            return dtype
    raise UnsupportedModel(
        said("The model's weights are of type {name}, which Potluck cannot share.", name=name)
    )


# --- generation


def _generation_of(source: Source, model: PreTrainedModel) -> dict[str, Any]:
    if not model.can_generate():
        return {}
    if source.arguments or not (source.folder / "generation_config.json").is_file():
        return _plain_generation(model.generation_config)
    try:
        return _plain_generation(GenerationConfig.from_pretrained(source.folder, local_files_only=True))
    except Exception as error:
        raise _unreadable(source, error) from error


def _plain_generation(generation: GenerationConfig | None) -> dict[str, Any]:
    return _plain(generation.to_json_string(), _GENERATION_CIRCUMSTANCES) if generation else {}


# --- files


def _tokenizer_of(source: Source) -> PreTrainedTokenizerBase:
    try:
        return AutoTokenizer.from_pretrained(source.folder, **_local(source))
    except Exception as error:
        raise _unreadable(source, error) from error


def _tokenizer_files(tokenizer: PreTrainedTokenizerBase) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory(prefix="potluck-tokenizer-") as folder:
        tokenizer.save_pretrained(folder)
        files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): _without_circumstances(path) for path in files}


def _without_circumstances(path: Path) -> bytes:
    if path.name != "tokenizer_config.json":
        return path.read_bytes()
    return json.dumps(_plain(path.read_text("utf-8"), _TOKENIZER_CIRCUMSTANCES), sort_keys=True).encode()


def _other_files(source: Source, kind: Kind) -> dict[str, bytes]:
    paths = {name: source.folder / name for name in _OTHER_FILES[kind]}
    return {name: path.read_bytes() for name, path in paths.items() if path.is_file()}


def _local(source: Source) -> dict[str, Any]:
    return {**source.arguments, "local_files_only": True, "trust_remote_code": False}


def _unreadable(source: Source, error: Exception) -> BadModelFile:
    return BadModelFile(
        said(
            "{source} cannot be read as a model; it may be incomplete ({reason}).",
            source=source.name,
            reason=first_line(error),
        )
    )
