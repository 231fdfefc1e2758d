"""A page of results."""

from collections.abc import Sequence
from pathlib import Path

from engine.atomic_file import write_whole
from engine.bench.figures import Figure, as_markdown

_EXPLAINED = (
    "Ratios of one run on one computer, each beside what nothing on it could pass. What is compared is "
    "measured in turn, and medians are shown with the lowest and the highest round. Every process uses one "
    "thread for its arithmetic; servers, client and lines share the same few cores, so that what would run "
    "side by side on several computers often waits here. Answers are the local model's, token for token, or "
    "there are no figures."
)


def write_page(path: Path, command: str, model: str, figures: Sequence[Figure]) -> None:
    heading = f"# What a swarm costs and gains\n\nMade by `{command}` with {model} in float32. {_EXPLAINED}"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, f"{heading}\n\n{as_markdown(figures)}\n")
