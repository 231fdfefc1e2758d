"""From a manifest to a model: first a skeleton without weights, then the weights of the wanted part of it.

A caller may cut the skeleton's layer stack, or take it out, before it fills what is left.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import (
    CONFIG_MAPPING,
    AutoTokenizer,
    GenerationConfig,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from engine.api.sentences import said
from engine.errors import BadModelFile, UnsupportedModel
from engine.model.dtypes import load_dtype, mark_float32
from engine.model.matrices import matrices
from engine.model.quantized import Coarse, one_expert_at_a_time, quantize_rows
from engine.model.stack import LayerStack, find_stack
from engine.weights.config_bounds import check_config_sizes
from engine.weights.kinds import empty_model
from engine.weights.manifest import Kind, Manifest
from engine.weights.store.layer_store import LayerStore
from engine.weights.store.part_tensors import Rows

_CODE = {
    "auto_map",
    "attn_implementation",
    "_attn_implementation",
    "experts_implementation",
    "_experts_implementation",
}
MAX_BUFFER_BYTES = 2 << 30  # of tables that no file holds


def build_config(manifest: Manifest) -> PretrainedConfig:
    """Raises UnsupportedModel if transformers does not know the model type, BadModelFile for odd values."""
    return config_from(manifest.config, manifest.name)


def config_from(values: Mapping[str, Any], name: str) -> PretrainedConfig:
    """The config of the model called `name`. Raises as `build_config` does."""
    safe: dict[str, Any] = _without_code(dict(values))
    check_config_sizes(safe, name)
    model_type = str(safe.pop("model_type", None))[:80]
    if model_type not in CONFIG_MAPPING:
        raise UnsupportedModel(
            said(
                "{name} is of the type “{model_type}”, which Potluck does not know.",
                name=name,
                model_type=model_type,
            )
        )
    try:
        return CONFIG_MAPPING[model_type].from_dict(safe)
    except Exception as error:
        raise BadModelFile(
            said("The config of {name} makes no model: {reason}", name=name, reason=first_line(error))
        ) from error


def build_skeleton(
    manifest: Manifest, dtype: torch.dtype | None = None, device: torch.device | str = "cpu"
) -> PreTrainedModel:
    """The model at full depth, parameters on the meta device, other buffers real and on `device`.

    `dtype` is what the weights will be loaded as; None: as they are stored. In eval mode, without gradients.
    Raises UnsupportedModel or BadModelFile.
    """
    config = build_config(manifest)
    model = empty_skeleton(config, manifest.kind, dtype or getattr(torch, manifest.dtype), manifest.name)
    materialise_buffers(model, device)
    if manifest.generation and model.can_generate():
        model.generation_config = GenerationConfig.from_dict(dict(manifest.generation))
    return model.eval().requires_grad_(False)


def empty_skeleton(config: PretrainedConfig, kind: Kind, dtype: torch.dtype, name: str) -> PreTrainedModel:
    """The model at full depth, all of it on the meta device. Raises UnsupportedModel."""
    try:
        model = empty_model(config, kind, dtype)
    except Exception as error:
        raise UnsupportedModel(
            said("{name} cannot be built: {reason}", name=name, reason=first_line(error))
        ) from error
    mark_float32(model)
    return model


def materialise_buffers(model: PreTrainedModel, device: torch.device | str = "cpu") -> None:
    """Give the buffers that no file holds (rotary tables, embedding scales, …) their values.

    This is how `from_pretrained` does it: transformers initialises the whole model, which does nothing to
    parameters on the meta device. Always computed on the CPU, so that all peers have the same values.
    """
    names = [name for name, buffer in model.named_non_persistent_buffers() if buffer.is_meta]
    size = sum(model.get_buffer(name).nbytes for name in names)
    if size > MAX_BUFFER_BYTES:
        raise BadModelFile(
            said(
                "The config of this {name} cannot be right: it asks for tables of {size:bytes}, and at "
                "most {most:bytes} are built.",
                name=type(model).__name__,
                size=size,
                most=MAX_BUFFER_BYTES,
            )
        )
    for name in names:
        _set_buffer(model, name, torch.empty_like(model.get_buffer(name), device="cpu"))
    model.initialize_weights()
    for name in names:
        _set_buffer(model, name, model.get_buffer(name).to(device))


def fill(
    module: nn.Module,
    tensors: Mapping[str, Tensor],
    dtype: torch.dtype | None = None,
    device: torch.device | str = "cpu",
) -> None:
    """Put weights into a module of a skeleton: all of its state dict, tied tensors once.

    Tensors that need neither cast nor move are used as they are, not copied. `dtype` is for floating-point
    tensors, except those that the model class keeps in float32.
    Raises BadModelFile if names or shapes do not fit.
    """
    slots = module.state_dict(keep_vars=True)
    _check_fit(slots, tensors)
    cast = {
        name: tensor.to(device, load_dtype(slots[name], tensor, dtype)) for name, tensor in tensors.items()
    }
    _assign(module, slots, cast)


def fill_coarse(
    module: nn.Module,
    tensors: Iterable[Rows],
    precision: Coarse,
    dtype: torch.dtype,
    device: torch.device | str = "cpu",
) -> None:
    """The same, with the module's matrices in few bits: hardly more than these is in memory at any time.

    Raises also what reading the tensors does. Until all of them are there, nothing is put into the module.
    """
    slots = module.state_dict(keep_vars=True)
    coarse, made = matrices(module), dict[str, Tensor]()
    for rows in tensors:
        if rows.name in coarse and rows.shape == coarse[rows.name].shape:
            made[rows.name] = quantize_rows(rows.pieces, rows.shape, precision, dtype, device)
        else:
            tensor = rows.whole()
            made[rows.name] = tensor.to(device, load_dtype(slots.get(rows.name, tensor), tensor, dtype))
    _check_fit(slots, made)
    _assign(module, slots, made)
    one_expert_at_a_time(module)


def _assign(module: nn.Module, slots: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> None:
    by_slot = {id(slots[name]): tensor for name, tensor in tensors.items()}
    found = {name: tensors.get(name, by_slot[id(slot)]) for name, slot in slots.items()}
    module.load_state_dict(found, assign=True)


def load_whole(manifest: Manifest, store: LayerStore, dtype: torch.dtype = torch.float32) -> PreTrainedModel:
    """The plain local model, complete, on the CPU: what a swarm's answers are compared with."""
    model = build_skeleton(manifest, dtype)
    stack = stack_of(manifest, model)
    for layer, tensors in zip(stack.layers, store.tensors_of(manifest.layers), strict=True):
        fill(layer, tensors, dtype)
    setattr(stack.owner, stack.attribute, nn.ModuleList())
    fill(model, store.tensors(manifest.shell), dtype)
    setattr(stack.owner, stack.attribute, stack.layers)
    return model


