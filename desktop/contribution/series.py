"""What the chart shows: a bar for each hour, day or month up to now, given or not. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from PySide6.QtCore import QCoreApplication, QLocale, QTime

from engine.api.history_schema import By, History
from engine.api.schema import Given

translate = QCoreApplication.translate
HOURS, DAYS, MONTHS = 48, 30, 12  # that are shown


@dataclass(frozen=True)
class Bar:
    given: Given
    name: str  # in full: “Tuesday, 14 November”
    tick: str = ""  # below the axis; most have none


def bars_of(history: History, now: datetime, locale: QLocale) -> tuple[Bar, ...]:
    """`now` with its time zone."""
    make = {By.HOUR: _hours, By.DAY: _days, By.MONTH: _months}[history.by]
    return make({period.start: period.given for period in history.periods}, now, locale)


def sum_of(bars: tuple[Bar, ...]) -> Given:
    totals = {name: sum(getattr(bar.given, name) for bar in bars) for name in Given.model_fields}
    return Given(**totals)


def _hours(given: dict[str, Given], now: datetime, locale: QLocale) -> tuple[Bar, ...]:
    by_moment = {datetime.fromisoformat(start).astimezone(UTC): amount for start, amount in given.items()}
    last = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    moments = [last - timedelta(hours=back) for back in reversed(range(HOURS))]
    return tuple(
        _hour(by_moment.get(moment, Given()), moment.astimezone(now.tzinfo), locale) for moment in moments
    )


def _hour(given: Given, began: datetime, locale: QLocale) -> Bar:
    until = began + timedelta(hours=1)
    day = locale.toString(began.date(), translate("Date", "ddd d MMM"))
    name = f"{day}, {_clock(began, locale)}–{_clock(until, locale)}"
    return Bar(given, name, _clock(began, locale) if began.hour % 6 == 0 else "")


def _clock(moment: datetime, locale: QLocale) -> str:
    return locale.toString(QTime(moment.hour, moment.minute), QLocale.FormatType.ShortFormat)


def _days(given: dict[str, Given], now: datetime, locale: QLocale) -> tuple[Bar, ...]:
    days = [now.date() - timedelta(days=back) for back in reversed(range(DAYS))]
    return tuple(
        Bar(
            given.get(day.isoformat(), Given()),
            locale.toString(day, translate("Date", "dddd, d MMMM")),
            locale.toString(day, translate("Date", "d MMM")) if day.weekday() == 0 else "",
        )
        for day in days
    )


def _months(given: dict[str, Given], now: datetime, locale: QLocale) -> tuple[Bar, ...]:
    months = [_months_before(now.date(), back) for back in reversed(range(MONTHS))]
    return tuple(
        Bar(
            given.get(month.isoformat()[:7], Given()),
            locale.toString(month, "MMMM yyyy"),
            locale.toString(month, "MMM"),
        )
        for month in months
    )


def _months_before(day: date, back: int) -> date:
    """The first day of that month."""
    years, month = divmod(day.year * 12 + day.month - 1 - back, 12)
    return date(years, month + 1, 1)
