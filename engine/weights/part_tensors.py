"""Parts as tensors, on the CPU: views on the very bytes that were verified."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import torch

from engine.weights.manifest import Part
from engine.weights.part_files import PartFiles, fill_from
from engine.weights.tensorfile import PREFIX_BYTES, lead, tensors_in

READ_AHEAD = 2  # parts that are read and hashed while an earlier one is used


def tensors(files: PartFiles, part: Part) -> dict[str, torch.Tensor]:
    """The part's tensors. Raises PartMissing, WrongHash or BadModelFile."""
    with files.open(part) as file:
        prefix = bytearray(min(PREFIX_BYTES, part.size))
        fill_from(file, memoryview(prefix))
        skip = lead(prefix)
        buffer = torch.empty(skip + part.size, dtype=torch.uint8)[skip:]
        file.seek(0)
        good = files.read_into(file, part, memoryview(buffer.numpy()))
    if not good:
        files.drop(part)
    return tensors_in(buffer)


def tensors_of(files: PartFiles, parts: Iterable[Part]) -> Iterator[dict[str, torch.Tensor]]:
    """`tensors` of each part in turn; the next ones are read and verified while one is used."""
    todo = iter(parts)
    with ThreadPoolExecutor(READ_AHEAD, thread_name_prefix="layer-store") as pool:
        ahead = [pool.submit(tensors, files, part) for part in islice(todo, READ_AHEAD)]
        try:
            while ahead:
                yield ahead.pop(0).result()
                ahead += [pool.submit(tensors, files, part) for part in islice(todo, 1)]
        finally:
            pool.shutdown(cancel_futures=True)
