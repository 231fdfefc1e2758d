"""The layer store on its way to another folder: copied while it is used, taken up when nobody uses it.

A copy holds whole parts only, so that one that broke off goes on where it was. The old store stays as it is
until the new one has its place.
"""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path

from engine.api.sentences import said
from engine.atomic_file import write_whole
from engine.errors import BadRequest, DiskFull, Stopped, StoreError, WrongHash
from engine.store_place import SIGN
from engine.weights.content_hash import are_hashes_of, chunk_hash
from engine.weights.manifest import Part
from engine.weights.store.disk_errors import KEEP_FREE_BYTES, writing
from engine.weights.store.eviction import PartUse, default_limit
from engine.weights.store.limits import read_limit, write_limit
from engine.weights.store.locks import exclusive
from engine.weights.store.part_files import PartFiles, chunks_of
from engine.weights.store.partial_files import PartialFiles, write_all
from engine.weights.store.verification import Cancelled, OnProgress

OWN_FOLDERS = ("parts", "partial", "manifests", "origins", "imports", "pins")
OWN_FILES = ("kept.json", "limit.json", "lock", SIGN)
SMALL_FOLDERS = ("manifests", "origins", "imports")
SMALL_FILES = ("kept.json", "limit.json")
OWN_FOLDER_NAME = "potluck-layers"


def new_folder(chosen: Path, store: Path) -> Path:
    """Where a store that is moved to the folder `chosen` will be: inside it, if it holds other things.

    Raises BadRequest if that cannot be.
    """
    if not chosen.is_absolute():
        raise BadRequest(said("“{chosen}” is no whole path: choose a folder.", chosen=chosen))
    folder = chosen if _is_free(chosen, store) else chosen / OWN_FOLDER_NAME
    if not _is_free(folder, store):
        raise BadRequest(said("{folder} holds other things: choose an empty folder.", folder=folder))
    old, new = store.resolve(), folder.resolve()
    if old == new or old in new.parents or new in old.parents:
        raise BadRequest(said("The layers are in {store} now: choose a folder elsewhere.", store=store))
    return folder


def _is_free(folder: Path, store: Path) -> bool:
    """Whether it is new or empty, or holds a copy of this store that was begun."""
    try:
        return not folder.exists() or not any(folder.iterdir()) or is_copy(folder, store)
    except OSError:
        return False


def is_copy(folder: Path, store: Path) -> bool:
    """Whether a copy of this store is there, or a part of one; not a store that is in use itself."""
    try:
        return (folder / SIGN).read_text("utf-8") == str(store)
    except (OSError, UnicodeDecodeError):
        return False


def settle(folder: Path) -> None:
    """The copy is a store of its own from now on."""
    with writing(folder):
        write_whole(folder / SIGN, "")


