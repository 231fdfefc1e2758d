"""Parts as files named by their hash: found, read and verified, dropped when damaged."""

import os
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import NoReturn

from engine.api.sentences import said
from engine.errors import PartMissing, WrongHash
from engine.weights.content_hash import (
    CHUNK_BYTES,
    are_hashes_of,
    chunk_count,
    chunk_hash,
    chunk_range,
    hash_at,
)
from engine.weights.manifest import Part
from engine.weights.store.eviction import PartUse

TOUCH_SECONDS = 300  # last uses are not told apart more finely than this
KNOWN_HASH_LISTS = 1024  # 32 bytes for each MiB of a part


class PartFiles:
    """`parts/3f/3f…`, complete or absent, never half-written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._hashes = _HashLists()

    def path(self, part: Part) -> Path:
        return self._folder / part.digest[:2] / part.digest

    def has(self, part: Part) -> bool:
        try:
            return self.path(part).stat().st_size == part.size
        except (FileNotFoundError, NotADirectoryError):
            return False

    def open(self, part: Part) -> FileIO:
        """The file, of the right size. Raises PartMissing or WrongHash."""
        try:
            file = FileIO(self.path(part))
        except FileNotFoundError:
            name = part.digest[:12]
            raise PartMissing(
                said("Part {name} of the model is not here: import or fetch the model again.", name=name)
            ) from None
        size = os.fstat(file.fileno()).st_size
        if size != part.size:
            file.close()
            self._refuse_size(part, size)
        return file

    def _refuse_size(self, part: Part, size: int) -> NoReturn:
        """The file is damaged, and goes; or it is good, and a stranger's manifest lies about its size."""
        self.check(Part(part.digest, size))
        raise WrongHash(
            said(
                "Part {part} is not as large as the model's description says: use another model.",
                part=part.digest[:12],
            )
        )

    def use(self, part: Part) -> FileIO:
        """`open`, noted as the part's last use."""
        file = self.open(part)
        if abs(time.time() - os.fstat(file.fileno()).st_mtime) > TOUCH_SECONDS:
            self.touch(part)
        return file

    def read(self, part: Part) -> bytearray:
        """The part's bytes, verified."""
        with self.use(part) as file:
            data = bytearray(part.size)
            good = self.read_into(file, part, memoryview(data))
        if not good:
            self.drop(part)
        return data

    def read_into(self, file: FileIO, part: Part, view: memoryview) -> bool:
        """Fill `view` with the open part; whether that is what its name says.

        Each chunk is hashed while it is still in the processor's cache.
        """
        hashes = b"".join(_read_chunks(file, view))
        good = are_hashes_of(hashes, part.digest, part.size)
        if good:
            self._hashes.put(part.digest, hashes)
        return good

    def chunk(self, part: Part, index: int) -> bytes:
        """One chunk, verified. Raises PartMissing or WrongHash."""
        if not 0 <= index < chunk_count(part.size):
            raise PartMissing(said("Part {part} has no chunk {index}.", part=part.digest[:12], index=index))
        expected = hash_at(self.hashes(part), index)
        start, end = chunk_range(index, part.size)
        with self.use(part) as file:
            file.seek(start)
            data = read_exactly(file, end - start)
        if chunk_hash(data) != expected:
            self.drop(part)
        return data

    def hashes(self, part: Part) -> bytes:
        """The chunks' hashes, 32 bytes each; the part is read for them once. Raises like `check`."""
        known = self._hashes.get(part.digest)
        return known if known is not None and self.has(part) else self.check(part)

    def check(self, part: Part) -> bytes:
        """Read all of the part, in little memory, which is no use of it; its chunks' hashes.

        Raises PartMissing or WrongHash.
        """
        with self.open(part) as file:
            hashes = b"".join(map(chunk_hash, chunks_of(file, part.size)))
        if not are_hashes_of(hashes, part.digest, part.size):
            self.drop(part)
        self._hashes.put(part.digest, hashes)
        return hashes

    def learn(self, part: Part, hashes: bytes) -> None:
        """Remember hashes that were checked against the part's name."""
        self._hashes.put(part.digest, hashes)

    def touch(self, part: Part) -> None:
        """Note that the part is used now."""
        with suppress(OSError):  # gone, or a folder that may only be read
            os.utime(self.path(part))

    def drop(self, part: Part) -> NoReturn:
        self.path(part).unlink(missing_ok=True)
        raise WrongHash(
            said(
                "Part {part} of the model was damaged on disk and has been removed: import or fetch "
                "the model again.",
                part=part.digest[:12],
            )
        )

    def remove(self, digest: str) -> None:
        with suppress(OSError):  # Windows: somebody reads it
            (self._folder / digest[:2] / digest).unlink(missing_ok=True)

    def all(self) -> tuple[PartUse, ...]:
        """Every part that is here."""
        return tuple(use for path in self._folder.glob("??/*") if (use := _use_of(path)) is not None)


class _HashLists:
    """Chunk hashes of the parts that were read last. None grows stale: a name always means the same bytes."""

    def __init__(self) -> None:
        self._lists: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, digest: str) -> bytes | None:
        with self._lock:
            if digest in self._lists:
                self._lists.move_to_end(digest)
            return self._lists.get(digest)

    def put(self, digest: str, hashes: bytes) -> None:
        with self._lock:
            self._lists[digest] = hashes
            self._lists.move_to_end(digest)
            if len(self._lists) > KNOWN_HASH_LISTS:
                self._lists.popitem(last=False)


def chunks_of(file: FileIO, size: int) -> Iterator[bytes]:
    """A file's bytes chunk by chunk; the last ones are shorter if the file is."""
    file.seek(0)
    for index in range(chunk_count(size)):
        start, end = chunk_range(index, size)
        yield read_exactly(file, end - start)


def read_exactly(file: FileIO, size: int) -> bytes:
    """`size` bytes, or fewer at the file's end."""
    data = file.read(size) or b""
    while len(data) < size and (more := file.read(size - len(data))):
        data += more
    return data


def fill_from(file: FileIO, view: memoryview) -> int:
    """How many bytes were read: fewer than asked only at the file's end."""
    read = 0
    while read < len(view) and (count := file.readinto(view[read:])):
        read += count
    return read


def _read_chunks(file: FileIO, view: memoryview) -> Iterator[bytes]:
    for start in range(0, max(1, len(view)), CHUNK_BYTES):
        piece = view[start : start + CHUNK_BYTES]
        yield chunk_hash(piece[: fill_from(file, piece)])


def _use_of(path: Path) -> PartUse | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    if not re.fullmatch("[0-9a-f]{64}", path.name):  # left there by some other program
        return None
    return PartUse(path.name, status.st_size, status.st_mtime)
