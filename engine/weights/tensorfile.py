"""A safetensors file in memory as tensors that share its buffer: nothing is copied, everything is checked.

The safetensors library either copies (`load`) or reads the file a second time (`safe_open`), so that what was
hashed and what is used could differ. Format: https://huggingface.co/docs/safetensors, section "Format".
"""

import math
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from engine.errors import BadModelFile

if TYPE_CHECKING:
    import torch

PREFIX_BYTES = 8  # length of the header, little-endian
ALIGNMENT = (
    64  # bytes; where a tensor lies must not change which kernel path, and so which rounding, it takes
)
MAX_HEADER_BYTES = 100_000_000  # the format's own limit

_TORCH_NAMES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
    "BOOL": "bool",
}

_Natural = Annotated[int, Field(ge=0, lt=2**53)]


class _Entry(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    dtype: str
    shape: Annotated[tuple[_Natural, ...], Field(max_length=16)]
    data_offsets: tuple[_Natural, _Natural]


_Header = TypeAdapter(dict[str, _Entry])


def lead(prefix: bytes) -> int:
    """How far into an aligned buffer to put the file that starts with `prefix`: its data is aligned then."""
    return -(PREFIX_BYTES + int.from_bytes(prefix[:PREFIX_BYTES], "little")) % ALIGNMENT


def tensors_in(file: "torch.Tensor") -> dict[str, "torch.Tensor"]:
    """Tensors on the bytes of a safetensors file, `[bytes]` of uint8. Raises BadModelFile."""
    entries, data = _split(file)
    _check_cover(entries, len(data))
    return {name: _view(name, entry, data) for name, entry in entries.items()}


def _split(file: "torch.Tensor") -> tuple[dict[str, _Entry], "torch.Tensor"]:
    length = int.from_bytes(bytes(file[:PREFIX_BYTES].numpy()), "little")
    if len(file) < PREFIX_BYTES or length > min(MAX_HEADER_BYTES, len(file) - PREFIX_BYTES):
        raise BadModelFile("These weights are no safetensors file: the header's length is wrong.")
    start = PREFIX_BYTES + length
    try:
        return _Header.validate_json(bytes(file[PREFIX_BYTES:start].numpy())), file[start:]
    except ValidationError:
        raise BadModelFile("These weights are no safetensors file: the header cannot be read.") from None


def _check_cover(entries: dict[str, _Entry], size: int) -> None:
    """The tensors must follow each other without a gap or an overlap, up to the end."""
    at = 0
    for start, end in sorted(entry.data_offsets for entry in entries.values()):
        if start != at or end < start:
            raise BadModelFile("These weights are no safetensors file: tensors overlap or leave gaps.")
        at = end
    if at != size:
        raise BadModelFile("These weights are no safetensors file: tensors end before or after the file.")


def _view(name: str, entry: _Entry, data: "torch.Tensor") -> "torch.Tensor":
    import torch

    if entry.dtype not in _TORCH_NAMES:
        raise BadModelFile(
            f"The weights of {name[:80]} are of type {entry.dtype[:20]}, which Potluck cannot use."
        )
    dtype = getattr(torch, _TORCH_NAMES[entry.dtype])
    start, end = entry.data_offsets
    if end - start != math.prod(entry.shape) * dtype.itemsize:
        raise BadModelFile(f"The weights of {name[:80]} are not as large as their shape says.")
    piece = data[start:end]
    if piece.storage_offset() % dtype.itemsize:
        piece = piece.clone()
    return piece.view(dtype).view(entry.shape)
