"""Counts what the block servers gave: each report once, each second once."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from engine.api.history_schema import By, History, Period
from engine.api.schema import Given, ServerPhase
from engine.host.orders import Report
from engine.ledger.book import add, by_day, by_month, folded, of_day, plus
from engine.ledger.book_file import BookFile
from engine.ledger.periods import Local, here, hour_of, local_hour

MAX_PROCESSES = 32  # whose last reports are kept; those heard of last
MAX_SILENCE = 15.0  # seconds between two reports that count as online: a computer that slept gave nothing
SAVE_INTERVAL = 5.0  # seconds; what a crash may lose
_COUNTERS = ("layer_tokens", "tokens", "sent_bytes", "received_bytes")  # of reports; they run from the start

log = logging.getLogger("potluck.ledger")


def given_between(before: Report | None, after: Report, seconds: float) -> Given:
    """What a block server gave from one report to the next. `before` is None for a process's first report.

    Its counters run from the process's start; one that fell belongs to another process.
    """
    fresh = before is None or any(getattr(after, name) < getattr(before, name) for name in _COUNTERS)
    earlier = None if fresh else before
    served = earlier is not None and earlier.phase in (ServerPhase.ONLINE, ServerPhase.DRAINING)
    grown = {name: getattr(after, name) - (getattr(earlier, name) if earlier else 0) for name in _COUNTERS}
    return Given(**grown, seconds_online=seconds if served else 0.0)


class GivenLedger:
    """`now` is the wall clock, which names the hour; `clock` is monotonic, and measures. Both in seconds.

    One process at a time has the file: see `engine.main.single_instance`.
    """

    def __init__(
        self,
        path: Path,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
        local: Local = here,
    ) -> None:
        self._file = BookFile(path)
        self._now, self._clock, self._local = now, clock, local
        self._book = self._file.load()
        self._total = self._book.total
        self._last: dict[int, tuple[Report, float]] = {}  # newest reports and their times, by process
        self._online_until = clock()  # is counted already
        self._saved_at = clock()
        self._unsaved: set[str] = set()  # hours

    @property
    def today(self) -> Given:
        return of_day(self._book, self._now(), self._local)

    @property
    def total(self) -> Given:
        return self._total

    def history(self, by: By) -> History:
        """What was given, the oldest first. Periods in which nothing was given are left out."""
        if by is By.HOUR:
            named = {local_hour(hour, self._local): given for hour, given in sorted(self._book.hours.items())}
        else:
            named = by_day(self._book, self._local) if by is By.DAY else by_month(self._book, self._local)
        periods = tuple(Period(start=start, given=given) for start, given in named.items())
        return History(by=by, periods=periods, total=self._total)

    def hear(self, pid: int, report: Report) -> None:
        """Count a report of the block server with this process id. Time counts once where several serve."""
        now = self._clock()
        before, since = self._last.pop(pid, (None, now))
        if before is not report:
            given = given_between(before, report, min(now - max(since, self._online_until), MAX_SILENCE))
            if given.seconds_online:
                self._online_until = now
            self.add(given)
            since = now
        self._last = {**dict(list(self._last.items())[-MAX_PROCESSES:]), pid: (report, since)}

    def add(self, given: Given) -> None:
        """Something that was given just now."""
        if given == Given():
            return
        hour = hour_of(self._now())
        add(self._book.hours, hour, given)
        self._total = plus(self._total, given)
        self._unsaved.add(hour)

    def keep(self) -> None:
        """Write what is new, if it is time. A disk that refuses is logged and tried again later."""
        if self._unsaved and self._clock() - self._saved_at >= SAVE_INTERVAL:
            self._saved_at = self._clock()
            self._try(self._write_book if self._file.is_due else self._write_news)

    def save(self) -> None:
        """Write what is new, at the end."""
        if self._unsaved:
            self._try(self._write_book)

    def _write_news(self) -> None:
        self._file.note({hour: self._book.hours[hour] for hour in sorted(self._unsaved)})

    def _write_book(self) -> None:
        book = folded(self._book, self._local)
        self._file.write(book)
        self._book = book

    def _try(self, write: Callable[[], None]) -> None:
        try:
            write()
            self._unsaved.clear()
        except OSError as error:
            log.warning("What was given cannot be saved: %s", error)
