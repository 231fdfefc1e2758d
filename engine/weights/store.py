"""Parts of models as files named by their hash. Several processes may use one store at once.

parts/3f/3f…     one file per part; complete or absent, never half-written
manifests/….json one file per model, named by the manifest's digest
partial/         being written; renamed into place when safe on disk
"""

import errno
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import FileIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from engine.errors import BadModelFile, DiskFull, PartMissing, StoreError, UnknownModel, WrongHash
from engine.weights.content_hash import content_name
from engine.weights.manifest import Manifest, Part
from engine.weights.tensorfile import PREFIX_BYTES, lead, tensors_in

if TYPE_CHECKING:
    import torch

KEEP_FREE_BYTES = 64 << 20  # left to everybody else on the disk
ABANDONED_SECONDS = 24 * 3600  # a partial file this old belongs to a process that has died
READ_AHEAD = 2  # parts that are read and hashed while an earlier one is used

Bytes = bytes | bytearray | memoryview


class LayerStore:
    """A folder of parts and manifests. Raises StoreError's kinds."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._parts = root / "parts"
        self._manifests = root / "manifests"
        self._partial = root / "partial"

    # --- parts

    def path(self, part: Part) -> Path:
        """Where the part is, or would be."""
        return self._parts / part.digest[:2] / part.digest

    def has(self, part: Part) -> bool:
        """Whether a file of the part's size is there; its hash is checked when it is read."""
        try:
            return self.path(part).stat().st_size == part.size
        except (FileNotFoundError, NotADirectoryError):
            return False

    def put(self, data: Bytes) -> Part:
        """Keep these bytes. Raises DiskFull, with nothing half-written left."""
        view = memoryview(data).cast("B")
        part = Part(content_name(view), view.nbytes)
        if not self.has(part):
            self._write(self.path(part), view)
        return part

    def read(self, part: Part) -> bytes:
        """The part's bytes, verified. Raises PartMissing or WrongHash."""
        with self._open(part) as file:
            data = file.readall()
        self._verify(part, data)
        return data

    def tensors(self, part: Part) -> dict[str, "torch.Tensor"]:
        """The part's tensors, on the CPU: views on one buffer whose bytes were verified.

        Raises PartMissing, WrongHash (the bad file is gone then) or BadModelFile (right bytes, no tensors).
        """
        import torch

        with self._open(part) as file:
            prefix = file.read(min(PREFIX_BYTES, part.size))
            skip = lead(prefix)
            buffer = torch.empty(skip + part.size, dtype=torch.uint8)[skip:]
            view = memoryview(buffer.numpy())
            view[: len(prefix)] = prefix
            read = len(prefix) + _read_into(file, view[len(prefix) :])
        self._verify(part, view[:read])
        return tensors_in(buffer)

    def tensors_of(self, parts: Iterable[Part]) -> Iterator[dict[str, "torch.Tensor"]]:
        """`tensors` of each part in turn; the next ones are read and verified while one is used."""
        todo = iter(parts)
        with ThreadPoolExecutor(READ_AHEAD, thread_name_prefix="layer-store") as pool:
            ahead = [pool.submit(self.tensors, part) for part in islice(todo, READ_AHEAD)]
            try:
                while ahead:
                    yield ahead.pop(0).result()
                    ahead += [pool.submit(self.tensors, part) for part in islice(todo, 1)]
            finally:
                pool.shutdown(cancel_futures=True)

    def check_space(self, size: int) -> None:
        """Raises DiskFull unless that many bytes more fit."""
        try:
            self._partial.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(self._partial).free < size + KEEP_FREE_BYTES:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise _as_store_error(error, self.root, size) from error

    # --- models

    def save_manifest(self, manifest: Manifest) -> None:
        """Make the model known. A manifest of the same digest is replaced, and with it the display name."""
        self._write(self._manifest_path(manifest.digest), memoryview(manifest.to_json()))

    def manifest(self, digest: str) -> Manifest:
        """Raises UnknownModel, or WrongHash if the file was damaged (it is gone then)."""
        path = self._manifest_path(digest)
        if not re.fullmatch("[0-9a-f]{64}", digest) or not path.exists():
            raise UnknownModel(digest, [known.name for known in self.manifests()])
        manifest = _parse(_read_if_there(path))
        if manifest is None or manifest.digest != digest:
            path.unlink(missing_ok=True)
            raise WrongHash(
                f"The description of model {digest[:12]} was damaged: import or fetch the model again."
            )
        return manifest

    def manifests(self) -> tuple[Manifest, ...]:
        """Every known model, the newest first. Damaged descriptions are left out."""
        files = sorted(self._manifests.glob("*.json"), key=_modified, reverse=True)
        parsed = ((path, _parse(_read_if_there(path))) for path in files)
        return tuple(m for path, m in parsed if m is not None and m.digest == path.stem)

    def find(self, name_or_digest: str) -> Manifest:
        """The newest model of this name, or the one with this digest. Raises UnknownModel."""
        known = self.manifests()
        for manifest in known:
            if name_or_digest in (manifest.name, manifest.digest):
                return manifest
        raise UnknownModel(name_or_digest, [manifest.name for manifest in known])

    def complete(self, manifest: Manifest) -> bool:
        """Whether every part of the model is here."""
        return all(self.has(part) for part in manifest.parts())

    def sweep(self) -> None:
        """Delete what processes that died left half-written."""
        oldest = time.time() - ABANDONED_SECONDS
        for path in self._partial.glob("*"):
            if _modified(path) < oldest:
                path.unlink(missing_ok=True)

    # --- files

    def _manifest_path(self, digest: str) -> Path:
        return self._manifests / f"{digest}.json"

    def _open(self, part: Part) -> FileIO:
        """The part's file, of the right size."""
        try:
            file = FileIO(self.path(part))
        except FileNotFoundError:
            name = part.digest[:12]
            raise PartMissing(
                f"Part {name} of the model is not here: import or fetch the model again."
            ) from None
        if os.fstat(file.fileno()).st_size != part.size:
            file.close()
            self._drop(part)
        return file

    def _verify(self, part: Part, data: Bytes) -> None:
        if len(data) != part.size or content_name(data) != part.digest:
            self._drop(part)

    def _drop(self, part: Part) -> NoReturn:
        self.path(part).unlink(missing_ok=True)
        raise WrongHash(
            f"Part {part.digest[:12]} of the model was damaged on disk and has been removed: "
            "import or fetch the model again."
        )

    def _write(self, target: Path, data: memoryview) -> None:
        """Whole or not at all, also for other processes and after a power cut."""
        self.check_space(data.nbytes)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _write_atomically(target, data, self._partial)
        except OSError as error:
            raise _as_store_error(error, self.root, data.nbytes) from error


def _write_atomically(target: Path, data: memoryview, folder: Path) -> None:
    handle, name = tempfile.mkstemp(dir=folder)
    try:
        with open(handle, "wb", buffering=0) as file:
            _write_all(file.fileno(), data)
            os.fsync(file.fileno())
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _write_all(descriptor: int, data: memoryview) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _as_store_error(error: OSError, root: Path, size: int) -> StoreError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        needed = -(-(size + KEEP_FREE_BYTES) // (1 << 20))
        return DiskFull(
            f"The disk of {root} is full: free at least {needed} MiB there, or move the layer store."
        )
    return StoreError(
        f"The layer store in {root} cannot be written ({error.strerror}): check the folder's rights."
    )


def _read_into(file: FileIO, view: memoryview) -> int:
    read = 0
    while read < len(view) and (count := file.readinto(view[read:])):
        read += count
    return read


def _parse(data: bytes) -> Manifest | None:
    try:
        return Manifest.from_json(data)
    except BadModelFile:
        return None


def _read_if_there(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
