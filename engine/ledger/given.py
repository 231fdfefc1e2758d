"""Counts what the block servers gave, by day, in a small file."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from engine.api.schema import Given, ServerPhase
from engine.atomic_file import write_whole
from engine.host.orders import Report

MAX_PROCESSES = 32  # whose last reports are kept; those heard of last
SAVE_INTERVAL = 30.0  # seconds; what a power cut may lose

log = logging.getLogger("potluck.ledger")


class Days(BaseModel):
    """Given by local day, as YYYY-MM-DD."""

    model_config = ConfigDict(extra="ignore")

    days: dict[str, Given] = {}


def plus(a: Given, b: Given) -> Given:
    return Given(
        layer_tokens=a.layer_tokens + b.layer_tokens,
        tokens=a.tokens + b.tokens,
        seconds_online=a.seconds_online + b.seconds_online,
    )


def given_between(before: Report | None, after: Report, seconds: float) -> Given:
    """What a block server gave from one report to the next. `before` is None for a process's first report.

    Its counters run from the process's start; one that fell belongs to another process.
    """
    fresh = before is None or after.tokens < before.tokens or after.layer_tokens < before.layer_tokens
    earlier = None if fresh else before
    served = earlier is not None and earlier.phase in (ServerPhase.ONLINE, ServerPhase.DRAINING)
    return Given(
        layer_tokens=after.layer_tokens - (earlier.layer_tokens if earlier else 0),
        tokens=after.tokens - (earlier.tokens if earlier else 0),
        seconds_online=seconds if served else 0.0,
    )


class GivenLedger:
    """Today's and all days' sums. Each report counts once."""

    def __init__(
        self,
        path: Path,
        today: Callable[[], str] = lambda: time.strftime("%Y-%m-%d"),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = path
        self._today = today
        self._clock = clock
        self._days = _read(path)
        self._total = _sum(self._days)
        self._last: dict[int, tuple[Report, float]] = {}  # newest reports and their times, by process
        self._online_until = clock()  # is counted already
        self._saved_at = clock()
        self._unsaved = False

    @property
    def today(self) -> Given:
        return self._days.get(self._today(), Given())

    @property
    def total(self) -> Given:
        return self._total

    def hear(self, pid: int, report: Report) -> None:
        """Count a report of the block server with this process id. Time counts once where several serve."""
        now = self._clock()
        before, since = self._last.pop(pid, (None, now))
        if before is not report:
            given = given_between(before, report, now - max(since, self._online_until))
            if given.seconds_online:
                self._online_until = now
            self._add(given)
            since = now
        self._last = {**dict(list(self._last.items())[-MAX_PROCESSES:]), pid: (report, since)}

    def save(self) -> None:
        """Write what is new. A disk that refuses is logged and tried again later."""
        if not self._unsaved:
            return
        self._saved_at = self._clock()
        try:
            write_whole(self._path, Days(days=self._days).model_dump_json())
            self._unsaved = False
        except OSError as error:
            log.warning("What was given cannot be saved in %s: %s", self._path, error.strerror)

    def _add(self, given: Given) -> None:
        if given == Given():
            return
        day = self._today()
        self._days[day] = plus(self._days.get(day, Given()), given)
        self._total = plus(self._total, given)
        self._unsaved = True
        if self._clock() - self._saved_at >= SAVE_INTERVAL:
            self.save()


def _read(path: Path) -> dict[str, Given]:
    try:
        return Days.model_validate_json(path.read_bytes()).days
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError):
        _set_aside(path)
        return {}


def _set_aside(path: Path) -> None:
    """Never overwrite a history that cannot be read."""
    kept = path.with_suffix(f".damaged-{int(time.time())}")
    log.warning("%s cannot be read: it is kept as %s, and counting begins anew", path, kept.name)
    try:
        path.rename(kept)
    except OSError as error:
        log.warning("%s cannot be set aside: %s", path, error.strerror)


def _sum(days: dict[str, Given]) -> Given:
    total = Given()
    for given in days.values():
        total = plus(total, given)
    return total
