"""What a part is named by: a BLAKE3 hash over the BLAKE3 hashes of its chunks.

Whoever holds a part's name can check the list of its chunks' hashes, and with that list every single chunk:
what one peer sends can be told good or bad before anything else has arrived. Chunks are hashed side by side.
BLAKE3: https://github.com/BLAKE3-team/BLAKE3-specs, section 2.
"""

from collections.abc import Iterator

from blake3 import blake3

CHUNK_BYTES = 1 << 20
HASH_BYTES = 32

# Keeps a list of hashes from ever being taken for a part's own bytes, and the other way round.
_NAME_CONTEXT = "Potluck 2026-11 part name: hashes of its chunks"

Bytes = bytes | bytearray | memoryview


def chunk_count(size: int) -> int:
    """How many chunks a part of `size` bytes has; at least one, also when it is empty."""
    return max(1, -(-size // CHUNK_BYTES))


def chunk_range(index: int, size: int) -> tuple[int, int]:
    """First byte and end of a chunk in a part of `size` bytes."""
    return index * CHUNK_BYTES, min(size, (index + 1) * CHUNK_BYTES)


def chunk_hash(chunk: Bytes) -> bytes:
    return blake3(chunk).digest()


def chunk_hashes(data: Bytes) -> bytes:
    """The chunks' hashes in order, 32 bytes each."""
    return b"".join(chunk_hash(chunk) for chunk in _chunks(memoryview(data).cast("B")))


def hash_at(hashes: bytes, index: int) -> bytes:
    """The hash of one chunk."""
    return hashes[index * HASH_BYTES : (index + 1) * HASH_BYTES]


def are_hashes_of(hashes: bytes, digest: str, size: int) -> bool:
    """Whether these are the chunks' hashes of the part of this name and size."""
    return len(hashes) == chunk_count(size) * HASH_BYTES and name_of(hashes) == digest


def name_of(hashes: bytes) -> str:
    """A part's name, hex, from its chunks' hashes."""
    return blake3(hashes, derive_key_context=_NAME_CONTEXT).hexdigest()


def content_name(data: Bytes) -> str:
    """A part's name, hex, from its bytes."""
    return name_of(chunk_hashes(data))


class GrowingHashes:
    """The chunks' hashes of bytes that come in pieces of any size."""

    def __init__(self) -> None:
        self._closed: list[bytes] = []
        self._hasher, self._room = blake3(), CHUNK_BYTES

    def add(self, data: memoryview) -> None:
        while data:
            if not self._room:
                self._closed.append(self._hasher.digest())
                self._hasher, self._room = blake3(), CHUNK_BYTES
            piece, data = data[: self._room], data[self._room :]
            self._hasher.update(piece)
            self._room -= len(piece)

    def hashes(self) -> bytes:
        """In order, 32 bytes each."""
        return b"".join((*self._closed, self._hasher.digest()))


def _chunks(data: memoryview) -> Iterator[memoryview]:
    for index in range(chunk_count(data.nbytes)):
        start, end = chunk_range(index, data.nbytes)
        yield data[start:end]
