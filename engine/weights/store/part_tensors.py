"""Parts as tensors, on the CPU: views on the very bytes that were verified."""

import math
import weakref
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import FileIO
from itertools import islice
from queue import Empty, SimpleQueue

import numpy as np
import torch
from numpy.typing import NDArray

from engine.errors import BadModelFile
from engine.weights.content_hash import GrowingHashes, are_hashes_of
from engine.weights.manifest import Part
from engine.weights.store.part_files import PartFiles, fill_from
from engine.weights.tensorfile import (
    ALIGNMENT,
    PREFIX_BYTES,
    Entry,
    dtype_of,
    entries_in,
    header_length,
    lead,
    tensors_in,
)

PIECE_BYTES = 1 << 19  # of a tensor's rows that are read in turn

READ_AHEAD = 2  # parts that are read and hashed while an earlier one is used

Memory = NDArray[np.uint8]


class Buffers:
    """Memory for one part after another. What nobody looks at any more is used again.

    The system takes longer to hand out fresh memory than to read a file that it has cached.
    """

    def __init__(self) -> None:
        self._free: SimpleQueue[Memory] = SimpleQueue()  # a weak reference may give back at any moment

    def take(self, size: int) -> torch.Tensor:
        """`[size]` of uint8, its values arbitrary. Given back when the last tensor on it is gone."""
        memory = self._reused(size)
        lent = memory[:size]
        weakref.finalize(lent, self._free.put, memory).atexit = False
        return torch.from_numpy(lent)

    def _reused(self, size: int) -> Memory:
        """A free buffer, if it is large enough and not far too large; the others are let go."""
        try:
            while True:
                memory = self._free.get_nowait()
                if size <= memory.nbytes <= 2 * size:
                    return memory
        except Empty:
            return np.empty(size, np.uint8)


def tensors(files: PartFiles, part: Part, buffers: Buffers) -> dict[str, torch.Tensor]:
    """The part's tensors. Raises PartMissing, WrongHash or BadModelFile."""
    with files.use(part) as file:
        prefix = bytearray(min(PREFIX_BYTES, part.size))
        fill_from(file, memoryview(prefix))
        memory = buffers.take(part.size + 2 * ALIGNMENT)
        skip = -memory.data_ptr() % ALIGNMENT + lead(bytes(prefix))
        buffer = memory[skip : skip + part.size]
        file.seek(0)
        good = files.read_into(file, part, buffer.numpy().data)
    if not good:
        files.drop(part)
    return tensors_in(buffer)


def tensors_of(files: PartFiles, parts: Iterable[Part]) -> Iterator[dict[str, torch.Tensor]]:
    """`tensors` of each part in turn; the next ones are read and verified while one is used."""
    todo, buffers = iter(parts), Buffers()
    with ThreadPoolExecutor(READ_AHEAD, thread_name_prefix="layer-store") as pool:
        ahead = [pool.submit(tensors, files, part, buffers) for part in islice(todo, READ_AHEAD)]
        try:
            while ahead:
                yield ahead.pop(0).result()
                ahead += [pool.submit(tensors, files, part, buffers) for part in islice(todo, 1)]
        finally:
            pool.shutdown(cancel_futures=True)


# --- in little memory


@dataclass(frozen=True)
class Rows:
    """One tensor of a part that is being read."""

    name: str
    shape: tuple[int, ...]
    pieces: Iterator[torch.Tensor]  # `[rows, last dimension]` each; to be taken before the next tensor

    def whole(self) -> torch.Tensor:
        return torch.cat(list(self.pieces)).view(self.shape)


def rows_in_turn(files: PartFiles, part: Part) -> Iterator[Rows]:
    """The part's tensors in the order of the file, a few rows at a time.

    What was read is verified when all of it has been taken: use nothing of it before. Raises as `tensors`.
    """
    with files.use(part) as file:
        source = _Source(file)
        try:
            yield from _rows_of(source, part.size)
        except BadModelFile:
            files.check(part)  # what was damaged is seldom a good file of tensors
            raise
        good = are_hashes_of(source.hashes.hashes(), part.digest, part.size)
    if not good:
        files.drop(part)


class _Source:
    """An open file, hashed while it is read."""

    def __init__(self, file: FileIO) -> None:
        self._file = file
        self.hashes = GrowingHashes()

    def take(self, size: int) -> torch.Tensor:
        """`[size]` of uint8; zeros where the file has ended."""
        taken = torch.zeros(size, dtype=torch.uint8)
        view = taken.numpy().data
        self.hashes.add(view[: fill_from(self._file, view)])
        return taken


def _rows_of(source: _Source, size: int) -> Iterator[Rows]:
    prefix = bytes(source.take(PREFIX_BYTES).numpy())
    length = header_length(prefix, size)
    entries = entries_in(bytes(source.take(length).numpy()), size - PREFIX_BYTES - length)
    for name, entry in sorted(entries.items(), key=lambda item: item[1].data_offsets):
        yield Rows(name, entry.shape, _pieces(source, entry, dtype_of(name, entry)))


def _pieces(source: _Source, entry: Entry, dtype: torch.dtype) -> Iterator[torch.Tensor]:
    columns = entry.shape[-1] if entry.shape else 1
    rows = math.prod(entry.shape[:-1])
    at_once = max(1, PIECE_BYTES // max(1, columns * dtype.itemsize))
    for at in range(0, rows, at_once):
        count = min(at_once, rows - at)
        yield source.take(count * columns * dtype.itemsize).view(dtype).view(count, columns)
