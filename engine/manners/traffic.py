"""What Potluck has sent and received this month, in a small file that survives crashes."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, NonNegativeInt, ValidationError

from engine.atomic_file import write_whole

SAVE_SECONDS = 30.0  # what a power cut may lose
MOST_METERS = 32  # whose last counts are kept; those heard of last
MOST_MONTHS = 24  # that are kept

log = logging.getLogger("potluck.manners")


class _Months(BaseModel):
    """Bytes, up and down together, by local month as YYYY-MM."""

    model_config = ConfigDict(extra="ignore")

    months: dict[str, NonNegativeInt] = {}


class MonthlyTraffic:
    """Sums up meters that only grow. `month`: the one that it is now, on the owner's clock."""

    def __init__(
        self,
        path: Path,
        month: Callable[[], str] = lambda: time.strftime("%Y-%m"),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = path
        self._month = month
        self._clock = clock
        self._months = _read(path)
        self._meters: dict[str, int] = {}  # what each said last
        self._saved_at = clock()
        self._unsaved = False

    @property
    def bytes(self) -> int:
        """Of this month."""
        return self._months.get(self._month(), 0)

    def hear(self, meter: str, count: int) -> None:
        """What a meter says now: bytes since it began. One that fell has begun anew."""
        before = self._meters.pop(meter, 0)
        grown = count - before if count >= before else count
        self._meters = {**dict(list(self._meters.items())[-MOST_METERS:]), meter: count}
        if grown:
            month = self._month()
            self._months[month] = self._months.get(month, 0) + grown
            self._unsaved = True
        if self._clock() - self._saved_at >= SAVE_SECONDS:
            self.save()

    def save(self) -> None:
        """Write what is new. A disk that refuses is logged and tried again later."""
        if not self._unsaved:
            return
        self._saved_at = self._clock()
        newest = dict(sorted(self._months.items())[-MOST_MONTHS:])
        try:
            write_whole(self._path, _Months(months=newest).model_dump_json())
            self._unsaved = False
        except OSError as error:
            log.warning("This month's traffic cannot be kept in %s: %s", self._path, error.strerror)


def _read(path: Path) -> dict[str, int]:
    try:
        return _Months.model_validate_json(path.read_bytes()).months
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError):
        log.warning("%s cannot be read: this month's traffic is counted anew", path)
        return {}
