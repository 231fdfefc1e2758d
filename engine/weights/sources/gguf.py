"""A GGUF file, dequantized tensor by tensor; read by ranges, for what is mapped counts as memory.

transformers has two ways to read these files. For a few architectures it has rules from the file's names and
blocks to the model's (`gguf_blocks`); for the others it has a processor that works on one tensor at a time.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from torch import Tensor
from transformers import AutoConfig, PreTrainedModel
from transformers import modeling_gguf_pytorch_utils as reading
from transformers.integrations.gguf.utils import is_gguf_arch_supported
from transformers.modeling_gguf_pytorch_utils import (
    TENSOR_PROCESSORS,
    TensorProcessor,
    get_gguf_hf_weights_map,
    read_field,
)

from engine.api.sentences import said
from engine.errors import BadModelFile, PotluckError
from engine.weights.imports.layerwise import Rules
from engine.weights.kinds import empty_model, kind_of
from engine.weights.loading import first_line
from engine.weights.sources.checkpoint import Source, TensorInfo
from engine.weights.sources.folder import key_of
from engine.weights.sources.gguf_blocks import BlockCheckpoint
from engine.weights.sources.gguf_once import read_once
from engine.weights.sources.safetensors import LocalFile, RangedFile
from engine.weights.tensorfile import stored_name

_MAGIC = b"GGUF"
_HALVES = {gguf.GGMLQuantizationType.F16: torch.float16, gguf.GGMLQuantizationType.BF16: torch.bfloat16}
_FULL = gguf.GGMLQuantizationType.F32


@contextmanager
def open_gguf(path: Path, elsewhere: RangedFile | None = None) -> Iterator[Source]:
    """`elsewhere` has the tensors if the file at `path` has no more than the header.

    Raises BadModelFile or UnsupportedModel.
    """
    _check_magic(path)
    with read_once() as forget, closing(LocalFile(path)) as here:
        source = _source(path, elsewhere or here)
        forget()
        yield source


def _check_magic(path: Path) -> None:
    if not path.is_file():
        raise BadModelFile(said("{path} is not a file: choose a GGUF file.", path=path))
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise BadModelFile(
                said("{file} is not a GGUF file: choose another, or download it again.", file=path.name)
            )


def _source(path: Path, file: RangedFile) -> Source:
    try:
        reader = gguf.GGUFReader(path)
        by_rules = is_gguf_arch_supported(_architecture(reader))
        checkpoint = BlockCheckpoint(path, file) if by_rules else _processed(path, file, reader)
    except PotluckError:
        raise
    except Exception as error:
        raise BadModelFile(
            said(
                "{file} cannot be read as a model; it may be incomplete ({reason}).",
                file=path.name,
                reason=first_line(error),
            )
        ) from error
    return Source(
        name=path.stem,
        origin=f"gguf:{path.resolve()}",
        key=key_of([path]),
        folder=path.parent,
        checkpoint=checkpoint,
        arguments={"gguf_file": path.name},
        dtype=checkpoint.dtype,
        rules=checkpoint.rules,
    )


def _architecture(reader: gguf.GGUFReader) -> str:
    return str(read_field(reader, "general.architecture")[0])


@dataclass(frozen=True)
class _Place:
    """A tensor in the file: its name there, and how to read it."""

    name: str
    type: gguf.GGMLQuantizationType
    start: int  # byte
    numbers: int
    shape: tuple[int, ...]  # of `dtype`: of blocks, their bytes
    dtype: np.dtype[Any]


class ProcessedCheckpoint:
    """Dequantized tensors under the model's names, all of the narrowest type that loses nothing."""

    def __init__(
        self,
        file: RangedFile,
        places: Sequence[_Place],
        processor: TensorProcessor,
        names: Mapping[str, str],
        shapes: Mapping[str, tuple[int, ...]],
    ) -> None:
        """`names`: the model's for the file's, as transformers gives them."""
        self._file = file
        self._processor = processor
        self._names = names
        self._places = _by_name(places, names, shapes)
        self._shapes = shapes
        self._dtype = self._narrowest()

    @property
    def dtype(self) -> str:
        return str(self._dtype).removeprefix("torch.")

    @property
    def entries(self) -> Mapping[str, TensorInfo]:
        return {name: self._entry(name) for name in self._places}

    def rules(self, model: PreTrainedModel) -> Rules:
        return Rules()

    def read(self, names: Sequence[str]) -> dict[str, Tensor]:
        return {name: self._read(name).to(self._dtype) for name in names}

    def _entry(self, name: str) -> TensorInfo:
        shape, numbers = self._shapes[name], sum(place.numbers for place in self._places[name])
        shape = shape if numbers == math.prod(shape) else (numbers,)  # never the model's shape
        empty = torch.empty(shape, dtype=self._dtype, device="meta")
        return TensorInfo(stored_name(empty), shape, empty.nbytes)

    def _read(self, name: str) -> Tensor:
        """As float32. One that the model fuses comes from several in the file."""
        made: dict[str, Tensor] = {}
        for place in self._places[name]:
            values = gguf.dequantize(self._raw(place), place.type)
            done = self._processor.process(
                weights=values,
                name=place.name,
                tensor_key_mapping=self._names,
                parsed_parameters={"tensors": made},
            )
            if done.name in self._names:
                made[name] = torch.from_numpy(np.ascontiguousarray(done.weights))
        return made[name]

    def _raw(self, place: _Place) -> np.ndarray[Any, Any]:
        raw = np.empty(place.shape, place.dtype)
        self._file.read_into(memoryview(raw.reshape(-1).view(np.uint8)), place.start)
        return raw

    def _narrowest(self) -> torch.dtype:
        """The half type of a file that is not quantized, if what it holds as float32 fits into it."""
        kinds = {place.type for places in self._places.values() for place in places}
        halves = [dtype for kind, dtype in _HALVES.items() if kind in kinds]
        if len(halves) != 1 or kinds - {_FULL, *_HALVES}:
            return torch.float32
        full = [n for n, places in self._places.items() if any(p.type == _FULL for p in places)]
        for name in sorted(full, key=lambda name: math.prod(self._shapes[name])):
            values = self._read(name)
            if not torch.equal(values.to(halves[0]).float(), values):
                return torch.float32
        return halves[0]


