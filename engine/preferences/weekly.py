"""Times of the week as people write them: `mon-fri 22:00-07:00`, `sat,sun 00:00-24:00`. Pure."""

import re

from engine.manners.rules import Window

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60  # minutes

_TIME = r"(\d{1,2}):(\d{2})"


def parse_window(text: str) -> Window:
    """Without days: every day; one that ends where it begins lasts a whole day. Raises ValueError."""
    match = re.fullmatch(rf"(?:([a-z,\- ]+)\s)?\s*{_TIME}\s*[-–]\s*{_TIME}", text.strip().lower())
    if match is None:
        raise ValueError(f"“{text}” is no time of the week")
    start, end = _minutes(match[2], match[3]), _minutes(match[4], match[5])
    if start == DAY:
        raise ValueError(f"“{text}” begins when the day is over")
    return Window(_days(match[1] or "mon-sun"), start, end)


def _minutes(hours: str, minutes: str) -> int:
    total = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or total > DAY:
        raise ValueError(f"“{hours}:{minutes}” is no time of day")
    return total


def _days(text: str) -> frozenset[int]:
    days: set[int] = set()
    for part in text.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            raise ValueError(f"“{part}” is no day of the week")
        begin, end = DAYS.index(first), DAYS.index(last or first)
        days.update(day % 7 for day in range(begin, end + 1 + (7 if end < begin else 0)))
    return frozenset(days)
