"""How often a draft model's guesses come true, by how far apart their scores are: a pure rule.

Scores are those of the choice, dice included: a guess that leads by little is soon overtaken by the next.
"""

from bisect import bisect_right
from collections.abc import Sequence

EDGES = (0.25, 0.5, 1.0, 2.0, 4.0)  # between scores that are nats apart
# Until more is known: as the starter model's own layers in nf4 did. By how far the best is ahead of the next,
# and by how far another one is behind the best.
BEST = (0.4, 0.5, 0.6, 0.8, 0.94, 0.99)
OTHERS = (0.34, 0.26, 0.22, 0.14, 0.04, 0.005)
PRIOR_WEIGHT = 8.0


class Confidence:
    """Of one draft model."""

    def __init__(self) -> None:
        self._best = [(chance * PRIOR_WEIGHT, PRIOR_WEIGHT) for chance in BEST]
        self._others = [(chance * PRIOR_WEIGHT, PRIOR_WEIGHT) for chance in OTHERS]

    def chances(self, scores: Sequence[float]) -> list[float]:
        """That each of these comes true; scores from the highest on, at least two."""
        best, *others = _apart(scores)
        counts = [
            self._best[bisect_right(EDGES, best)],
            *(self._others[bisect_right(EDGES, a)] for a in others),
        ]
        return [true / tried for true, tried in counts]

    def note(self, scores: Sequence[float], came_true: int | None) -> None:
        """Which of these was chosen; None: another one."""
        for rank, apart in enumerate(_apart(scores)):
            counts, at = self._others if rank else self._best, bisect_right(EDGES, apart)
            true, tried = counts[at]
            counts[at] = (true + (rank == came_true), tried + 1)


def _apart(scores: Sequence[float]) -> list[float]:
    """How far the best is ahead of the next, and each other one is behind the best."""
    return [scores[0] - scores[1], *(scores[0] - score for score in scores[1:])]
