"""A page of results: text, tables and pictures."""

from collections.abc import Sequence
from pathlib import Path

from engine.result_pages import table
from engine.simulation.pictures import draw_bound, draw_downloads, draw_growth, draw_met
from engine.simulation.report import Summary, figures, growth_figures, model_figures, summary
from engine.simulation.run import Outcome

BOUND, MET, DOWNLOADS, GROWTH = "bound.svg", "met.svg", "downloads.svg", "growth.svg"


def write_page(folder: Path, command: str, outcomes: Sequence[Outcome], growth: Sequence[Outcome]) -> None:
    """`growth`: runs of one rule in swarms of several sizes. Raises BadRequest where nothing can draw."""
    folder.mkdir(parents=True, exist_ok=True)
    summaries, sizes = [summary(one) for one in outcomes], [summary(one) for one in growth]
    draw_bound(folder / BOUND, outcomes)
    draw_met(folder / MET, outcomes)
    draw_downloads(folder / DOWNLOADS, summaries)
    draw_growth(folder / GROWTH, sizes)
    (folder / "results.md").write_text(_text(command, summaries, sizes), encoding="utf-8")


def _text(command: str, summaries: Sequence[Summary], sizes: Sequence[Summary]) -> str:
    first = summaries[0]
    parts = [
        "# Simulated swarms",
        f"Made by `{command}`. {first.peers:,} computers are on on average, for {first.hours:g} hours of "
        f"virtual time, seed {first.seed}. Figures are averages of the steady state. Times are of one "
        "processor core and vary from run to run; all other figures do not.",
        "## The bound",
        _EXPLAINED,
        f"![Throughput of the placement over time, of the bound, by rule]({BOUND})",
        table(figures(summaries)),
        "## Models",
        _MODELS,
        f"![What the worst served model gets over time, by rule]({MET})",
        *(table(model_figures(one)) for one in summaries),
        "## Downloads",
        _DOWNLOADS,
        f"![Layers fetched an hour, by rule]({DOWNLOADS})",
        "## Size",
        "The same rule in swarms of other sizes.",
        f"![Time of a decision by size of the swarm]({GROWTH})",
        table(growth_figures(sizes)),
        "## What is made up, and how",
        _MADE_UP,
    ]
    return "\n\n".join(parts) + "\n"


_EXPLAINED = (
    "A server of rate *r* (layers times tokens a second) whose memory takes *m* layers adds at most "
    "min(*r*, *m·T*) to a throughput of *T* tokens a second, so *n·T* ≤ Σ min(*r*, *m·T*) for a model of "
    "*n* layers. For several models the bound is that of linear programming with each computer's time "
    "divided among them (`engine/simulation/bounds.py`). The placement's own throughput is the most that "
    "all layers can get (`engine/placement/coverage.py`); 1 means that no other placement of the same "
    "computers could serve more of all models together."
)
_MODELS = (
    "The first model is wanted most, the next ones half, a third and a quarter as much; the last comes "
    "when three quarters of the time are over, and ends the steady state. *Chats* ask for all that the "
    "placement can give and choose their ways by the real routing for short waits; *batches* by that for "
    "throughput. Both are given as shares of the placement's throughput, from a sample of sessions that "
    "stands for all. *Its links*: what one chat waits for them at each token. *Alone*: a chat that has the "
    "swarm for itself."
)
_DOWNLOADS = (
    "Layers travel as they were published, whatever they are kept in. Computers keep what they once "
    "fetched; disks are never full."
)
_MADE_UP = (
    "Cards, lines, places, times on and off, and wishes are drawn from distributions whose sources stand "
    "in `engine/simulation/cards.py`, `population.py` and `demand.py`. What a computer offers comes from "
    "the real planning, what it takes and whether it moves from the real placement, by what it has heard "
    "of the others some seconds before. They think about moving twice an hour on average, real ones every "
    "two minutes; that finer weights may fill what memory is left over is not simulated. *random*: any "
    "model, any layers, no moves. *weakest first*: the rule of Petals "
    "(`engine/simulation/weakest_first.py`)."
)
