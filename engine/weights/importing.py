"""Cut a model from any source into parts: the same model always gives the same parts and the same digest."""

import json
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, get_args

import torch
from safetensors.torch import save
from torch import Tensor
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging as transformers_logging

from engine.errors import BadModelFile, UnsupportedModel
from engine.model.stack import LayerStack, find_stack, text_config
from engine.weights.gguf_once import read_once
from engine.weights.loading import build_skeleton, stack_of
from engine.weights.manifest import MAX_CONTEXT, Dtype, Manifest, Part
from engine.weights.store import LayerStore

Progress = Callable[[int, int], None]  # done, total; in steps of about equal length

GGUF_MAGIC = b"GGUF"
WRITERS = 2  # parts that are hashed and written at once

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


def import_gguf(path: Path, name: str, store: LayerStore, progress: Progress | None = None) -> Manifest:
    """Read a GGUF file, as float32. Raises BadModelFile, UnsupportedModel or StoreError."""
    if not path.is_file():
        raise BadModelFile(f"{path} is not a file: choose a GGUF file.")
    with path.open("rb") as file:
        if file.read(len(GGUF_MAGIC)) != GGUF_MAGIC:
            raise BadModelFile(f"{path.name} is not a GGUF file: choose another, or download it again.")
    with read_once():
        model, tokenizer = _load(path, path.parent, gguf_file=path.name, dtype=torch.float32)
    return import_model(model, tokenizer, name, store, progress)


def import_folder(path: Path, name: str, store: LayerStore, progress: Progress | None = None) -> Manifest:
    """Read a Hugging Face folder of safetensors. Raises BadModelFile, UnsupportedModel or StoreError."""
    if not (path / "config.json").is_file():
        raise BadModelFile(f"{path} holds no config.json: choose the folder of a Hugging Face model.")
    if not any(path.glob("*.safetensors")):
        raise BadModelFile(
            f"{path} holds no safetensors file: other formats, such as pickle, can run code and stay shut."
        )
    model, tokenizer = _load(path, path, use_safetensors=True, dtype="auto")
    return import_model(model, tokenizer, name, store, progress)


def import_model(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase | None,
    name: str,
    store: LayerStore,
    progress: Progress | None = None,
) -> Manifest:
    """Keep a loaded model. Raises UnsupportedModel if it cannot be cut into layers, or StoreError."""
    stack, dtype = find_stack(model), _dtype(model)
    tokenizer_files = _tokenizer_files(tokenizer)
    weights = [_shell_tensors(model, stack), *(layer.state_dict() for layer in stack.layers)]
    store.sweep()
    store.check_space(sum(_size(tensors) for tensors in weights))
    shell, *layers = _put_all(weights, store, progress)
    manifest = Manifest(
        name=name,
        config=_config(model),
        generation=_generation(model),
        stack_path=stack.path,
        context=context_of(model.config),
        files={file: store.put(data) for file, data in tokenizer_files.items()},
        shell=shell,
        layers=tuple(layers),
        cache_values=(0,) * len(layers),
        dtype=dtype,
    )
    _check_rebuilds(manifest, model)
    store.save_manifest(manifest)
    return manifest


def _load(
    source: Path, folder: Path, **kwargs: Any
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase | None]:
    gguf = {"gguf_file": kwargs["gguf_file"]} if "gguf_file" in kwargs else {}
    local = {"local_files_only": True, "trust_remote_code": False}
    transformers_logging.disable_progress_bar()
    try:
        model, info = AutoModelForCausalLM.from_pretrained(
            folder, output_loading_info=True, **kwargs, **local
        )
        tokenizer = AutoTokenizer.from_pretrained(folder, **gguf, **local)
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise BadModelFile(
            f"{source.name} cannot be read as a model; it may be incomplete ({reason})."
        ) from error
    absent = sorted(info["missing_keys"]) + sorted(str(key) for key in info["mismatched_keys"])
    if absent:
        raise BadModelFile(f"{source.name} lacks {len(absent)} of the model's weights, such as {absent[0]}.")
    return model, tokenizer


