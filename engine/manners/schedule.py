"""Whether a time of the week lies in the owner's schedule, and when it does next. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from engine.manners.rules import DAY_MINUTES, Window

_WEEK_DAYS = 7


def lies_in(schedule: Sequence[Window], local: datetime) -> bool:
    return any(_has_begun(window, local) for window in schedule)


def next_start(schedule: Sequence[Window], local: datetime) -> datetime:
    """Of a schedule with at least one window."""
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    starts = (
        midnight + timedelta(days=day, minutes=window.start)
        for window in schedule
        for day in range(_WEEK_DAYS + 1)
        if (local.weekday() + day) % _WEEK_DAYS in window.weekdays
    )
    return min(start for start in starts if start > local)


def clock_time(moment: datetime, seen_from: datetime) -> str:
    """“18:00”, with the weekday's number before it where it is not today's: 0 is Monday."""
    time = f"{moment:%H:%M}"
    return time if moment.date() == seen_from.date() else f"{moment.weekday()} {time}"


def _has_begun(window: Window, local: datetime) -> bool:
    """Today or, if it goes past midnight, yesterday, and not ended yet."""
    minute = local.hour * 60 + local.minute
    length = (window.end - window.start) % DAY_MINUTES or DAY_MINUTES
    today = local.weekday() in window.weekdays and window.start <= minute < window.start + length
    yesterday = (local.weekday() - 1) % _WEEK_DAYS in window.weekdays
    return today or (yesterday and minute + DAY_MINUTES < window.start + length)
