"""Safetensors files, read by ranges: nothing is mapped, so nothing stays in memory that is no longer used."""

import os
from collections.abc import Mapping, Sequence
from io import FileIO
from pathlib import Path
from typing import Protocol

from torch import Tensor

from engine.api.sentences import said
from engine.errors import BadModelFile
from engine.weights.sources.checkpoint import TensorInfo
from engine.weights.tensorfile import PREFIX_BYTES, Entry, entries_in, header_length, own_memory, tensor_on


class RangedFile(Protocol):
    """A file of which any range can be read, here or elsewhere."""

    name: str  # for people
    size: int  # bytes

    def read_into(self, view: memoryview, start: int) -> None:
        """Fill the view with what the file holds from `start` on. Raises BadModelFile if it ends before."""
        ...


class LocalFile:
    """A file on this computer; one thread at a time may read it."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._file = FileIO(path)
        self.size = os.fstat(self._file.fileno()).st_size

    def read_into(self, view: memoryview, start: int) -> None:
        done = self._file.seek(start) - start
        while done < len(view):
            count = self._file.readinto(view[done:])
            if not count:
                raise BadModelFile(
                    said("{file} has become shorter while it was read: download it again.", file=self.name)
                )
            done += count

    def close(self) -> None:
        self._file.close()


class SafetensorsCheckpoint:
    """The tensors of one or several safetensors files."""

    def __init__(self, files: Sequence[RangedFile]) -> None:
        """Reads every file's header. Raises BadModelFile."""
        self._places: dict[str, tuple[RangedFile, int, Entry]] = {}
        for file in files:
            start, entries = _read_header(file)
            self._places |= {name: (file, start, entry) for name, entry in entries.items()}

    @property
    def entries(self) -> Mapping[str, TensorInfo]:
        return {
            name: TensorInfo(entry.dtype, entry.shape, entry.nbytes)
            for name, (_, _, entry) in self._places.items()
        }

    def read(self, names: Sequence[str]) -> dict[str, Tensor]:
        return {name: self._read(name) for name in names}

    def _read(self, name: str) -> Tensor:
        file, start, entry = self._places[name]
        raw = own_memory(entry.nbytes)
        file.read_into(memoryview(raw.numpy()), start + entry.data_offsets[0])
        return tensor_on(name, entry, raw)


def _read_header(file: RangedFile) -> tuple[int, dict[str, Entry]]:
    """Where the file's data starts, and what it holds."""
    try:
        length = header_length(_read(file, 0, min(PREFIX_BYTES, file.size)), file.size)
        start = PREFIX_BYTES + length
        return start, entries_in(_read(file, PREFIX_BYTES, length), file.size - start)
    except BadModelFile as error:
        raise BadModelFile(
            said(
                "{file} cannot be read as a model; it may be incomplete ({reason:clause}).",
                file=file.name,
                reason=str(error),
            )
        ) from error


def _read(file: RangedFile, start: int, size: int) -> bytes:
    data = bytearray(size)
    file.read_into(memoryview(data), start)
    return bytes(data)
