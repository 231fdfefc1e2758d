"""Words about what was given when: GET /potluck/v1/history?by=hour|day|month -> History."""

from enum import StrEnum

from engine.api.base import Schema
from engine.api.schema import Given


class By(StrEnum):
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


class Period(Schema):
    """`start` in the engine's local time: “2026-01-31T05:00+01:00”, “2026-01-31” or “2026-01”."""

    start: str
    given: Given


class History(Schema):
    """Without periods in which nothing was given. Hours and days of long ago are known by month alone."""

    by: By
    periods: tuple[Period, ...] = ()  # the oldest first
    total: Given = Given()  # since the first start
