"""Pictures of measured ratios: a bar for each, with its lowest and highest round and its limit."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from engine.bench.figures import Figure, number
from engine.result_pages import FAINT, INK, picture

# Told apart by all kinds of eyes, and in grey. Source: Okabe and Ito 2008, "Color Universal Design".
MEASURED, LIMIT = "#0072B2", "#D55E00"
ROW, FRAME = 0.56, 1.25  # inches: of a bar with its name, of all else
BAR = 0.34  # of a row


def draw_ratios(folder: Path, figures: Sequence[Figure]) -> Iterator[tuple[str, str]]:
    """One for all ratios of a scenario of the same thing; its title and the file's name, in turn.

    Raises BadRequest where nothing can draw.
    """
    groups: dict[tuple[str, str], list[Figure]] = {}
    for one in figures:
        if one.is_ratio:
            groups.setdefault((one.scenario, one.of), []).append(one)
    for (scenario, of), alike in groups.items():
        title = f"{scenario}: ratios {of}"
        name = f"{re.sub(r'[^a-z0-9]+', '-', f'{scenario} {of}'.lower()).strip('-')}.svg"
        with picture(folder / name, title, FRAME + ROW * len(alike)) as axes:
            _bars(axes, alike)
        yield title, name


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
