"""A part built from chunks that arrive in any order, from anywhere. What has arrived survives a crash."""

import os
import threading
from io import FileIO
from pathlib import Path

from engine.errors import WrongHash
from engine.weights.content_hash import CHUNK_BYTES, are_hashes_of, chunk_count, chunk_hash, hash_at
from engine.weights.manifest import Part
from engine.weights.store.disk_errors import writing
from engine.weights.store.part_files import chunks_of
from engine.weights.store.partial_files import on_disk, write_all


def check_hashes(part: Part, hashes: bytes) -> None:
    """Raises WrongHash unless these are the hashes of the part's chunks."""
    if not are_hashes_of(hashes, part.digest, part.size):
        raise WrongHash(f"The list of chunks of part {part.digest[:12]} is wrong: get it from somebody else.")


class Assembly:
    """One part on its way. `write` may be called from several threads."""

    def __init__(self, root: Path, part: Part, hashes: bytes, file: FileIO | None, target: Path) -> None:
        """`file` holds what is there already; None: the part is complete and in its place."""
        self.part = part
        self._root = root
        self._hashes = hashes
        self._file = file
        self._target = target
        self._lock = threading.Lock()
        self._missing = set() if file is None else _missing(file, part, hashes)

    @property
    def missing(self) -> list[int]:
        """Indices of the chunks that are still to come, in order."""
        with self._lock:
            return sorted(self._missing)

    def write(self, index: int, data: bytes | bytearray | memoryview) -> None:
        """Keep one chunk. Raises WrongHash, naming it, if it is not what it should be; or DiskFull."""
        if not 0 <= index < chunk_count(self.part.size) or chunk_hash(data) != hash_at(self._hashes, index):
            raise WrongHash(f"Chunk {index} of part {self.part.digest[:12]} is not what it should be.")
        with self._lock, writing(self._root, len(data)):
            if self._file is not None and index in self._missing:
                self._file.seek(index * CHUNK_BYTES)
                write_all(self._file.fileno(), memoryview(data))
                self._missing.discard(index)

    def finish(self) -> None:
        """Put the part into its place, safe on disk. Raises ValueError while chunks are missing."""
        if self._missing:
            raise ValueError(f"{len(self._missing)} chunks are missing")
        if self._file is not None:
            with writing(self._root, self.part.size):
                os.fsync(self._file.fileno())
                self._file.close()  # Windows renames no open files
                self._target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(self._file.name, self._target)


def _missing(file: FileIO, part: Part, hashes: bytes) -> set[int]:
    """The chunks that `file` does not hold. One that was never written to is not read."""
    if on_disk(os.fstat(file.fileno())) == 0:
        return set(range(chunk_count(part.size)))
    here = enumerate(chunks_of(file, part.size))
    return {index for index, chunk in here if chunk_hash(chunk) != hash_at(hashes, index)}
