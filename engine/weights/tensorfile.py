"""Safetensors files: in memory as tensors that share the buffer, by ranges, and written.

The safetensors library either copies (`load`) or reads the file a second time (`safe_open`), so that what was
hashed and what is used could differ; it maps files into memory, so that what was read stays resident; and it
holds three times what it writes (`save`). Format: https://huggingface.co/docs/safetensors, section "Format".
"""

import json
import math
import mmap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from engine.errors import BadModelFile, UnsupportedModel

if TYPE_CHECKING:
    import torch

PREFIX_BYTES = 8  # length of the header, little-endian
ALIGNMENT = (
    64  # bytes; where a tensor lies must not change which kernel path, and so which rounding, it takes
)
_MAPPED_BYTES = 1 << 20  # memory of at least so many is asked of the system, not of malloc
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

# The order in which the safetensors library puts types into a file, from the last to the first.
_RANKS = ("BOOL", "U8", "I8", "I16", "F16", "BF16", "I32", "F32", "F64", "I64")

_Natural = Annotated[int, Field(ge=0, lt=2**53)]


class Entry(BaseModel):
    """One tensor of a file."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    dtype: str
    shape: Annotated[tuple[_Natural, ...], Field(max_length=16)]
    data_offsets: tuple[_Natural, _Natural]  # first byte and end, from the header's end

    @property
    def nbytes(self) -> int:
        return self.data_offsets[1] - self.data_offsets[0]


_Header = TypeAdapter(dict[str, Entry])
_ForeignHeader = TypeAdapter(dict[str, Entry | dict[str, str]])


def lead(prefix: bytes) -> int:
    """How far into an aligned buffer to put the file that starts with `prefix`: its data is aligned then."""
    return -(PREFIX_BYTES + int.from_bytes(prefix[:PREFIX_BYTES], "little")) % ALIGNMENT


def tensors_in(file: "torch.Tensor") -> dict[str, "torch.Tensor"]:
    """Tensors on the bytes of a safetensors file, `[bytes]` of uint8. Raises BadModelFile."""
    start = PREFIX_BYTES + header_length(bytes(file[:PREFIX_BYTES].numpy()), len(file))
    header, data = bytes(file[PREFIX_BYTES:start].numpy()), file[start:]
    entries = _checked(_parse(_Header, header), len(data))
    return {name: tensor_on(name, entry, data[slice(*entry.data_offsets)]) for name, entry in entries.items()}


def header_length(prefix: bytes, file_size: int) -> int:
    """How many bytes the header has that follows the file's first eight. Raises BadModelFile."""
    length = int.from_bytes(prefix, "little")
    if len(prefix) < PREFIX_BYTES or length > min(MAX_HEADER_BYTES, file_size - PREFIX_BYTES):
        raise BadModelFile("These weights are no safetensors file: the header's length is wrong.")
    return length


def entries_in(header: bytes, data_size: int) -> dict[str, Entry]:
    """The tensors of a file that any program wrote, by name. `data_size`: bytes after the header.

    Raises BadModelFile.
    """
    parsed = _parse(_ForeignHeader, header)
    return _checked({name: entry for name, entry in parsed.items() if isinstance(entry, Entry)}, data_size)


def tensor_on(name: str, entry: Entry, raw: "torch.Tensor") -> "torch.Tensor":
    """The tensor whose bytes are `raw`, `[bytes]` of uint8: a view where alignment allows.

    Raises BadModelFile.
    """
    dtype = dtype_of(name, entry)
    if len(raw) != entry.nbytes:
        raise BadModelFile(f"The weights of {name[:80]} end before the file says.")
    if raw.storage_offset() % dtype.itemsize:
        raw = raw.clone()
    return raw.view(dtype).view(entry.shape)


