"""Read a checkpoint into a model one layer at a time, by transformers' own rules.

A checkpoint's names and layouts are often not the model's: prefixes differ, experts are tensors of their own
that the model fuses, tied tensors are stored once. `from_pretrained` knows all of that, but for the whole
model at once; here the same functions are given the tensors of one layer at a time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.conversion_mapping import get_model_conversion_mapping
from transformers.core_model_loading import (
    WeightConverter,
    WeightRenaming,
    WeightTransform,
    convert_and_load_state_dict_in_model,
    dot_natural_key,
    rename_source_key,
)
from transformers.modeling_utils import LoadStateDictConfig
from transformers.quantizers.base import HfQuantizer
from transformers.utils.loading_report import LoadStateDictInfo

from engine.api.sentences import said
from engine.errors import BadModelFile
from engine.model.stack import find_stack
from engine.weights.sources.checkpoint import Checkpoint, TensorInfo
from engine.weights.tensorfile import torch_name

SHELL = -1  # the group of all tensors that are in no layer
BATCH_BYTES = 64 << 20  # asked of a source in one go; between two of them an import can be stopped

Heard = Callable[[int], None]  # bytes read since the last call; may raise Stopped


@dataclass(frozen=True)
class Rules:
    """How a checkpoint's tensors become a model's."""

    transforms: list[WeightTransform] = field(default_factory=list)
    quantizer: HfQuantizer | None = None


def usual_rules(model: PreTrainedModel) -> Rules:
    """Those by which `from_pretrained` reads a folder."""
    return Rules(get_model_conversion_mapping(model))


class LayerReader:
    """A checkpoint in groups: the shell, and each layer by its index."""

    def __init__(
        self, model: PreTrainedModel, checkpoint: Checkpoint, rules: Rules, dtype: torch.dtype, name: str
    ) -> None:
        """`model` is empty, on the meta device, and is so again after each read; made for weights of `dtype`.

        Raises UnsupportedModel, or BadModelFile where the checkpoint lacks something or has other shapes.
        """
        self.stack = find_stack(model)
        self._model = model
        self._checkpoint = checkpoint
        self._entries = checkpoint.entries
        self._rules = rules
        self._dtype = dtype
        self._name = name
        self._slots: dict[str, Tensor] = model.state_dict(keep_vars=True)
        self._keys = self._keys_by_group()
        self._needed = self._needed_by_group()
        self._absent = self._check()

    @property
    def groups(self) -> range:
        """The shell, then the layers."""
        return range(SHELL, len(self.stack.layers))

    def bytes_to_read(self, group: int) -> int:
        return sum(self._entries[name].nbytes for name in self._needed[group])

    def bytes_to_keep(self, group: int) -> int:
        """At most so many will be in the group's part."""
        return sum(self._slots[key].nbytes for key in self._keys[group])

    def read(self, group: int, heard: Heard) -> dict[str, Tensor]:
        """The group's state dict, tied tensors once; a layer's names are relative to the layer."""
        try:
            self._load(self._tensors(self._needed[group], heard))
            return self._tied_state(group)
        finally:
            self._empty()

    # --- which tensors a group needs

    def _keys_by_group(self) -> Mapping[int, list[str]]:
        keys = defaultdict(list)
        for key in self._slots:
            keys[self._group(key)].append(key)
        return keys

    def _group(self, key: str) -> int:
        if not key.startswith(self.stack.prefix):
            return SHELL
        return int(key.removeprefix(self.stack.prefix).partition(".")[0])

    def _needed_by_group(self) -> Mapping[int, list[str]]:
        """Names in the checkpoint: what becomes a group's tensors, and what these are tied to elsewhere."""
        named = self._names_by_target()
        needed = {group: [n for key in self._keys[group] for n in named[key]] for group in self.groups}
        for group, names in needed.items():
            ties = self._ties(group)
            elsewhere = {*ties, *ties.values()} - set(self._keys[group])
            names += [name for key in sorted(elsewhere) for name in named[key]]
        return needed

    def _names_by_target(self) -> Mapping[str, list[str]]:
        """The checkpoint's names by the key (the first, where several) that transformers makes of them."""
        renamings = [rule for rule in self._rules.transforms if isinstance(rule, WeightRenaming)]
        converters = [rule for rule in self._rules.transforms if isinstance(rule, WeightConverter)]
        prefix, named = self._model.base_model_prefix, defaultdict(list)
        # In the order in which transformers takes them: a name can switch on a rule for those after it.
        for name in sorted(self._entries, key=dot_natural_key):
            target, _ = rename_source_key(name, renamings, converters, prefix, self._slots)
            if target not in self._slots and name in self._slots:
                target, _ = rename_source_key(name, [], [], prefix, self._slots)
            named[target].append(name)
        return named

    def _ties(self, group: int) -> dict[str, str]:
        """Of the pairs tied key: source key, those that have to do with the group."""
        ties: dict[str, str] = self._model.all_tied_weights_keys
        ours = set(self._keys[group])
        sources = {source for key, source in ties.items() if {key, source} & ours}
        return {key: source for key, source in ties.items() if source in sources}

    # --- what transformers does

    def _check(self) -> frozenset[str]:
        """Go through the motions without any data, so that what is wrong is said before anything is read.

        Gives the keys that the checkpoint has under the name of another that they are tied to.
        """
        try:
            info = self._load({n: _nothing(n, entry) for n, entry in self._entries.items()}, "meta")
            absent = frozenset(info.missing_keys)
            self._model.tie_weights(missing_keys=info.missing_keys, recompute_mapping=False)
            self._refuse_missing(info.missing_keys)
            return absent
        finally:
            self._empty()

    def _load(self, tensors: Mapping[str, Any], device: str = "cpu") -> LoadStateDictInfo:
        config = LoadStateDictConfig(
            device_map={"": device},
            dtype=self._dtype,
            dtype_plan=self._model._get_dtype_plan(self._dtype),
            weight_mapping=self._rules.transforms,
            hf_quantizer=self._rules.quantizer,
        )
        info: LoadStateDictInfo
        info, _ = convert_and_load_state_dict_in_model(self._model, dict(tensors), config)
        self._refuse_errors(info)
        return info

    def _tensors(self, names: Sequence[str], heard: Heard) -> dict[str, "_Once"]:
        tensors: dict[str, _Once] = {}
        for batch in _batches(names, self._entries):
            heard(0)
            tensors |= {name: _Once(tensor) for name, tensor in self._checkpoint.read(batch).items()}
            heard(sum(self._entries[name].nbytes for name in batch))
        return tensors

    def _tied_state(self, group: int) -> dict[str, Tensor]:
        with _only_ties(self._model, self._ties(group)):
            self._model.tie_weights(missing_keys=set(self._absent), recompute_mapping=False)
            if group == SHELL:
                return shell_tensors(self._model, self.stack.prefix)
        return dict(self.stack.layers[group].state_dict())

    def _empty(self) -> None:
        for key, tensor in self._model.state_dict(keep_vars=True).items():
            if tensor is not self._slots[key]:
                owner, _, attribute = key.rpartition(".")
                setattr(self._model.get_submodule(owner), attribute, self._slots[key])

    # --- refusals

    def _refuse_missing(self, missing: set[str]) -> None:
        if missing:
            first = min(missing, key=dot_natural_key)
            raise BadModelFile(
                said(
                    "{model} lacks {missing} of the model's weights, such as {first}.",
                    model=self._name,
                    missing=len(missing),
                    first=first,
                )
            )

    def _refuse_errors(self, info: LoadStateDictInfo) -> None:
        for key, found, wanted in sorted(info.mismatched_keys):
            raise BadModelFile(
                said(
                    "{model} contradicts its config: {key} is {found} instead of {wanted}.",
                    model=self._name,
                    key=key,
                    found=_shape(found),
                    wanted=_shape(wanted),
                )
            )
        for key in info.conversion_errors:
            raise BadModelFile(
                said(
                    "{model} cannot be read as a model: {key} does not fit what it is made of.",
                    model=self._name,
                    key=key,
                )
            )


