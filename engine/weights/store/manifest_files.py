"""Manifests as files, each named by its digest; beside them, by the same name, where each model came from."""

import re
import time
from pathlib import Path

from engine.api.sentences import said
from engine.errors import BadModelFile, UnknownModel, WrongHash
from engine.weights.manifest import Manifest


class ManifestFiles:
    def __init__(self, root: Path) -> None:
        self._folder = root / "manifests"
        self._origins = root / "origins"
        self._read: dict[str, tuple[tuple[int, int], Manifest | None]] = {}  # by file; None: damaged

    def path(self, digest: str) -> Path:
        return self._folder / f"{digest}.json"

    def get(self, digest: str) -> Manifest:
        """Raises UnknownModel, or WrongHash if the file was damaged (it is gone then)."""
        path = self.path(digest)
        if not re.fullmatch("[0-9a-f]{64}", digest) or not path.exists():
            raise UnknownModel(digest, [known.name for known in self.all()])
        manifest = _parse(_read_if_there(path))
        if manifest is None or manifest.digest != digest:
            path.unlink(missing_ok=True)
            raise WrongHash(
                said(
                    "The description of model {digest} was damaged: import or fetch the model again.",
                    digest=digest[:12],
                )
            )
        return manifest

    def all(self) -> tuple[Manifest, ...]:
        """Every known model, the newest first. Damaged descriptions are left out."""
        files = sorted(self._folder.glob("*.json"), key=_modified, reverse=True)
        self._read = {name: self._read[name] for name in {file.name for file in files} & set(self._read)}
        return tuple(manifest for file in files if (manifest := self._known(file)) is not None)

    def _known(self, file: Path) -> Manifest | None:
        """What the file says, parsed once for as long as it stays the same."""
        try:
            stat = file.stat()
        except FileNotFoundError:
            return None
        state = (stat.st_mtime_ns, stat.st_size)
        if file.name not in self._read or self._read[file.name][0] != state:
            parsed = _parse(_read_if_there(file))
            good = parsed is not None and parsed.digest == file.stem
            self._read[file.name] = (state, parsed if good else None)
        return self._read[file.name][1]

    def find(self, name_or_digest: str) -> Manifest:
        """The model with this digest, else one of this name. Raises UnknownModel.

        Of several with one name, one that was imported here, since strangers choose names as they like; else
        the newest.
        """
        known = self.all()
        by_digest = [manifest for manifest in known if manifest.digest == name_or_digest]
        found = by_digest or [manifest for manifest in known if manifest.name == name_or_digest]
        if not found:
            raise UnknownModel(name_or_digest, [manifest.name for manifest in known])
        return next((m for m in found if self._origin(m.digest).exists()), found[0])

    def needed(self, without: str = "") -> frozenset[str]:
        """Digests of all parts of all known models, except for one."""
        others = (manifest for manifest in self.all() if manifest.digest != without)
        return frozenset(part.digest for manifest in others for part in manifest.parts())

    def delete(self, digest: str) -> None:
        self.path(digest).unlink(missing_ok=True)
        self._origin(digest).unlink(missing_ok=True)

    def _origin(self, digest: str) -> Path:
        return self._origins / f"{digest}.json"


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
        return time.time()
