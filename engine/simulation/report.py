"""What came of simulated swarms, in figures and words."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, median

from engine.byte_sizes import GB
from engine.result_pages import Rows
from engine.simulation.measures import Sample
from engine.simulation.population import HOUR
from engine.simulation.routed import Routed
from engine.simulation.run import Outcome

MILLI = 1000


@dataclass(frozen=True)
class ModelSummary:
    """In the steady state, on average; of one that comes later, from then on. Rates in tokens/s."""

    name: str
    wanted: float
    throughput: float
    complete: float  # share of the time
    covered_after_minutes: float | None  # since it was wanted first
    chats: Routed | None
    batches: Routed | None


@dataclass(frozen=True)
class Summary:
    """Of one rule, in the steady state, on average."""

    rule: str
    peers: int
    hours: float
    seed: int
    computers_on: float
    computers_serving: float
    of_bound: float
    of_bound_lowest: float  # at any moment
    of_bound_on: float
    met: float
    met_bound: float
    joins_per_hour: float
    moves_per_hour: float
    gb_per_hour: float
    gb_of_moves_per_hour: float
    decisions: int
    decision_ms: float  # of processor time: the middle one
    decision_ms_longest: float
    models: tuple[ModelSummary, ...]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def summary(outcome: Outcome) -> Summary:
    settings, steady = outcome.settings, outcome.steady
    tally, seconds = outcome.tally, outcome.tally.decision_seconds
    start, end = (round(seconds / HOUR) for seconds in settings.steady_seconds)
    hours = range(start, max(end, start + 1))

    def mean(of: Callable[[Sample], float]) -> float:
        return fmean(of(sample) for sample in steady) if steady else 0.0

    def hourly(counts: Counter[int]) -> float:
        return fmean(counts[hour] for hour in hours)

    return Summary(
        rule=outcome.rule,
        peers=settings.peers,
        hours=settings.hours,
        seed=settings.seed,
        computers_on=mean(lambda sample: sample.computers_on),
        computers_serving=mean(lambda sample: sample.computers_serving),
        of_bound=mean(lambda sample: sample.of_bound),
        of_bound_lowest=min((sample.of_bound for sample in steady), default=0.0),
        of_bound_on=mean(lambda sample: sample.of_bound_on),
        met=mean(lambda sample: sample.met),
        met_bound=mean(lambda sample: sample.met_bound),
        joins_per_hour=hourly(tally.joins),
        moves_per_hour=hourly(tally.moves),
        gb_per_hour=hourly(tally.bytes_fetched) / GB,
        gb_of_moves_per_hour=hourly(tally.bytes_of_moves) / GB,
        decisions=len(seconds),
        decision_ms=MILLI * median(seconds) if seconds else 0.0,
        decision_ms_longest=MILLI * max(seconds, default=0.0),
        models=tuple(_of_model(outcome, model) for model in outcome.models),
    )


def _of_model(outcome: Outcome, model: str) -> ModelSummary:
    in_use = [sample for sample in outcome.steady if model in sample.wanted] or [
        sample for sample in outcome.samples if model in sample.wanted
    ]
    after = outcome.covered_after.get(model)
    return ModelSummary(
        name=outcome.models[model].name,
        wanted=fmean(sample.wanted[model] for sample in in_use) if in_use else 0.0,
        throughput=fmean(sample.throughput[model] for sample in in_use) if in_use else 0.0,
        complete=fmean(sample.throughput[model] > 0 for sample in in_use) if in_use else 0.0,
        covered_after_minutes=None if after is None else after / 60,
        chats=outcome.chats.get(model),
        batches=outcome.batches.get(model),
    )


# --- in words


def as_text(summaries: Sequence[Summary]) -> str:
    first = summaries[0]
    head = (
        f"{first.peers:,} computers, on average {first.computers_on:,.0f} of them on; {first.hours:g} hours, "
        f"seed {first.seed}. Steady state, averages:"
    )
    parts = [head, table(figures(summaries)), *(table(model_figures(one)) for one in summaries)]
    return "\n\n".join(parts)


def figures(summaries: Sequence[Summary]) -> Rows:
    """One column for each rule."""
    rows: Mapping[str, Callable[[Summary], str]] = {
        "throughput, of the bound for those that serve": lambda s: f"{s.of_bound:.3f}",
        "… at its lowest": lambda s: f"{s.of_bound_lowest:.3f}",
        "… of the bound for all that are on": lambda s: f"{s.of_bound_on:.3f}",
        "met of what is wanted, worst served model": lambda s: f"{s.met:.2f}",
        "… the best that those who serve could do": lambda s: f"{s.met_bound:.2f}",
        "computers on; serving": lambda s: f"{s.computers_on:.0f}; {s.computers_serving:.0f}",
        "joins an hour": lambda s: f"{s.joins_per_hour:.1f}",
        "moves an hour": lambda s: f"{s.moves_per_hour:.1f}",
        "fetched an hour, GB": lambda s: f"{s.gb_per_hour:.1f}",
        "… of these for moves, GB": lambda s: f"{s.gb_of_moves_per_hour:.1f}",
        "decisions": lambda s: f"{s.decisions:,}",
        "one decision, ms: middle; longest": lambda s: f"{s.decision_ms:.1f}; {s.decision_ms_longest:.1f}",
    }
    head = ["", *(one.rule for one in summaries)]
    return [head, *([name, *map(of, summaries)] for name, of in rows.items())]


def model_figures(one: Summary) -> Rows:
    head = (
        f"{one.rule}: model",
        "wanted, tokens/s",
        "placed, tokens/s",
        "complete",
        "complete after",
        "chats get",
        "one chat, tokens/s",
        "its links, ms",
        "hops",
        "alone, tokens/s",
        "batches get",
    )
    return [head, *(_model_row(model) for model in one.models)]


def growth_figures(sizes: Sequence[Summary]) -> Rows:
    """One row for each size of a swarm."""
    head = (
        "computers on",
        "hours",
        "of the bound",
        "… lowest",
        "fetched an hour, GB",
        "decision, ms",
        "longest",
    )
    rows = (
        (
            f"{one.peers:,}",
            f"{one.hours:g}",
            f"{one.of_bound:.3f}",
            f"{one.of_bound_lowest:.3f}",
            f"{one.gb_per_hour:,.0f}",
            f"{one.decision_ms:.1f}",
            f"{one.decision_ms_longest:.1f}",
        )
        for one in sizes
    )
    return [head, *rows]


def _model_row(model: ModelSummary) -> Sequence[str]:
    after, chats, batches = model.covered_after_minutes, model.chats, model.batches
    return (
        model.name,
        f"{model.wanted:,.0f}",
        f"{model.throughput:,.0f}",
        f"{model.complete:.0%}",
        "never" if after is None else f"{after:.0f} min",
        "–" if chats is None else f"{chats.share:.2f}",
        "–" if chats is None else f"{chats.tokens_per_s:.1f}",
        "–" if chats is None else f"{MILLI * chats.link_seconds:.0f}",
        "–" if chats is None else f"{chats.hops:.0f}",
        "–" if chats is None else f"{chats.idle_tokens_per_s:.1f}",
        "–" if batches is None else f"{batches.share:.2f}",
    )


def table(rows: Rows) -> str:
    """For a terminal: columns as wide as their widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_line(row, widths) for row in rows)


def _line(cells: Iterable[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return "  ".join([f"{first[0]:<{first[1]}}", *(f"{cell:>{width}}" for cell, width in others)]).rstrip()
