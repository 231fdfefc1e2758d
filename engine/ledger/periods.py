"""Names of hours, days and months. Pure.

Hours are UTC's, so that no change of clock or time zone lets one be counted twice or not at all. Days and
months are local: an hour belongs to the day in which it began here.
"""

from collections.abc import Callable
from datetime import UTC, datetime

HOUR = 3600
LATEST = 253_370_000_000  # Unix seconds, in the year 9998: clocks may say anything

Local = Callable[[float], datetime]  # from Unix seconds to this place's time


def here(at: float) -> datetime:
    """In the system's time zone."""
    return datetime.fromtimestamp(at, UTC).astimezone()


def possible(at: float) -> float:
    """The nearest moment that has a name, in any time zone."""
    return min(max(at, 0), LATEST)


def hour_of(at: float) -> str:
    """“2026-01-31T05”, of Unix seconds."""
    return datetime.fromtimestamp(possible(at), UTC).isoformat()[:13]


def began(hour: str) -> float:
    """In Unix seconds."""
    return datetime.fromisoformat(f"{hour}:00+00:00").timestamp()


def day_of(hour: str, local: Local = here) -> str:
    """“2026-01-31”."""
    return local(began(hour)).date().isoformat()


def month_of(day: str) -> str:
    """“2026-01”."""
    return day[:7]


def local_hour(hour: str, local: Local = here) -> str:
    """“2026-01-31T06:00+01:00”."""
    return local(began(hour)).isoformat(timespec="minutes")