def stack_of(manifest: Manifest, model: PreTrainedModel) -> LayerStack:
    """The skeleton's layer stack. Raises BadModelFile if it is not the one that the manifest tells of."""
    stack = find_stack(model)
    if stack.path != manifest.stack_path or len(stack.layers) != manifest.n_layers:
        raise BadModelFile(
            said(
                "The description of {model} contradicts itself: it names {n_layers} layers at "
                "{place}, its config makes {made} at {other}.",
                model=manifest.name,
                n_layers=manifest.n_layers,
                place=manifest.stack_path,
                made=len(stack.layers),
                other=stack.path,
            )
        )
    return stack


def load_tokenizer(manifest: Manifest, store: LayerStore) -> PreTrainedTokenizerBase:
    """Raises BadModelFile if there is none, or none that can be read."""
    with written_files(manifest, store) as folder:
        try:
            return AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        except Exception as error:
            raise BadModelFile(
                said(
                    "The tokenizer of {model} cannot be read: {reason}",
                    model=manifest.name,
                    reason=first_line(error),
                )
            ) from error


@contextmanager
def written_files(manifest: Manifest, store: LayerStore) -> Iterator[Path]:
    """A folder that holds the model's small files for a while: transformers reads nothing else."""
    with tempfile.TemporaryDirectory(prefix="potluck-files-") as folder:
        for name, part in manifest.files.items():
            path = Path(folder, name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(store.read(part))
        yield Path(folder)


def _without_code(value: Any) -> Any:
    """A config, at every level, without what makes transformers fetch and run code."""
    if not isinstance(value, dict):
        return value
    return {key: _without_code(inner) for key, inner in value.items() if key not in _CODE}


def _set_buffer(model: nn.Module, name: str, value: Tensor) -> None:
    owner, _, attribute = name.rpartition(".")
    setattr(model.get_submodule(owner), attribute, value)


def _check_fit(slots: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> None:
    """Raises BadModelFile unless the tensors are those of the slots, tied ones once."""
    filled = {id(slots[name]) for name in tensors if name in slots}
    _check_names(set(tensors) - set(slots), {name for name, slot in slots.items() if id(slot) not in filled})
    wrong = {name for name, tensor in tensors.items() if not _fits(slots[name], tensor)}
    if wrong:
        raise BadModelFile(
            said("The weights do not fit the model: {some} are of another shape or kind.", some=_some(wrong))
        )


def _check_names(unexpected: set[str], missing: set[str]) -> None:
    if missing:
        raise BadModelFile(said("The weights do not fit the model: they lack {some}.", some=_some(missing)))
    if unexpected:
        raise BadModelFile(
            said("The weights do not fit the model: they have too much {some}.", some=_some(unexpected))
        )


def _fits(slot: Tensor, tensor: Tensor) -> bool:
    return tensor.shape == slot.shape and tensor.is_floating_point() == slot.is_floating_point()


def _some(names: set[str]) -> str:
    first = ", ".join(sorted(names)[:3])
    return said("{first} and {more} more", first=first, more=len(names) - 3) if len(names) > 3 else first


def first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