def dtype_of(name: str, entry: Entry) -> "torch.dtype":
    """Of the tensor's numbers. Raises BadModelFile, also if it is not as large as its shape says."""
    import torch

    dtype: torch.dtype = getattr(torch, torch_name(name, entry.dtype))
    if entry.nbytes != math.prod(entry.shape) * dtype.itemsize:
        raise BadModelFile(f"The weights of {name[:80]} are not as large as their shape says.")
    return dtype


def torch_name(tensor: str, dtype: str) -> str:
    """torch's word for one of safetensors' types. Raises BadModelFile for those that Potluck cannot use."""
    if dtype not in _TORCH_NAMES:
        raise BadModelFile(
            f"The weights of {tensor[:80]} are of type {dtype[:20]}, which Potluck cannot use."
        )
    return _TORCH_NAMES[dtype]


def own_memory(size: int) -> "torch.Tensor":
    """`[bytes]` of uint8 that go back to the system together with the last tensor on them.

    What malloc gives, it often keeps after it is freed: layer after layer, that adds up.
    """
    import torch

    if size < _MAPPED_BYTES:
        return torch.empty(size, dtype=torch.uint8)
    return torch.frombuffer(mmap.mmap(-1, size), dtype=torch.uint8)


def file_of(tensors: dict[str, "torch.Tensor"], remarks: Mapping[str, str] | None = None) -> memoryview:
    """A safetensors file whose bytes depend on names, types, shapes and values alone.

    The same bytes as the safetensors library writes, to which `remarks` are metadata. `tensors` is emptied on
    the way, so that only one tensor at a time is in memory twice.
    """
    import torch

    names = sorted(tensors, key=lambda name: (-_rank(tensors[name]), name))
    header = _header_of({name: tensors[name] for name in names}, remarks)
    size = sum(tensor.nbytes for tensor in tensors.values())
    file = own_memory(len(header) + size)
    view = memoryview(file.numpy())
    view[: len(header)] = header
    at = len(header)
    for name in names:
        tensor = tensors.pop(name).detach().cpu().contiguous().flatten().view(torch.uint8)
        file[at : at + len(tensor)] = tensor
        at += len(tensor)
    return view


def _header_of(tensors: Mapping[str, "torch.Tensor"], remarks: Mapping[str, str] | None) -> bytes:
    entries: dict[str, Any] = {"__metadata__": dict(remarks)} if remarks else {}
    at = 0
    for name, tensor in tensors.items():
        entries[name] = {
            "dtype": stored_name(tensor),
            "shape": list(tensor.shape),
            "data_offsets": [at, at + tensor.nbytes],
        }
        at += tensor.nbytes
    text = json.dumps(entries, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % PREFIX_BYTES)
    return len(text).to_bytes(PREFIX_BYTES, "little") + text


def stored_name(tensor: "torch.Tensor") -> str:
    """safetensors' word for the tensor's type. Raises UnsupportedModel for those that Potluck cannot keep."""
    name = str(tensor.dtype).removeprefix("torch.")
    for stored, known in _TORCH_NAMES.items():
        if known == name:
            return stored
    raise UnsupportedModel(f"The model has weights of type {name}, which Potluck cannot share.")


def _rank(tensor: "torch.Tensor") -> int:
    """Wide types come first in a file, so that each tensor is aligned."""
    return _RANKS.index(stored_name(tensor))


def _parse(kind: TypeAdapter[Any], header: bytes) -> Any:
    try:
        return kind.validate_json(header)
    except ValidationError:
        raise BadModelFile("These weights are no safetensors file: the header cannot be read.") from None


def _checked(entries: dict[str, Entry], size: int) -> dict[str, Entry]:
    """The tensors must follow each other without a gap or an overlap, up to the end."""
    at = 0
    for start, end in sorted(entry.data_offsets for entry in entries.values()):
        if start != at or end < start:
            raise BadModelFile("These weights are no safetensors file: tensors overlap or leave gaps.")
        at = end
    if at != size:
        raise BadModelFile("These weights are no safetensors file: tensors end before or after the file.")
    return entries
