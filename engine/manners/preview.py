"""What rules would have meant on a day that was recorded. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from engine.api.manners_schema import Kept, Preview
from engine.api.schema import Condition, Reason
from engine.api.sentences import said
from engine.manners.day import SAMPLE_SECONDS, Sample
from engine.manners.judge import State, Verdict, judge
from engine.manners.rules import WhenRules

MOST_SECONDS = 1.5 * SAMPLE_SECONDS  # that a sample stands for: where it is longer, no engine ran


@dataclass
class _Sum:
    seconds: float = 0.0
    by_condition: dict[str, tuple[float, Condition]] = field(default_factory=dict)  # by its sentence

    def add(self, condition: Condition, seconds: float) -> None:
        before, _ = self.by_condition.get(condition.sentence, (0.0, condition))
        self.by_condition[condition.sentence] = before + seconds, condition
        self.seconds += seconds

    @property
    def kept(self) -> Kept:
        longest = max(self.by_condition.values(), key=lambda each: each[0])
        return Kept(condition=longest[1], seconds=self.seconds)


def preview(rules: WhenRules, samples: Sequence[Sample]) -> Preview:
    """`samples`: the oldest first."""
    giving, sums, not_told = 0.0, dict[Reason, _Sum](), dict[str, None]()
    for verdict, seconds in _judged(rules, samples):
        not_told |= dict.fromkeys(verdict.not_told)
        if verdict.objections:
            first = verdict.objections[0]
            sums.setdefault(first.rule, _Sum()).add(first.condition, seconds)
        else:
            giving += seconds
    kept = sorted((one.kept for one in sums.values()), key=lambda kept: -kept.seconds)
    return Preview(
        recorded_seconds=giving + sum(one.seconds for one in kept),
        giving_seconds=giving,
        kept=tuple(kept),
        not_told=(*not_told, *_unwatched(rules, samples)),
    )


def _judged(rules: WhenRules, samples: Sequence[Sample]) -> Iterator[tuple[Verdict, float]]:
    """What was judged at each sample, and for how long it held."""
    state = State()
    for sample, until in zip(samples, _ends(samples), strict=True):
        verdict = judge(rules, replace(sample.conditions, at=sample.unix), state)
        state = verdict.state
        yield verdict, until - sample.unix


def _ends(samples: Sequence[Sample]) -> Iterator[float]:
    for sample, following in pairwise(samples):
        gone = following.unix - sample.unix > MOST_SECONDS
        yield sample.unix + SAMPLE_SECONDS if gone else following.unix
    if samples:
        yield samples[-1].unix + SAMPLE_SECONDS


def _unwatched(rules: WhenRules, samples: Sequence[Sample]) -> tuple[str, ...]:
    known = [sample.watched for sample in samples if sample.watched is not None]
    unknown = sorted(app for app in rules.apps if any(app not in watched for watched in known))
    return tuple(said("Whether {app} ran was not recorded all the time.", app=app) for app in unknown)