def _processed(path: Path, file: RangedFile, reader: gguf.GGUFReader) -> ProcessedCheckpoint:
    config = AutoConfig.from_pretrained(path.parent, gguf_file=path.name, local_files_only=True)
    parsed = reading.load_gguf_checkpoint(path)["config"]
    processor = TENSOR_PROCESSORS.get(_architecture(reader), TensorProcessor)(config=parsed)
    model = empty_model(config, kind_of(config), torch.float32)
    shapes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    names = get_gguf_hf_weights_map(model, processor)
    return ProcessedCheckpoint(file, list(map(_place, reader.tensors)), processor, names, shapes)


def _place(tensor: Any) -> _Place:
    """Of the reader's tensor, which keeps all of the parsed file in memory."""
    start, numbers = int(tensor.data_offset), int(tensor.n_elements)
    return _Place(tensor.name, tensor.tensor_type, start, numbers, tensor.data.shape, tensor.data.dtype)


def _by_name(
    places: Sequence[_Place], names: Mapping[str, str], known: Mapping[str, object]
) -> dict[str, list[_Place]]:
    """The file's tensors by the model's name for what they become, or are a piece of."""
    found = defaultdict(list)
    for place in places:
        # What belongs to no linear layer (fused experts) has no ".weight" in the model.
        name = names.get(place.name) or names.get(place.name.removesuffix(".weight"))
        if name in known:
            found[name].append(place)
    return dict(found)
