"""Who needs which parts: processes that use them now, and models that the owner keeps.

pins/<random>.json   digests of parts, written by a process that uses them
pins/<random>.lock   held by that process while it lives; whoever can take it removes a dead process's pin
kept.json            digests of models
"""

import json
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from engine.atomic_file import write_whole
from engine.weights.manifest import Part
from engine.weights.store.disk_errors import writing
from engine.weights.store.locks import PATIENCE_SECONDS, exclusive, give_up, take_lock
from engine.wire.records import Digest

_Digests = TypeAdapter(frozenset[Digest])


class Pin:
    """Parts that a living process uses. More may be added while it lasts."""

    def __init__(self, file: Path, guard: Path) -> None:
        self._file = file
        self._guard = guard
        self._digests: frozenset[str] = frozenset()

    def add(self, *parts: Part) -> None:
        """From when this returns, those of these parts that are here stay."""
        with writing(self._guard.parent), exclusive(self._guard):
            self._digests |= {part.digest for part in parts}
            write_digests(self._file, self._digests)


class Pins:
    """The pins of all processes that share a store; `guard` is the lock under which parts are evicted."""

    def __init__(self, folder: Path, guard: Path) -> None:
        self._folder = folder
        self._guard = guard

    @contextmanager
    def hold(self, parts: Iterable[Part]) -> Iterator[Pin]:
        file = self._folder / f"{secrets.token_hex(8)}.json"
        with writing(self._guard.parent):
            lock = take_lock(file.with_suffix(".lock"), PATIENCE_SECONDS)
        assert lock is not None, "nobody else knows the name"
        try:
            pin = Pin(file, self._guard)
            pin.add(*parts)
            yield pin
        finally:
            file.unlink(missing_ok=True)
            give_up(lock)

    def in_use(self) -> frozenset[str]:
        """Digests that living processes use. Pins of dead processes are removed."""
        pins = [read_digests(file) for file in self._folder.glob("*.json") if not self._is_dead(file)]
        return frozenset().union(*pins)

    def sweep(self) -> None:
        """Remove what dead processes left."""
        for file in self._folder.glob("*"):
            if self._is_dead(file):
                file.unlink(missing_ok=True)

    def _is_dead(self, file: Path) -> bool:
        lock = take_lock(file.with_suffix(".lock"))
        if lock is None:
            return False
        file.with_suffix(".json").unlink(missing_ok=True)
        give_up(lock)
        return True


class KeptModels:
    """Models whose parts are never evicted, because the owner said so."""

    def __init__(self, file: Path, guard: Path) -> None:
        self._file = file
        self._guard = guard

    def digests(self) -> frozenset[str]:
        return read_digests(self._file)

    def set(self, model: str, kept: bool) -> None:
        with writing(self._guard.parent), exclusive(self._guard):
            others = self.digests() - {model}
            write_digests(self._file, others | {model} if kept else others)


def read_digests(file: Path) -> frozenset[str]:
    """Empty if the file is not there or damaged."""
    try:
        return _Digests.validate_json(file.read_bytes())
    except (FileNotFoundError, ValidationError):
        return frozenset()


def write_digests(file: Path, digests: Iterable[str]) -> None:
    write_whole(file, json.dumps(sorted(digests)))
