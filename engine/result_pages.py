"""What pages of results are made of: tables, and SVG pictures that are the same whenever the figures are."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.errors import BadRequest

Rows = Sequence[Sequence[str]]

INK, QUIET, FAINT = "#222222", "#555555", "#E2E2E2"
STYLE: Any = {
    "svg.hashsalt": "potluck",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": QUIET,
    "axes.edgecolor": QUIET,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.titlepad": 14,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.8,
    "lines.linewidth": 2.0,
    "figure.facecolor": "white",
}
SIZE = (7.6, 3.8)  # inches


@contextmanager
def picture(file: Path, title: str, height: float = SIZE[1]) -> Iterator[Any]:
    """Axes to draw on, `height` in inches. Raises BadRequest where nothing can draw."""
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError:
        raise BadRequest(
            "Pictures need matplotlib: install it with `pip install matplotlib`, or leave out --page."
        ) from None
    with rc_context(STYLE):
        figure = Figure(figsize=(SIZE[0], height), layout="constrained")
        axes = figure.subplots()
        axes.set_title(title)
        yield axes
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})


def apart(places: Sequence[float], gap: float) -> list[float]:
    """The same from the lowest up, so far apart that names beside them do not overlap."""
    found: list[float] = []
    for place in places:
        found.append(max(place, found[-1] + gap) if found else place)
    return found


def table(rows: Rows, words: Collection[int] = (0,)) -> str:
    """In Markdown, the first row as its head. `words`: columns that are no figures."""
    head, *body = rows
    rule = ["---" if column in words else "---:" for column, _ in enumerate(head)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *body))
