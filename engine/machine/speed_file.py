"""What is kept of a computer's speeds: a file that is whole or not there; a broken one counts as none."""

import logging
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.atomic_file import write_whole
from engine.machine.measurement import Rate, Rates
from engine.precision import Precision

MAX_DEVICES = 64
MAX_FILE_BYTES = 1 << 20

log = logging.getLogger("potluck.machine")


class _Saved(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Aged(_Saved):
    value: Rate
    at: float = Field(ge=0)  # Unix time, seconds


class Device(_Saved):
    """`setting`: what it was measured with. With another driver or torch it is measured anew."""

    setting: str = Field(max_length=500)
    measured: dict[Precision, Rates | None] = {}  # None: it cannot do that
    corrections: dict[Precision, Aged] = {}  # by real work: factors of both rates


class Disk(_Saved):
    folder: str = Field(max_length=4096)
    bytes_per_s: Rate


class Threads(_Saved):
    """`setting`: what they were tried with."""

    setting: str = Field(max_length=500)
    count: int = Field(ge=1, le=1 << 16)


class SavedSpeeds(_Saved):
    version: int = Field(default=1, ge=1, le=1)
    devices: dict[str, Device] = Field(default={}, max_length=MAX_DEVICES)
    threads: Threads | None = None
    disk: Disk | None = None
    upload: Aged | None = None
    download: Aged | None = None


def load(path: Path) -> SavedSpeeds:
    try:
        with path.open("rb") as file:
            return SavedSpeeds.model_validate_json(file.read(MAX_FILE_BYTES))
    except FileNotFoundError:
        return SavedSpeeds()
    except (OSError, ValidationError) as error:
        log.warning("What this computer was measured to do cannot be read (%s): it is measured again", error)
        return SavedSpeeds()


def save(path: Path, saved: SavedSpeeds) -> None:
    """A disk that takes nothing is logged: what was measured holds for this run all the same."""
    try:
        write_whole(path, saved.model_dump_json())
    except OSError as error:
        log.warning("What this computer was measured to do cannot be kept: %s", error)
