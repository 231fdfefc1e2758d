"""Parts as tensors, on the CPU: views on the very bytes that were verified."""

import weakref
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from queue import Empty, SimpleQueue

import numpy as np
import torch
from numpy.typing import NDArray

from engine.weights.manifest import Part
from engine.weights.store.part_files import PartFiles, fill_from
from engine.weights.tensorfile import ALIGNMENT, PREFIX_BYTES, lead, tensors_in

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
