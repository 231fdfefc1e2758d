"""Which folder the layer store is in, where its owner moved it: a small file that outlives the engine."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from engine.atomic_file import write_whole

SIGN = "layer-store"  # a file in every store that was moved: its folder is no empty mount point


class Place(BaseModel):
    """Where the store is. Paths are absolute."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path | None = None  # None: the default
    next: Path | None = None  # a whole copy is there, which takes its place when no engine runs
    begun: Path | None = None  # a copy there is not whole
    leftover: Path | None = None  # what is there is no longer needed

    @property
    def absent(self) -> Path | None:
        """Where the store belongs, on a disk that is not here now."""
        return None if self.path is None or (self.path / SIGN).exists() else self.path


def read_place(file: Path) -> Place:
    """Where nothing readable is said, the default."""
    try:
        return Place.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return Place()


def write_place(file: Path, place: Place) -> None:
    """Raises OSError."""
    write_whole(file, place.model_dump_json(), sync=True)


def store_folder(file: Path, default: Path) -> Path:
    """Where the store is now: the default too while the disk that it was moved to is away."""
    place = read_place(file)
    return default if place.path is None or place.absent else place.path
