"""Parts that are being written: each under a lock that its writer holds, so that a dead writer's are known.

partial/<digest>            built from chunks; kept for a while after its writer died, to go on from there
partial/<digest>.<random>   written in one go
partial/….lock              held by the writer
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import PartBusy
from engine.weights.store.locks import give_up, take_lock

RESUMABLE_SECONDS = 24 * 3600  # how long half a part waits for somebody to go on with it
SWEEPERS_SECONDS = 0.5  # whoever only sweeps lets go long before
DISK_BLOCK_BYTES = 512  # the unit of st_blocks


class PartialFiles:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def claimed(self, name: str) -> Iterator[Path]:
        """The path of this partial file, for one writer at a time. Raises PartBusy."""
        lock = take_lock(self._lock_of(name), SWEEPERS_SECONDS)
        if lock is None:
            raise PartBusy(f"Part {name[:12]} is being fetched already: wait for it to arrive.")
        try:
            yield self._folder / name
        finally:
            give_up(lock)

    def sizes(self) -> tuple[int, int]:
        """Bytes of all partial files at their full size; and those of them that take no disk space yet."""
        full = absent = 0
        for path in self._files():
            if (status := _status(path)) is not None:
                full += status.st_size
                absent += max(0, status.st_size - on_disk(status))
        return full, absent

    def sweep(self, resumable: bool = False) -> None:
        """Remove what dead writers left; what can be gone on with only if old, or if `resumable`."""
        oldest = time.time() - RESUMABLE_SECONDS
        for path in self._files():
            status = _status(path)
            if status is not None and (resumable or "." in path.name or status.st_mtime < oldest):
                self._remove_if_dead(path.name)
        for path in self._folder.glob("*.lock"):
            if not path.with_suffix("").exists():
                self._remove_if_dead(path.stem)

    def _remove_if_dead(self, name: str) -> None:
        lock = take_lock(self._lock_of(name))
        if lock is not None:
            (self._folder / name).unlink(missing_ok=True)
            give_up(lock)

    def _files(self) -> list[Path]:
        return [path for path in self._folder.glob("*") if path.suffix != ".lock"]

    def _lock_of(self, name: str) -> Path:
        return self._folder / f"{name}.lock"


def write_all(descriptor: int, data: memoryview) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def on_disk(status: os.stat_result) -> int:
    """How many bytes a file takes; a sparse one less than its size."""
    blocks: int | None = getattr(status, "st_blocks", None)  # Windows has none, and leaves no holes
    return status.st_size if blocks is None else blocks * DISK_BLOCK_BYTES


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None