class StoreCopy:
    """From the store in the folder `source` to the folder `target`."""

    def __init__(self, source: Path, target: Path) -> None:
        self._source, self._target = source, target
        self._from = PartFiles(source / "parts")
        self._to = PartFiles(target / "parts")
        self._partial = PartialFiles(target / "partial")

    def make(
        self,
        on_progress: OnProgress = lambda done, total: None,
        cancelled: Cancelled = lambda: False,
        known_good: Callable[[Part], bool] = lambda part: False,
    ) -> tuple[int, int]:
        """Copy what is not there, then read all of the copy; how many parts it has, and their bytes.

        Parts that are `known_good` there are not read again. Raises DiskFull, StoreError or Stopped: what was
        copied stays, to go on from.
        """
        here = self._from.all()
        self._check_room(here)
        with writing(self._target):
            self._target.mkdir(parents=True, exist_ok=True)
            write_whole(self._target / SIGN, str(self._source))
        self._partial.sweep()
        todo = [use for use in here if not known_good(Part(use.digest, use.size))]
        watch = _Watch(2 * sum(use.size for use in todo), on_progress, cancelled)
        for use in todo:
            self._copy(use, watch)
        for use in todo:
            self._verify(Part(use.digest, use.size), watch)
        self._copy_small_files()
        held = sum(use.size for use in here)
        self._make_limit_hold(held)
        return len(here), held

    def has(self, part: Part) -> bool:
        return self._to.has(part)

    def _check_room(self, here: tuple[PartUse, ...]) -> None:
        lacking = sum(use.size for use in here if not self._to.has(Part(use.digest, use.size)))
        disk = next(folder for folder in (self._target, *self._target.parents) if folder.exists())
        with writing(self._target):
            free = shutil.disk_usage(disk).free - KEEP_FREE_BYTES
        if lacking > free:
            raise DiskFull(
                said(
                    "The layers take {lacking:bytes}, and {free:bytes} are free in {target}: choose "
                    "another disk, or remove layers first.",
                    lacking=lacking,
                    free=max(0, free),
                    target=self._target,
                )
            )

    def _copy(self, use: PartUse, watch: "_Watch") -> None:
        part = Part(use.digest, use.size)
        if self._to.has(part) or not self._from.has(part):  # evicted meanwhile
            watch.add(use.size)
            return
        name = f"{use.digest}.{secrets.token_hex(4)}"
        writes = writing(self._target, use.size)
        with self._from.open(part) as file, writes, self._partial.claimed(name) as new:
            try:
                hashes = b"".join(_copied(file, new, use.size, watch))
                if not are_hashes_of(hashes, use.digest, use.size):
                    self._from.drop(part)
                _put(new, self._to.path(part), use.last_used)
            except WrongHash:  # damaged where it was: its model lacks it from now on, as after a check
                new.unlink(missing_ok=True)
            except BaseException:
                new.unlink(missing_ok=True)
                raise

    def _verify(self, part: Part, watch: "_Watch") -> None:
        watch.add(0)
        if self._to.has(part):
            try:
                self._to.check(part)
            except WrongHash:
                raise StoreError(
                    said(
                        "{target} does not keep what is written to it: choose another disk.",
                        target=self._target,
                    )
                ) from None
        watch.add(part.size)

    def _copy_small_files(self) -> None:
        """What the new store says is what the old one says; what is gone there is gone."""
        with writing(self._target), exclusive(self._source / "lock"):
            for folder in SMALL_FOLDERS:
                _mirror(self._source / folder, self._target / folder)
            for name in SMALL_FILES:
                _mirror_file(self._source / name, self._target / name)

    def _make_limit_hold(self, held: int) -> None:
        """The default goes by the disk: on a smaller one, layers would go that the owner has only moved."""
        file = self._target / "limit.json"
        with writing(self._target):
            free = shutil.disk_usage(self._target).free - KEEP_FREE_BYTES
            if read_limit(file) is None and default_limit(held, free) < held:
                write_limit(file, held)


class _Watch:
    """Tells how far it is, and stops where that is wanted."""

    def __init__(self, total: int, on_progress: OnProgress, cancelled: Cancelled) -> None:
        self._done, self._total = 0, total
        self._on_progress, self._cancelled = on_progress, cancelled

    def add(self, size: int) -> None:
        if self._cancelled():
            raise Stopped(said("Moving the layers was stopped: the same folder goes on from here."))
        self._done += size
        self._on_progress(self._done, self._total)


def _copied(file: FileIO, new: Path, size: int, watch: _Watch) -> Iterator[bytes]:
    """Write it chunk by chunk; their hashes."""
    with open(new, "wb", buffering=0) as copy:
        for chunk in chunks_of(file, size):
            write_all(copy.fileno(), memoryview(chunk))
            watch.add(len(chunk))
            yield chunk_hash(chunk)
        os.fsync(copy.fileno())


def _put(new: Path, target: Path, last_used: float) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    os.utime(new, (last_used, last_used))
    os.replace(new, target)


def _mirror(old: Path, new: Path) -> None:
    names = {file.name for file in old.glob("*.json")}
    for file in new.glob("*.json"):
        if file.name not in names:
            file.unlink(missing_ok=True)
    for name in names:
        _mirror_file(old / name, new / name)


def _mirror_file(old: Path, new: Path) -> None:
    if not old.exists():
        new.unlink(missing_ok=True)
        return
    new.parent.mkdir(parents=True, exist_ok=True)
    beside = new.with_name(f"{new.name}{secrets.token_hex(4)}")
    shutil.copy2(old, beside)  # with its time: the newest of several models counts
    os.replace(beside, new)


def remove_store(folder: Path) -> None:
    """All that a store keeps there, and the folder if nothing else is in it. What cannot go stays."""
    for name in OWN_FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in OWN_FILES:
        _unlink(folder / name)
    try:
        folder.rmdir()
    except OSError:
        return


def _unlink(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError:
        return
