"""Whatever clocks, zones, crashes and disks do: what was kept stays, once."""

import contextlib
import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.api.history_schema import By
from engine.api.schema import Given
from engine.ledger import book as books
from engine.ledger.book import Book, add, by_day, by_month, folded, total_of
from engine.ledger.book_file import BookFile
from engine.ledger.given import SAVE_INTERVAL, GivenLedger
from engine.ledger.periods import LATEST, day_of, hour_of

MOMENTS = st.one_of(
    st.floats(1_700_000_000, 1_700_000_000 + 90 * 24 * 3600), st.floats(-1e9, 1e12, allow_nan=False)
)
OFFSETS = st.sampled_from([-11.5, -5.0, 0.0, 1.0, 5.75, 13.0])


class LedgerThroughTrouble(RuleBasedStateMachine):
    """Limits are small here, so that hours become days and days months within a few steps."""

    @initialize()
    def begin(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._patch = pytest.MonkeyPatch()
        for name, most in (("MAX_HOURS", 3), ("MAX_DAYS", 2), ("MAX_MONTHS", 2)):
            self._patch.setattr(books, name, most)
        self.wall, self.clock, self.zone = 1_700_000_000.0, 0.0, UTC
        self.given = self.kept = 0
        self._open()

    def _open(self) -> None:
        path = Path(self._folder.name) / "given.json"
        self.ledger = GivenLedger(
            path, lambda: self.wall, lambda: self.clock, lambda at: datetime.fromtimestamp(at, self.zone)
        )

    @rule(tokens=st.integers(1, 1000))
    def give(self, tokens: int) -> None:
        self.ledger.add(Given(tokens=tokens))
        self.given += tokens

    @rule(to=MOMENTS)
    def set_clock(self, to: float) -> None:
        self.wall = to

    @rule(hours=OFFSETS)
    def travel(self, hours: float) -> None:
        self.zone = timezone(timedelta(hours=hours))

    @rule()
    def keep(self) -> None:
        self.clock += SAVE_INTERVAL
        self.ledger.keep()
        self.kept = self.given

    @rule()
    def save(self) -> None:
        self.ledger.save()
        self.kept = self.given

    @rule()
    def be_refused_by_the_disk(self) -> None:
        with pytest.MonkeyPatch.context() as full:
            full.setattr("engine.ledger.book_file.write_whole", _refuse)
            self.ledger.save()

    @rule(torn=st.booleans())
    def crash(self, torn: bool) -> None:
        if torn:
            for journal in Path(self._folder.name).glob("*.journal"):
                with journal.open("a") as file:
                    file.write('\n{"hour":"2023-11-14T22","gi')
        self._open()
        self.given = self.kept

    @rule()
    def crash_before_the_old_journal_is_gone(self) -> None:
        with pytest.MonkeyPatch.context() as killed:
            killed.setattr(Path, "unlink", _die)
            with contextlib.suppress(Killed):
                self.ledger.save()
        self.kept = self.given
        self.crash(torn=False)

    @invariant()
    def nothing_is_lost_or_counted_twice(self) -> None:
        assert self.ledger.total.tokens == self.given
        months = self.ledger.history(By.MONTH).periods
        assert sum(period.given.tokens for period in months) == self.given

    def teardown(self) -> None:
        if hasattr(self, "_folder"):
            self._folder.cleanup()
            self._patch.undo()


class Killed(Exception):
    pass


def _refuse(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


def _die(*_: object, **__: object) -> None:
    raise Killed


TestLedgerThroughTrouble = LedgerThroughTrouble.TestCase
TestLedgerThroughTrouble.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)


def at(zone: timezone) -> Callable[[float], datetime]:
    return lambda seconds: datetime.fromtimestamp(seconds, zone)


def test_a_book_has_a_most() -> None:
    book = Book()
    for hour in range(3 * books.MAX_HOURS):
        add(book.hours, hour_of(hour * 40 * 24 * 3600.0), Given(tokens=1))
    small = folded(book)
    sizes = (len(small.hours), len(small.days), len(small.months))
    assert sizes == (books.MAX_HOURS, books.MAX_DAYS, books.MAX_MONTHS)
    assert small.total == book.total


def test_the_newest_hours_stay_hours() -> None:
    book = Book()
    for hour in range(books.MAX_HOURS + 5):
        add(book.hours, hour_of(1_700_000_000 + hour * 3600.0), Given(tokens=1))
    small = folded(book, at(UTC))
    assert small.days == {"2023-11-14": Given(tokens=2), "2023-11-15": Given(tokens=3)}
    assert sorted(small.hours) == sorted(book.hours)[5:]


def test_an_hour_belongs_to_the_day_in_which_it_began_here() -> None:
    late = Book(hours={"2023-11-14T22": Given(tokens=1)})
    assert list(by_day(late, at(UTC))) == ["2023-11-14"]
    assert list(by_day(late, at(timezone(timedelta(hours=2))))) == ["2023-11-15"]
    assert list(by_month(late, at(UTC))) == ["2023-11"]


def test_days_hours_and_months_are_summed_together() -> None:
    book = Book(
        hours={"2023-11-14T22": Given(tokens=1)},
        days={"2023-11-14": Given(tokens=2)},
        months={"2023-11": Given(tokens=4)},
    )
    assert by_day(book, at(UTC)) == {"2023-11-14": Given(tokens=3)}
    assert by_month(book, at(UTC)) == {"2023-11": Given(tokens=7)}
    assert total_of(by_month(book).values()) == book.total


@pytest.mark.parametrize("moment", [-5.0, 0.0, LATEST * 10.0])
def test_any_clock_names_an_hour(moment: float) -> None:
    assert len(day_of(hour_of(moment))) == 10


@pytest.mark.parametrize(
    "hour", ["yesterday", "2023-13-01T05", "2023-02-30T05", "0000-01-01T00", "9999-12-31T23"]
)
def test_an_hour_that_never_was_is_no_book(tmp_path: Path, hour: str) -> None:
    path = tmp_path / "given.json"
    path.write_text(f'{{"hours": {{"{hour}": {{"tokens": 5}}}}}}')
    assert GivenLedger(path).history(By.HOUR).periods == ()
    journal = tmp_path / "given.0.journal"
    journal.write_text(f'{{"hour": "{hour}", "given": {{"tokens": 5}}}}')
    assert BookFile(path).load() == Book()


@pytest.mark.parametrize("now", [-1e12, 1e12])
def test_any_clock_has_a_today(tmp_path: Path, now: float) -> None:
    ledger = GivenLedger(tmp_path / "given.json", now=lambda: now)
    ledger.add(Given(tokens=5))
    assert ledger.today.tokens == 5


@pytest.mark.parametrize("text", ['{"hours": {"yesterday": {}}}', '{"generation": -1}', "[]", "\x00"])
def test_what_is_no_book_is_set_aside(tmp_path: Path, text: str) -> None:
    path = tmp_path / "given.json"
    path.write_text(text)
    (tmp_path / "given.0.journal").write_text('{"hour": "2023-11-14T22", "given": {"tokens": 5}}')
    assert BookFile(path).load() == Book()
    assert not path.exists()
    assert len(os.listdir(tmp_path)) == 2


def test_a_journal_does_not_grow_without_end(tmp_path: Path) -> None:
    clock = 0.0
    sums = GivenLedger(tmp_path / "given.json", clock=lambda: clock)
    for second in range(3000):
        clock = second * SAVE_INTERVAL
        sums.add(Given(tokens=1, layer_tokens=7, seconds_online=0.1 * second))
        sums.keep()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 100_000
    assert GivenLedger(tmp_path / "given.json").total.tokens == sums.total.tokens
