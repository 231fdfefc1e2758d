"""What every source of a model offers: its small files in a folder, and its tensors by name, on demand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel

    from engine.weights.imports.layerwise import Rules


@dataclass(frozen=True)
class TensorInfo:
    """What is known of a tensor before it is read."""

    dtype: str  # safetensors' word for what `read` gives, e.g. "BF16"
    shape: tuple[int, ...]
    nbytes: int  # of what `read` gives


class Checkpoint(Protocol):
    """Named tensors that are read when asked for."""

    @property
    def entries(self) -> Mapping[str, TensorInfo]:
        """Every tensor, by its name in the checkpoint."""
        ...

    def read(self, names: Sequence[str]) -> "dict[str, Tensor]":
        """These tensors, on the CPU, in memory of their own: nothing stays mapped or cached.

        Raises BadModelFile if a file is not what its header promises, or the source's own kinds of failure.
        """
        ...


@dataclass(frozen=True)
class Source:
    """A model that has been found and described, and is ready to be read."""

    name: str  # for people, e.g. "SmolLM2-135M-Instruct"
    origin: str  # where to find it again, for `open_source`: "folder:/path", "hub:owner/name@COMMIT", …
    key: str  # the same for the same content: an interrupted import is resumed by it; at most 64 of [0-9a-f]
    folder: Path  # holds config.json, generation_config.json, tokenizer files, …
    checkpoint: Checkpoint
    arguments: Mapping[str, str] = field(default_factory=dict)  # that transformers needs beside the folder
    dtype: str | None = None  # torch's name of the weights' type, where the config does not know it
    rules: "Callable[[PreTrainedModel], Rules] | None" = None  # None: those of a Hugging Face folder
