"""Pictures of what was measured: a bar for each ratio, with its lowest and highest round and its limit; lines
over the time of a round trip.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from engine.bench.figures import Figure, Point, by_line, milliseconds, number
from engine.result_pages import FAINT, INK, apart, picture

# Told apart by all kinds of eyes, and in grey. Source: Okabe and Ito 2008, "Color Universal Design".
MEASURED, LIMIT = "#0072B2", "#D55E00"
ROW, FRAME = 0.56, 1.25  # inches: of a bar with its name, of all else
BAR = 0.34  # of a row
LINES = (MEASURED, LIMIT, "#009E73", "#767676")
DASHES: Any = ("-", (0, (6, 2)), (0, (3, 1, 1, 1)), (0, (1.5, 1.5)))
MARKS = ("o", "s", "D", "^")
LABEL_GAP = 0.08  # of the axis, between the names of lines


def draw_ratios(folder: Path, figures: Sequence[Figure]) -> Iterator[tuple[str, str]]:
    """One for all ratios of a scenario of the same thing that no other picture shows; its title and the name
    of its file, in turn.

    Raises BadRequest where nothing can draw.
    """
    groups: dict[tuple[str, str], list[Figure]] = {}
    for one in figures:
        if one.is_ratio and not one.points:
            groups.setdefault((one.scenario, one.of), []).append(one)
    for (scenario, of), alike in groups.items():
        title = f"{scenario}: ratios {of}"
        name = _file_name(f"{scenario} {of}")
        with picture(folder / name, title, FRAME + ROW * len(alike)) as axes:
            _bars(axes, alike)
        yield title, name


def draw_lines(folder: Path, title: str, points: Sequence[Point]) -> str:
    """One line for each name; the file's name. Raises BadRequest where nothing can draw."""
    name = _file_name(title)
    lines = by_line(points)
    with picture(folder / name, title) as axes:
        highest = max(point.value for point in points)
        for of_one, *look in zip(lines.values(), LINES, DASHES, MARKS, strict=False):
            _line(axes, of_one, *look)
        ends = sorted((of_one[-1].value, line) for line, of_one in lines.items())
        places = apart([end for end, _ in ends], LABEL_GAP * highest)
        for place, (_, line) in zip(places, ends, strict=True):
            colour = LINES[list(lines).index(line)]
            at: Any = {"xycoords": ("axes fraction", "data"), "va": "center", "annotation_clip": False}
            axes.annotate(line, (1.02, place), color=colour, fontweight="bold", **at)
        round_trips = sorted({point.round_trip for point in points})
        axes.set_xticks(round_trips, map(milliseconds, round_trips))
        axes.set_xlabel("round trip between neighbours")
        axes.set_ylim(0, highest * 1.06)
        axes.grid(axis="y")
    return name


def _line(axes: Any, points: Sequence[Point], colour: str, dashes: Any, mark: str) -> None:
    over, values = [point.round_trip for point in points], [point.value for point in points]
    axes.plot(over, values, color=colour, linestyle=dashes, marker=mark, markersize=5)


def _file_name(title: str) -> str:
    return f"{re.sub(r'[^a-z0-9]+', '-', title.lower()).strip('-')}.svg"


def _bars(axes: Any, figures: Sequence[Figure]) -> None:
    for row, one in enumerate(figures):
        axes.barh(row, one.value, height=BAR, color=MEASURED)
        if one.spread is not None:
            axes.plot(one.spread, (row, row), color=INK, linewidth=1.2, marker="|", markersize=7)
        if one.limit is not None:
            axes.plot((one.limit, one.limit), (row - 0.28, row + 0.28), color=LIMIT, linewidth=2.4)
        _name_and_numbers(axes, row, one)
    axes.axvline(1, color=FAINT, linewidth=1.2, zorder=0)
    axes.set_ylim(len(figures) - 0.5, -0.75)  # the first on top, its name above it
    axes.set_xlim(left=0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    limits = any(one.limit is not None for one in figures)
    axes.set_xlabel("thin: lowest and highest round" + ("; upright: the limit" if limits else ""))


def _name_and_numbers(axes: Any, row: int, one: Figure) -> None:
    axes.annotate(one.name, (0, row - 0.25), (2, 1), textcoords="offset points", fontsize=9)
    at_right: Any = {"xycoords": ("axes fraction", "data"), "va": "center", "annotation_clip": False}
    axes.annotate(number(one.value), (1.02, row), color=MEASURED, fontweight="bold", **at_right)
    if one.limit is not None:
        axes.annotate(f"limit {number(one.limit)}", (1.10, row), color=LIMIT, **at_right)
