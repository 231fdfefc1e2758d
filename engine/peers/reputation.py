"""How far a peer is to be relied on, from own experience alone: that it answers, and that it answers rightly.

Both are chances, estimated from what went well and badly, the old counting ever less. Doubt is what a step
costs by them: the chance that it fails or is wrong, times the seconds that this takes.
"""

from dataclasses import dataclass

HOUR = 3600.0
DAY = 24 * HOUR

AVOID_SECONDS = 3.0  # after a failure; twice as long with each further one
MAX_AVOID_SECONDS = 60.0
REPAIR_SECONDS = 2.0  # until a failed server is replaced and its span rebuilt
WRONG_SECONDS = 20.0  # a wrong answer costs the whole reply
KEPT_OUT = 0.25  # of a lie: it has faded to that after two half-lives


@dataclass(frozen=True)
class Kind:
    """What is expected of strangers, and how experience fades."""

    good: float  # as if so much had gone well ...
    bad: float  # ... and badly before
    half_life: float  # seconds
    most_good: float  # that count: nobody can save up trust without end
    most_bad: float


ANSWERS = Kind(good=19.8, bad=0.2, half_life=6 * HOUR, most_good=500, most_bad=10)
HONESTY = Kind(good=19.99, bad=0.01, half_life=7 * DAY, most_good=500, most_bad=50)
# Two servers gave different results and nobody could say who is right: the honest one must not be kept out.
DISPUTES = Kind(good=40, bad=0, half_life=6 * HOUR, most_good=0, most_bad=10)


class Tally:
    """What went well and badly, fading."""

    def __init__(self, kind: Kind, good: float = 0.0, bad: float = 0.0, at: float = 0.0) -> None:
        self._kind = kind
        self._good, self._bad, self._at = good, bad, at

    def note(self, went_well: bool, now: float) -> None:
        good, bad = self.counts(now)
        self._good = min(good + went_well, self._kind.most_good)
        self._bad = min(bad + (not went_well), self._kind.most_bad)
        self._at = now

    def counts(self, now: float) -> tuple[float, float]:
        """What went well and badly, as it counts today."""
        faded = 0.5 ** (max(now - self._at, 0.0) / self._kind.half_life)
        return self._good * faded, self._bad * faded

    def chance_of_bad(self, now: float) -> float:
        good, bad = self.counts(now)
        kind = self._kind
        return (bad + kind.bad) / (good + bad + kind.good + kind.bad)


class Reputation:
    """Of one peer."""

    def __init__(self, answers: Tally | None = None, honesty: Tally | None = None) -> None:
        self.answers = answers or Tally(ANSWERS)
        self.honesty = honesty or Tally(HONESTY)
        self._disputes = Tally(DISPUTES)
        self._failed_at = float("-inf")
        self._failures = 0  # in a row

    def note_answer(self, now: float) -> None:
        self.answers.note(True, now)
        self.note_alive()

    def note_alive(self) -> None:
        """The wait after the last failure goes on, but only as after a first one."""
        self._failures = min(self._failures, 1)

    def note_failure(self, now: float) -> None:
        """Failures within a moment of each other are one: several sessions notice it."""
        if now - self._failed_at >= AVOID_SECONDS:
            self._failures += 1
            self.answers.note(False, now)
            self._failed_at = now

    def note_audit(self, honest: bool, now: float) -> None:
        self.honesty.note(honest, now)

    def note_dispute(self, now: float) -> None:
        self._disputes.note(False, now)

    def doubt(self, now: float) -> float:
        """Seconds of a step."""
        fails = REPAIR_SECONDS * self.answers.chance_of_bad(now)
        wrong = self.honesty.chance_of_bad(now) + self._disputes.chance_of_bad(now)
        return fails + WRONG_SECONDS * wrong

    def is_avoided(self, now: float, last_resort: bool = False) -> bool:
        """`last_resort`: nobody else is left, so that only a failure of this moment counts."""
        longest = AVOID_SECONDS if last_resort else MAX_AVOID_SECONDS
        return self._is_resting(now, longest) or self.lied(now)

    def _is_resting(self, now: float, longest: float) -> bool:
        rest = AVOID_SECONDS * 2.0 ** min(self._failures - 1, 10)
        return now - self._failed_at < min(rest, longest)

    def lied(self, now: float) -> bool:
        """So lately that it is kept out."""
        return self.honesty.counts(now)[1] > KEPT_OUT
