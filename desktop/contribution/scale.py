"""Round numbers for the lines behind a chart. Pure."""

from math import ceil, floor, log10

from desktop.contribution.kinds import Kind

LINES = 3
HOUR = 3600.0
ROUND_TIMES = (60.0, 300.0, 600.0, 1200.0, 1800.0, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 24 * HOUR)  # seconds


def lines_for(most: float, kind: Kind) -> tuple[float, ...]:
    """Evenly from 0, so that the last is no less than `most`."""
    step = _round_up(max(most / LINES, _least(kind)), kind)
    return tuple(step * line for line in range(max(1, ceil(most / step)) + 1))


def _least(kind: Kind) -> float:
    return ROUND_TIMES[0] if kind is Kind.TIME else 1.0


def _round_up(least: float, kind: Kind) -> float:
    if kind is Kind.TIME:
        days = 24 * HOUR
        return next((time for time in ROUND_TIMES if time >= least), days * _one_two_five(least / days))
    return _one_two_five(least)


def _one_two_five(least: float) -> float:
    power = 10.0 ** floor(log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))
