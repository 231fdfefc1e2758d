"""Room for new parts: under the owner's limit, on the disk, never at the cost of what is in use or kept."""

import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from time import time

from engine.api.sentences import said
from engine.errors import DiskFull
from engine.weights.store.disk_errors import KEEP_FREE_BYTES, disk_full
from engine.weights.store.eviction import PartUse, Space, default_limit, to_evict
from engine.weights.store.limits import read_limit, write_limit
from engine.weights.store.locks import exclusive
from engine.weights.store.manifest_files import ManifestFiles
from engine.weights.store.part_files import PartFiles
from engine.weights.store.partial_files import PartialFiles
from engine.weights.store.pins import KeptModels, Pins

FRESH_SECONDS = 3600  # a part without a model may belong to one that is being imported


class Room:
    """Decides and frees under one lock, so that two processes never count on the same space."""

    def __init__(
        self,
        root: Path,
        parts: PartFiles,
        partial: PartialFiles,
        pins: Pins,
        kept: KeptModels,
        manifests: ManifestFiles,
    ) -> None:
        self._root = root
        self._guard = root / "lock"
        self._limit_file = root / "limit.json"
        self._parts = parts
        self._partial = partial
        self._pins = pins
        self._kept = kept
        self._manifests = manifests

    # --- what there is

    def space(self) -> Space:
        self._root.mkdir(parents=True, exist_ok=True)
        held, absent = self._partial.sizes()
        held += sum(part.size for part in self._parts.all())
        free = shutil.disk_usage(self._root).free - absent - KEEP_FREE_BYTES
        limit = read_limit(self._limit_file)
        return Space(held, default_limit(held, free) if limit is None else limit, free)

    def limit_is_default(self) -> bool:
        return read_limit(self._limit_file) is None

    def set_limit(self, limit: int | None) -> None:
        """Say how many bytes the store may hold; None: the default. Evicts what is beyond, if it may go."""
        with exclusive(self._guard):
            write_limit(self._limit_file, limit)
            self._remove(self._evictable(self.space().excess(0)))

    def kept_parts(self) -> frozenset[str]:
        """Digests of the parts of all models that the owner keeps."""
        kept = self._kept.digests()
        models = self._manifests.all() if kept else ()
        return frozenset(part.digest for m in models if m.digest in kept for part in m.parts())

    def most(self, own: Collection[str]) -> int:
        """Bytes that the parts with digests `own` may take when all goes that is nobody's to keep."""
        space, others = self.space(), self.kept_parts() - set(own)
        staying = sum(part.size for part in self._parts.all() if part.digest in others)
        return max(0, min(space.limit, space.held + space.free) - staying)

    def sweep(self) -> None:
        """Remove what processes left that died while they wrote what the owner said."""
        with exclusive(self._guard):  # under which all such files are written
            for leftover in self._root.glob("*.json?*"):
                leftover.unlink(missing_ok=True)

    # --- making room

    def check(self, needed: int) -> None:
        """Raises DiskFull unless `needed` bytes more can be made to fit."""
        with exclusive(self._guard):
            self._plan(needed)

    def reserve(self, path: Path, size: int) -> None:
        """Make room for a file of `size` bytes and create it, sparse; what is in it already stays."""
        with exclusive(self._guard):
            already = path.stat().st_size if path.exists() else 0
            self._remove(self._plan(size - already))
            with open(path, "ab") as file:
                file.truncate(size)

    def clear(self, unwanted: Callable[[PartUse], bool]) -> int:
        """Remove the unpinned parts that are `unwanted`; how many bytes that frees."""
        with exclusive(self._guard):
            pinned = self._pinned()
            return self._remove(
                [part for part in self._parts.all() if unwanted(part) and part.digest not in pinned]
            )

    def _plan(self, needed: int) -> Sequence[PartUse]:
        """What must go. Before it gives up, it removes half parts that nobody is writing."""
        try:
            return self._enough(needed)
        except DiskFull:
            self._partial.sweep(resumable=True)
            return self._enough(needed)

    def _enough(self, needed: int) -> Sequence[PartUse]:
        space = self.space()
        going = self._evictable(space.excess(needed))
        freed = sum(part.size for part in going)
        if freed < space.excess_on_disk(needed):
            raise disk_full(self._root, needed)
        if freed < space.excess(needed):
            raise DiskFull(
                said(
                    "The layer store may hold {limit:bytes}, and what must stay leaves no room for "
                    "{needed:bytes} more: raise the limit with `potluck-engine layers limit`.",
                    limit=space.limit,
                    needed=needed,
                )
            )
        return going

    def _evictable(self, excess: int) -> Sequence[PartUse]:
        return to_evict(self._uses(), excess, self._pinned()) if excess else ()

    def _uses(self) -> list[PartUse]:
        needed, fresh = self._manifests.needed(), time() - FRESH_SECONDS
        return [
            replace(part, orphan=part.digest not in needed and part.last_used < fresh)
            for part in self._parts.all()
        ]

    def _pinned(self) -> frozenset[str]:
        return self._pins.in_use() | self.kept_parts()

    def _remove(self, parts: Sequence[PartUse]) -> int:
        for part in parts:
            self._parts.remove(part.digest)
        return sum(part.size for part in parts)
