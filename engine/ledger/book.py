"""What was given, by hour, and by day and month where that was long ago. Pure.

Each amount stands in exactly one place: an hour, a day or a month. What is old moves from one to the next;
what is old is decided by the number of entries, not by the clock, which may be wrong.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from engine.api.schema import Given
from engine.ledger.periods import HOUR, Local, began, day_of, here, hour_of, month_of, possible

MAX_HOURS = 35 * 24
MAX_DAYS = 400
MAX_MONTHS = 1200


def _there_is_such(hour: str) -> str:
    """Raises ValueError for one in a thirteenth month, or of years that no clock of ours shows."""
    if hour_of(began(hour)) != hour:
        raise ValueError("no such hour")
    return hour


Hour = Annotated[
    str,
    StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT([01]\d|2[0-3])$"),
    AfterValidator(_there_is_such),
]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\d$")]
Month = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d$")]
Sums = dict[str, Given]


class Book(BaseModel):
    """A file of days alone, as earlier versions wrote it, is one of these, too."""

    model_config = ConfigDict(extra="ignore")

    generation: int = Field(default=0, ge=0)  # how often it was written
    hours: dict[Hour, Given] = {}  # of UTC
    days: dict[Day, Given] = {}  # without what `hours` has
    months: dict[Month, Given] = {}  # without what `days` and `hours` have

    @property
    def total(self) -> Given:
        return total_of(given for part in (self.hours, self.days, self.months) for given in part.values())


def plus(a: Given, b: Given) -> Given:
    return Given(**{name: getattr(a, name) + getattr(b, name) for name in Given.model_fields})


def total_of(amounts: Iterable[Given]) -> Given:
    return reduce(plus, amounts, Given())


def add(sums: Sums, period: str, given: Given) -> None:
    sums[period] = plus(sums.get(period, Given()), given)


def folded(book: Book, local: Local = here) -> Book:
    """With room: the oldest hours have become parts of their days, the oldest days of their months."""
    hours, days, months = dict(book.hours), dict(book.days), dict(book.months)
    _move(hours, MAX_HOURS, days, lambda hour: day_of(hour, local))
    _move(days, MAX_DAYS, months, month_of)
    while len(months) > MAX_MONTHS:
        oldest, following, *_ = sorted(months)
        add(months, following, months.pop(oldest))
    return Book(generation=book.generation, hours=hours, days=days, months=months)


def _move(sums: Sums, most: int, coarser: Sums, period_of: Callable[[str], str]) -> None:
    for period in sorted(sums)[: max(len(sums) - most, 0)]:
        add(coarser, period_of(period), sums.pop(period))


def by_day(book: Book, local: Local = here) -> Sums:
    """Without what is only known by month."""
    return _summed(book.days, book.hours, lambda hour: day_of(hour, local))


def by_month(book: Book, local: Local = here) -> Sums:
    return _summed(book.months, by_day(book, local), month_of)


def of_day(book: Book, at: float, local: Local = here) -> Given:
    """What was given on the local day of this moment."""
    day, first, last = (
        local(possible(at)).date().isoformat(),
        hour_of(at - 26 * HOUR),
        hour_of(at + 26 * HOUR),
    )
    hours = (g for hour, g in book.hours.items() if first <= hour <= last and day_of(hour, local) == day)
    return total_of((book.days.get(day, Given()), *hours))


def _summed(coarse: Mapping[str, Given], fine: Mapping[str, Given], period_of: Callable[[str], str]) -> Sums:
    sums = dict(coarse)
    for period, given in fine.items():
        add(sums, period_of(period), given)
    return dict(sorted(sums.items()))