class _Once:
    """Gives its tensor once and forgets it: transformers holds what it is given until the end."""

    def __init__(self, tensor: Tensor) -> None:
        self._tensor: Tensor | None = tensor

    def __getitem__(self, _: object) -> Tensor:
        tensor, self._tensor = self._tensor, None
        assert tensor is not None, "a tensor was asked for twice"
        return tensor


def shell_tensors(model: PreTrainedModel, stack_prefix: str) -> dict[str, Tensor]:
    """The state dict outside of the layers, tied tensors once."""
    state = {key: value for key, value in model.state_dict().items() if not key.startswith(stack_prefix)}
    source_of = model.all_tied_weights_keys
    return {key: value for key, value in state.items() if not _same(value, state.get(source_of.get(key, "")))}


def _same(tensor: Tensor, source: Tensor | None) -> bool:
    return source is not None and source.data_ptr() == tensor.data_ptr()


@contextmanager
def _only_ties(model: PreTrainedModel, ties: dict[str, str]) -> Iterator[None]:
    """Ties to tensors that are not read would compare them with nothing."""
    every = model.all_tied_weights_keys
    model.all_tied_weights_keys = ties
    try:
        yield
    finally:
        model.all_tied_weights_keys = every


def _nothing(name: str, entry: TensorInfo) -> Tensor:
    return torch.empty(entry.shape, dtype=getattr(torch, torch_name(name, entry.dtype)), device="meta")


def _batches(names: Sequence[str], entries: Mapping[str, TensorInfo]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for name in names:
        batch.append(name)
        size += entries[name].nbytes
        if size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _shape(shape: Sequence[int]) -> str:
    return " × ".join(map(str, shape)) or "a single number"
