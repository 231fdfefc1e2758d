"""Pictures of what came of simulated swarms: SVG files that are the same whenever the figures are."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from engine.result_pages import QUIET, apart, picture
from engine.simulation.measures import Sample
from engine.simulation.population import HOUR
from engine.simulation.report import Summary
from engine.simulation.run import Outcome

# Told apart by all kinds of eyes, and in grey. Source: Okabe and Ito 2008, "Color Universal Design".
COLOURS = {"potluck": "#0072B2", "weakest-first": "#D55E00", "random": "#767676"}
DASHES: dict[str, Any] = {"potluck": "-", "weakest-first": (0, (6, 2)), "random": (0, (1.5, 1.5))}
NAMES = {"potluck": "Potluck", "weakest-first": "weakest first", "random": "random"}
GOAL = 0.95
LABEL_GAP = 0.07  # of the axis, between the names of lines
MILLISECONDS = (0, 10, 20, 30, 40, 50)  # of a decision, up to the goal


def draw_bound(file: Path, outcomes: Sequence[Outcome]) -> None:
    with picture(file, "Throughput of the placement, of what no placement can exceed") as axes:
        _lines(axes, outcomes, lambda sample: sample.of_bound)
        axes.axhline(GOAL, color=QUIET, linewidth=0.9, linestyle=(0, (2, 3)))
        shares = (0.0, 0.2, 0.4, 0.6, 0.8, GOAL)
        axes.set_yticks(shares, [f"goal {share:g}" if share == GOAL else f"{share:.1f}" for share in shares])
        axes.set_ylim(0, 1.03)


def draw_met(file: Path, outcomes: Sequence[Outcome]) -> None:
    title = "What the worst served model gets, of what its share could be at most"
    with picture(file, title) as axes:
        _lines(axes, outcomes, lambda sample: sample.met / sample.met_bound if sample.met_bound else 0.0)
        axes.set_ylim(0, 1.03)


def _lines(axes: Any, outcomes: Sequence[Outcome], of: Callable[[Sample], float]) -> None:
    """Over time, one for each rule, with its name at its end."""
    ends = []
    for outcome in outcomes:
        hours = [sample.at / HOUR for sample in outcome.samples]
        values = [of(sample) for sample in outcome.samples]
        axes.plot(hours, values, color=COLOURS[outcome.rule], linestyle=DASHES[outcome.rule])
        ends.append((values[-1], outcome.rule))
    for place, (_, rule) in zip(
        apart([end for end, _ in sorted(ends)], LABEL_GAP), sorted(ends), strict=True
    ):
        axes.annotate(
            NAMES[rule],
            (1.01, place),
            xycoords=("axes fraction", "data"),
            color=COLOURS[rule],
            va="center",
            fontweight="bold",
            annotation_clip=False,
        )
    axes.set_xlabel("hours since the first computer came")
    axes.grid(axis="y")
    axes.margins(x=0.01)


def draw_downloads(file: Path, summaries: Sequence[Summary]) -> None:
    with picture(file, "Layers fetched by all computers together, GB an hour") as axes:
        names = [NAMES[one.rule] for one in summaries]
        moving = [one.gb_of_moves_per_hour for one in summaries]
        coming = [one.gb_per_hour - one.gb_of_moves_per_hour for one in summaries]
        colours = [COLOURS[one.rule] for one in summaries]
        axes.barh(names, coming, color=colours, height=0.55)
        axes.barh(
            names,
            moving,
            left=coming,
            color="white",
            edgecolor=colours,
            hatch="////",
            height=0.55,
            linewidth=1.2,
        )
        for row, one in enumerate(summaries):
            axes.annotate(
                f"{one.gb_per_hour:,.0f}",
                (one.gb_per_hour, row),
                (6, 0),
                textcoords="offset points",
                va="center",
            )
        axes.invert_yaxis()
        axes.set_xlabel("solid: computers that come; hatched: computers that move")
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.margins(x=0.12)


def draw_growth(file: Path, growth: Sequence[Summary]) -> None:
    """Decisions of one rule in swarms of several sizes."""
    with picture(file, "Processor time of one decision, ms") as axes:
        peers = [one.peers for one in growth]
        axes.plot(peers, [one.decision_ms for one in growth], color=COLOURS["potluck"], marker="o")
        axes.plot(
            peers,
            [one.decision_ms_longest for one in growth],
            color=COLOURS["potluck"],
            marker="o",
            markerfacecolor="white",
            linestyle=(0, (6, 2)),
        )
        for name, value in (
            ("the middle one", growth[-1].decision_ms),
            ("the longest", growth[-1].decision_ms_longest),
        ):
            axes.annotate(
                name,
                (1.01, value),
                xycoords=("axes fraction", "data"),
                va="center",
                color=COLOURS["potluck"],
                annotation_clip=False,
            )
        axes.axhline(MILLISECONDS[-1], color=QUIET, linewidth=0.9, linestyle=(0, (2, 3)))
        axes.set_yticks(MILLISECONDS, [*map(str, MILLISECONDS[:-1]), f"goal {MILLISECONDS[-1]}"])
        axes.set_xscale("log")
        axes.set_xticks(peers, [f"{count:,}" for count in peers])
        axes.minorticks_off()
        axes.set_xlabel("computers that are on")
        axes.set_ylim(bottom=0)
        axes.grid(axis="y")
