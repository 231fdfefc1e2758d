"""Measured figures and how they are shown: pure."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from statistics import median

from engine.result_pages import Rows


@dataclass(frozen=True)
class Point:
    """Of a line on a picture, over the time of a round trip."""

    picture: str  # its title
    line: str
    round_trip: float  # seconds
    value: float


@dataclass(frozen=True)
class Failure:
    """A scenario that ended early, and why, in one sentence."""

    scenario: str  # as it is asked for
    why: str


@dataclass(frozen=True)
class Figure:
    """`value` is a ratio, or has its unit in `of`; `limit` is what nothing on this computer could pass."""

    scenario: str
    name: str
    value: float
    of: str  # what it is a ratio of, or its unit
    limit: float | None = None
    limit_is: str = ""
    spread: tuple[float, float] | None = None  # lowest and highest of the rounds
    points: tuple[Point, ...] = ()  # what it is made of, for pictures

    @property
    def is_ratio(self) -> bool:
        return self.of.startswith("of ")


def figure(
    scenario: str,
    name: str,
    rounds: Sequence[float],
    of: str,
    limits: Sequence[float] = (),
    limit_is: str = "",
    points: tuple[Point, ...] = (),
) -> Figure:
    """The median of some rounds; of their limits, if each has one, too."""
    limit = median(limits) if limits else None
    spread = (min(rounds), max(rounds)) if len(rounds) > 1 else None
    return Figure(scenario, name, median(rounds), of, limit, limit_is, spread, points)


def as_json(figures: Iterable[Figure]) -> list[dict[str, object]]:
    return [asdict(one) for one in figures]


def as_text(figures: Sequence[Figure]) -> str:
    lines = []
    for scenario, of_one in groupby(figures, lambda one: one.scenario):
        lines += ["", scenario]
        for one in of_one:
            limit = f"; limit {number(one.limit)}: {one.limit_is}" if one.limit is not None else ""
            lines.append(f"  {one.name}: {_value(one)}{_spread(one)}{limit}")
    return "\n".join(lines[1:])


def number(value: float) -> str:
    """Three digits that matter."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def as_rows(figures: Sequence[Figure]) -> Rows:
    """With a head."""
    rows = [["figure", "measured", "lowest – highest", "limit", "the limit is"]]
    for one in figures:
        limit = "" if one.limit is None else number(one.limit)
        rows.append([one.name, _value(one), _spread(one).strip(" ()"), limit, one.limit_is])
    return rows


def by_picture(figures: Iterable[Figure]) -> dict[str, list[Point]]:
    """The points of each, by its title."""
    pictures: dict[str, list[Point]] = {}
    for one in figures:
        for point in one.points:
            pictures.setdefault(point.picture, []).append(point)
    return pictures


def by_line(points: Iterable[Point]) -> dict[str, list[Point]]:
    """By the name of the line, each from its nearest to its farthest."""
    lines: dict[str, list[Point]] = {}
    for point in sorted(points, key=lambda point: point.round_trip):
        lines.setdefault(point.line, []).append(point)
    return lines


def rows_of_lines(title: str, points: Sequence[Point]) -> Rows:
    """A row for each line, with a head."""
    round_trips = sorted({point.round_trip for point in points})
    rows = [[f"{title[0].lower()}{title[1:]}", *map(milliseconds, round_trips)]]
    for line, of_one in by_line(points).items():
        values = {point.round_trip: number(point.value) for point in of_one}
        rows.append([line, *(values.get(round_trip, "") for round_trip in round_trips)])
    return rows


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def _value(one: Figure) -> str:
    return f"{number(one.value)} {one.of}"


def _spread(one: Figure) -> str:
    return "" if one.spread is None else f" ({number(one.spread[0])} – {number(one.spread[1])})"
