"""A model that is loaded already."""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import Tensor
from transformers import PreTrainedModel

from engine.weights.imports.layerwise import Rules
from engine.weights.sources.checkpoint import Source, TensorInfo
from engine.weights.tensorfile import stored_name


class ModelCheckpoint:
    """The model's own tensors, under their own names; they are shared, not copied."""

    def __init__(self, model: PreTrainedModel) -> None:
        self._state: dict[str, Tensor] = model.state_dict()

    @property
    def entries(self) -> Mapping[str, TensorInfo]:
        return {
            name: TensorInfo(stored_name(tensor), tuple(tensor.shape), tensor.nbytes)
            for name, tensor in self._state.items()
        }

    def read(self, names: Sequence[str]) -> dict[str, Tensor]:
        return {name: self._state[name] for name in names}


def source_of(model: PreTrainedModel) -> Source:
    """Raises UnsupportedModel if tensors have a type that no file can hold."""
    return Source(
        name=type(model).__name__,
        origin="",
        key=secrets.token_hex(32),
        folder=Path(),
        checkpoint=ModelCheckpoint(model),
        rules=lambda skeleton: Rules(),
    )
