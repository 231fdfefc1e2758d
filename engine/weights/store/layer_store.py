"""Parts of models as files named by their hash. Several processes may use one store at once.

parts/3f/3f…     one file per part; complete or absent, never half-written
manifests/….json one file per model, named by the manifest's digest
partial/         being written; renamed into place when safe on disk
pins/            which parts living processes use
kept.json        models whose parts are never evicted
limit.json       how many bytes the store may hold, if the owner said so
lock             held for moments, by who makes room
"""

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from engine.api.sentences import said
from engine.errors import BadRequest, PartMissing, WrongHash
from engine.weights.content_hash import chunk_hashes, name_of
from engine.weights.manifest import Manifest, Part
from engine.weights.store.assembly import Assembly, check_hashes
from engine.weights.store.disk_errors import writing
from engine.weights.store.manifest_files import ManifestFiles
from engine.weights.store.part_files import PartFiles
from engine.weights.store.partial_files import PartialFiles, write_all
from engine.weights.store.pins import KeptModels, Pin, Pins
from engine.weights.store.room import Room
from engine.weights.store.usage import Protected, StoreUsage, store_usage
from engine.weights.store.verification import Cancelled, OnProgress, VerifyResult, verify

if TYPE_CHECKING:
    import torch

    from engine.weights.store.part_tensors import Rows

Bytes = bytes | bytearray | memoryview