def _put_all(
    weights: list[dict[str, Tensor]], store: LayerStore, progress: Progress | None
) -> Iterator[Part]:
    report = progress or (lambda done, total: None)
    report(0, len(weights))
    with ThreadPoolExecutor(WRITERS, thread_name_prefix="import") as pool:
        for done, part in enumerate(pool.map(lambda tensors: store.put(_file_of(tensors)), weights), start=1):
            report(done, len(weights))
            yield part


def _file_of(tensors: dict[str, Tensor]) -> bytes:
    """A safetensors file whose bytes depend on names, dtypes, shapes and values alone."""
    return save({name: _own_copy(tensors[name]) for name in sorted(tensors)})


def _own_copy(tensor: Tensor) -> Tensor:
    return tensor.detach().cpu().clone(memory_format=torch.contiguous_format)


def _shell_tensors(model: PreTrainedModel, stack: LayerStack) -> dict[str, Tensor]:
    state = {key: value for key, value in model.state_dict().items() if not key.startswith(stack.prefix)}
    source_of = model.all_tied_weights_keys
    return {key: value for key, value in state.items() if not _same(value, state.get(source_of.get(key, "")))}


def _same(tensor: Tensor, source: Tensor | None) -> bool:
    return source is not None and source.data_ptr() == tensor.data_ptr()


def _size(tensors: dict[str, Tensor]) -> int:
    return sum(tensor.nbytes for tensor in tensors.values())


def context_of(config: PretrainedConfig) -> int:
    """The longest sequence, in tokens, that the model was made for; a guess where it states none (ALiBi)."""
    text = text_config(config)
    stated = (getattr(text, name, None) for name in _CONTEXT_ATTRIBUTES)
    return next((n for n in stated if type(n) is int and 0 < n <= MAX_CONTEXT), UNSTATED_CONTEXT)


def _config(model: PreTrainedModel) -> dict[str, Any]:
    config = _plain(model.config.to_json_string(use_diff=False), _CONFIG_CIRCUMSTANCES)
    return config | {"architectures": [type(model).__name__]}


def _generation(model: PreTrainedModel) -> dict[str, Any]:
    generation = getattr(model, "generation_config", None)
    return _plain(generation.to_json_string(), _GENERATION_CIRCUMSTANCES) if generation else {}


def _plain(text: str, without: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in json.loads(text).items() if key not in without}


def _tokenizer_files(tokenizer: PreTrainedTokenizerBase | None) -> dict[str, bytes]:
    if tokenizer is None:
        return {}
    with tempfile.TemporaryDirectory(prefix="potluck-tokenizer-") as folder:
        tokenizer.save_pretrained(folder)
        files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): _without_circumstances(path) for path in files}


def _without_circumstances(path: Path) -> bytes:
    if path.name != "tokenizer_config.json":
        return path.read_bytes()
    return json.dumps(_plain(path.read_text("utf-8"), _TOKENIZER_CIRCUMSTANCES), sort_keys=True).encode()


def _dtype(model: PreTrainedModel) -> Dtype:
    name = str(model.dtype).removeprefix("torch.")
    if name not in get_args(Dtype):
        raise UnsupportedModel(f"The model's weights are of type {name}, which Potluck cannot share.")
    return name


def _check_rebuilds(manifest: Manifest, model: PreTrainedModel) -> None:
    """What is stored must be enough to build the same model again, on any computer."""
    skeleton = build_skeleton(manifest)
    stack_of(manifest, skeleton)
    if type(skeleton) is not type(model) or skeleton.state_dict().keys() != model.state_dict().keys():
        raise UnsupportedModel(
            f"{type(model).__name__} cannot be rebuilt from its config: Potluck cannot share it."
        )
