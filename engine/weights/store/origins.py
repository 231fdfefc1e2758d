"""Where a model came from, beside its manifest, and how far an import got: small files in the layer store."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from threading import Lock

from pydantic import TypeAdapter, ValidationError

from engine.atomic_file import write_whole
from engine.weights.manifest import Part
from engine.weights.store.disk_errors import writing
from engine.weights.store.layer_store import LayerStore

_Parts = TypeAdapter(dict[int, Part])


def save_origin(store: LayerStore, digest: str, origin: str) -> None:
    """Remember what `open_source` needs to find the model with that manifest again."""
    with writing(store.root, len(origin)):
        write_whole(_origin_path(store, digest), json.dumps({"origin": origin}))


def origin_of(store: LayerStore, digest: str) -> str | None:
    """What `save_origin` was told."""
    try:
        origin = json.loads(_origin_path(store, digest).read_text("utf-8"))["origin"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return origin if isinstance(origin, str) else None


def _origin_path(store: LayerStore, digest: str) -> Path:
    return store.root / "origins" / f"{digest}.json"


class Journal:
    """The parts that an import has made of its groups, so that it can go on after it was interrupted."""

    def __init__(self, store: LayerStore, *facts: str) -> None:
        """`facts` are what the parts depend on: the source's content, and who reads it."""
        name = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
        self._path = store.root / "imports" / f"{name}.json"
        self._store = store
        self._parts = self._read()
        self._noting = Lock()

    @property
    def parts(self) -> Mapping[int, Part]:
        """By group; all of them are in the store."""
        return {group: part for group, part in self._parts.items() if self._store.has(part)}

    def note(self, group: int, part: Part) -> None:
        """May be told by several threads."""
        with self._noting:
            self._parts[group] = part
            text = _Parts.dump_json(self._parts).decode()
            with writing(self._store.root, len(text)):
                write_whole(self._path, text)

    def close(self) -> None:
        """The import is done."""
        self._path.unlink(missing_ok=True)

    def _read(self) -> dict[int, Part]:
        try:
            return _Parts.validate_json(self._path.read_bytes(), strict=False)
        except (OSError, ValidationError):
            return {}
