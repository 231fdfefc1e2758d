"""Parts on their way into the store, each open from its hash list to its last chunk. Disks block threads."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from engine.beside import beside
from engine.weights.manifest import Manifest, Part


class Assembly(Protocol):
    """See `engine.weights.store.assembly`."""

    @property
    def missing(self) -> list[int]: ...
    def write(self, index: int, data: bytes) -> None: ...
    def finish(self) -> None: ...


class PartSink(Protocol):
    """The part of a layer store that a fetch fills. Raises StoreError."""

    def has(self, part: Part) -> bool: ...
    def assembly(self, part: Part, hashes: bytes) -> AbstractContextManager[Assembly]: ...
    def manifest(self, digest: str) -> Manifest: ...
    def save_manifest(self, manifest: Manifest) -> None: ...


class OpenParts:
    """Parts by their place in `parts`. Raises StoreError: WrongHash for what is not what it should be."""

    def __init__(self, store: PartSink, parts: Sequence[Part]) -> None:
        self._store = store
        self._parts = parts
        self._open: dict[int, tuple[AbstractContextManager[Assembly], Assembly]] = {}

    async def begin(self, place: int, hashes: bytes) -> list[int]:
        """The chunks that no earlier fetch brought. Raises PartBusy while another process has it in hand."""
        return await beside(self._begin, place, hashes)

    def _begin(self, place: int, hashes: bytes) -> list[int]:
        context = self._store.assembly(self._parts[place], hashes)
        assembly = context.__enter__()
        self._open[place] = context, assembly
        return assembly.missing

    async def write(self, place: int, chunk: int, data: bytes) -> None:
        await beside(self._open[place][1].write, chunk, data)

    async def finish(self, place: int) -> None:
        """All chunks are there: put the part into its place."""
        await beside(self._finish, place)

    def _finish(self, place: int) -> None:
        self._open[place][1].finish()
        self._close(place)

    async def close(self) -> None:
        """Leave what is unfinished as it is, to be gone on with."""
        for place in tuple(self._open):
            await beside(self._close, place)

    def _close(self, place: int) -> None:
        context, _ = self._open.pop(place)
        context.__exit__(None, None, None)