class LayerStore:
    """A folder of parts and manifests. Raises StoreError's kinds."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._guard = root / "lock"
        self._parts = PartFiles(root / "parts")
        self._partial = PartialFiles(root / "partial")
        self._manifests = ManifestFiles(root)
        self._pins = Pins(root / "pins", self._guard)
        self._kept = KeptModels(root / "kept.json", self._guard)
        self._room = Room(root, self._parts, self._partial, self._pins, self._kept, self._manifests)

    # --- parts

    def path(self, part: Part) -> Path:
        """Where the part is, or would be."""
        return self._parts.path(part)

    def has(self, part: Part) -> bool:
        """Whether a file of the part's size is there; its hash is checked when it is read."""
        return self._parts.has(part)

    def put(self, data: Bytes) -> Part:
        """Keep these bytes. Raises DiskFull, with nothing half-written left.

        Until the model's manifest is saved, only a pin (`in_use`) keeps the part from being evicted.
        """
        view = memoryview(data).cast("B")
        hashes = chunk_hashes(view)
        part = Part(name_of(hashes), view.nbytes)
        if self.has(part):
            self._parts.touch(part)
        else:
            self._write(self.path(part), view)
        self._parts.learn(part, hashes)
        return part

    def read(self, part: Part) -> bytes:
        """The part's bytes, verified. Raises PartMissing or WrongHash."""
        return bytes(self._parts.read(part))

    def tensors(self, part: Part) -> dict[str, "torch.Tensor"]:
        """The part's tensors, on the CPU: views on one buffer whose bytes were verified.

        Raises PartMissing, WrongHash (the bad file is gone then) or BadModelFile (right bytes, no tensors).
        """
        from engine.weights.store.part_tensors import Buffers, tensors

        return tensors(self._parts, part, Buffers())

    def rows_in_turn(self, part: Part) -> Iterator["Rows"]:
        """The part's tensors one after the other, a few rows at a time, in little memory.

        It is verified when all of it has been taken: use nothing of it before. Raises as `tensors`.
        """
        from engine.weights.store.part_tensors import rows_in_turn

        return rows_in_turn(self._parts, part)

    def tensors_of(self, parts: Iterable[Part]) -> Iterator[dict[str, "torch.Tensor"]]:
        """`tensors` of each part in turn; the next ones are read and verified while one is used."""
        from engine.weights.store.part_tensors import tensors_of

        return tensors_of(self._parts, parts)

    # --- parts by chunks, for and from other computers

    def hashes_of(self, part: Part) -> bytes:
        """Hashes of the part's chunks, 32 bytes each; they make its name. Raises PartMissing or WrongHash."""
        return self._parts.hashes(part)

    def read_chunk(self, part: Part, index: int) -> bytes:
        """One chunk of `content_hash.CHUNK_BYTES`, verified; the last may be shorter.

        Raises PartMissing (also for an index that is none), or WrongHash: the damaged part is gone then.
        """
        return self._parts.chunk(part, index)

    @contextmanager
    def assembly(self, part: Part, hashes: bytes) -> Iterator[Assembly]:
        """Build a part from chunks that arrive in any order. Left without `finish`, it can be gone on with.

        Reads what is there already: use a thread. For one builder at a time, in all processes. `missing` is
        empty if the part is here by now.
        Raises WrongHash if `hashes` are not the part's, PartBusy while another builds it, DiskFull.
        """
        check_hashes(part, hashes)
        self._parts.learn(part, hashes)
        with ExitStack() as held:
            with writing(self.root, part.size):
                partial = held.enter_context(self._partial.claimed(part.digest))
                file = None if self._is_good(part) else self._begin(partial, part.size)
                if file is not None:
                    held.enter_context(file)
            yield Assembly(self.root, part, hashes, file, self.path(part))

    def _is_good(self, part: Part) -> bool:
        try:
            self._parts.check(part)
        except (PartMissing, WrongHash):
            return False
        return True

    def _begin(self, partial: Path, size: int) -> FileIO:
        self._room.reserve(partial, size)
        return FileIO(partial, "r+")

    # --- models

    def save_manifest(self, manifest: Manifest) -> None:
        """Make the model known. A manifest of the same digest is replaced, and with it the display name."""
        self._write(self._manifests.path(manifest.digest), memoryview(manifest.to_json()))

    def manifest(self, digest: str) -> Manifest:
        """Raises UnknownModel, or WrongHash if the file was damaged (it is gone then)."""
        return self._manifests.get(digest)

    def manifests(self) -> tuple[Manifest, ...]:
        """Every known model, the newest first. Damaged descriptions are left out."""
        return self._manifests.all()

    def find(self, name_or_digest: str) -> Manifest:
        """The newest model of this name, or the one with this digest. Raises UnknownModel."""
        return self._manifests.find(name_or_digest)

    def complete(self, manifest: Manifest) -> bool:
        """Whether every part of the model is here."""
        return all(self.has(part) for part in manifest.parts())

    def remove(self, digest: str) -> int:
        """Forget the model; parts that no other model needs go. How many bytes that frees.

        Raises UnknownModel, or BadRequest while any of these parts is in use.
        """
        manifest = self.manifest(digest)
        others = self._manifests.needed(without=digest)
        own = {part.digest for part in manifest.parts()} - others
        if own & self._pins.in_use():
            raise BadRequest(
                said(
                    "{model} is in use on this computer: pause giving and let what is under way end, then "
                    "remove it.",
                    model=manifest.name,
                )
            )
        if digest in self.kept():
            self.keep(digest, False)
        self._manifests.delete(digest)
        return self._room.clear(lambda part: part.digest in own)

    # --- what stays

    def in_use(self, parts: Iterable[Part] = ()) -> AbstractContextManager[Pin]:
        """`with store.in_use(parts) as pin:` none of these is evicted; `pin.add(part)` adds more.

        It ends with this process at the latest, however that dies. Parts may be pinned before they are here.
        """
        return self._pins.hold(parts)

    def keep(self, digest: str, kept: bool) -> None:
        """Whether the owner wants all parts of this model to stay, from now on and over restarts."""
        self._kept.set(digest, kept)

    def kept(self) -> frozenset[str]:
        """Digests of the models that the owner keeps."""
        return self._kept.digests()

    # --- size

    def limit_bytes(self) -> int:
        """How much the store may hold. By default half of what the disk would have free without it."""
        with writing(self.root):
            return self._room.space().limit

    def set_limit(self, limit: int | None) -> None:
        """Say how many bytes the store may hold, for all processes; None: the default.

        Parts beyond it go at once, the least recently used first, except those that are in use or kept.
        """
        with writing(self.root):
            self._room.set_limit(limit)

    def room_for(self, manifest: Manifest) -> int:
        """How many bytes of this model could be here if only what the owner keeps stayed beside it."""
        with writing(self.root):
            return self._room.most({part.digest for part in manifest.parts()})

    def check_space(self, size: int) -> None:
        """Raises DiskFull unless that many bytes more can be made to fit."""
        with writing(self.root, size):
            self._room.check(size)

    def clear(self) -> int:
        """Remove every part that is neither in use nor kept. How many bytes that frees."""
        with writing(self.root):
            self._partial.sweep(resumable=True)
            return self._room.clear(lambda part: True)

    def usage(self) -> StoreUsage:
        with writing(self.root):
            protected = Protected(self._pins.in_use(), self._room.kept_parts(), self.kept())
            default = self._room.limit_is_default()
            return store_usage(self._room.space(), default, self.manifests(), self._parts.all(), protected)

    def verify(
        self,
        on_progress: OnProgress = lambda done, total: None,
        cancelled: Cancelled = lambda: False,
        model: str | None = None,
    ) -> VerifyResult:
        """Read every part, or those of the model with this digest, and drop the damaged ones.

        `on_progress` gets bytes. Raises Stopped if cancelled, UnknownModel.
        """
        own = None if model is None else {part.digest for part in self.manifest(model).parts()}
        return verify(
            self._parts,
            self.manifests(),
            on_progress,
            cancelled,
            lambda digest: own is None or digest in own,
        )

    def sweep(self) -> None:
        """Delete what processes that died left half-written."""
        with writing(self.root):
            self._partial.sweep()
            self._pins.sweep()
            self._room.sweep()

    # --- files

    def _write(self, target: Path, data: memoryview) -> None:
        """Whole or not at all, also for other processes and after a power cut."""
        name = f"{target.name}.{secrets.token_hex(4)}"
        with writing(self.root, data.nbytes), self._partial.claimed(name) as partial:
            try:
                self._room.reserve(partial, data.nbytes)
                _fill(partial, data)
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(partial, target)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise


def _fill(path: Path, data: memoryview) -> None:
    with open(path, "r+b", buffering=0) as file:
        write_all(file.fileno(), data)
        os.fsync(file.fileno())
