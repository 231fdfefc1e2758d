"""A page of results: text, tables and pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from engine.atomic_file import write_whole
from engine.bench.figures import Failure, Figure, as_rows, by_picture, rows_of_lines
from engine.bench.pictures import draw_lines, draw_ratios
from engine.byte_sizes import size_in_words
from engine.result_pages import table

PAGE = "results.md"
WORDS = (0, 4)  # columns of the tables that are no figures


@dataclass(frozen=True)
class Made:
    """How figures were made."""

    command: str
    model: str
    cores: int
    memory_bytes: int
    libraries: str  # names and versions of what computes


def write_page(
    folder: Path,
    made: Made,
    figures: Sequence[Figure],
    missing: Mapping[str, str],
    failures: Sequence[Failure] = (),
) -> None:
    """`missing`: what this run did not measure, by the name of its scenario. Raises BadRequest where nothing
    can draw.
    """
    folder.mkdir(parents=True, exist_ok=True)
    failed = {one.scenario: one.why for one in failures}
    parts = [*_head(made), *_listed("Failed", failed), *_body(folder, figures)]
    parts += _listed("Not measured in this run", missing)
    write_whole(folder / PAGE, "\n\n".join(parts) + "\n")


def _head(made: Made) -> list[str]:
    return [
        "# What a swarm costs and gains",
        f"Made by `{made.command}` with {made.model} in float32, on a computer of {made.cores} "
        f"{'core' if made.cores == 1 else 'cores'} with {size_in_words(made.memory_bytes)} of memory; "
        f"{made.libraries}.",
        _EXPLAINED,
    ]


def _body(folder: Path, figures: Sequence[Figure]) -> list[str]:
    parts = []
    for scenario, group in groupby(figures, lambda one: one.scenario):
        alike = list(group)
        pictures = [f"![{title}]({name})" for title, name in draw_ratios(folder, alike)]
        parts += [f"## {scenario}", *_lines(folder, alike), *pictures, table(as_rows(alike), WORDS)]
    return parts


def _lines(folder: Path, figures: Sequence[Figure]) -> list[str]:
    parts = []
    for title, points in by_picture(figures).items():
        parts += [f"![{title}]({draw_lines(folder, title, points)})", table(rows_of_lines(title, points))]
    return parts


def _listed(title: str, scenarios: Mapping[str, str]) -> list[str]:
    if not scenarios:
        return []
    return [f"## {title}", "\n".join(f"- `{name}`: {what}" for name, what in scenarios.items())]


_EXPLAINED = (
    "Ratios of one run, each beside what nothing on this computer could pass. What is compared is "
    "measured in turn, and medians are shown with the lowest and the highest round. Every process uses one "
    "thread for its arithmetic; servers, client and lines share the same few cores, so that what would run "
    "side by side on several computers often waits here. Answers are the local model's, token for token: "
    "where one differs, its scenario ends."
)
