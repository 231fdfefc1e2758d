"""What came of all answers: counts, and how long a kill held them up. Pure, but for being written to."""

import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

NOTICED_SECONDS = 0.5  # after a kill at most: until then tokens may come that were under way
FLOWING_SECONDS = 1.5  # between tokens at most, of an answer that nothing holds up


@dataclass
class Answer:
    """One answer under way. Times are of the monotonic clock."""

    chat: int
    started: float
    token_times: list[float] = field(default_factory=list)
    replaced_spans: int = 0


@dataclass(frozen=True)
class Kill:
    at: float
    slot: int


@dataclass
class Tally:
    """Sentences say what went wrong, for whom and when."""

    right: int = 0
    cancelled: int = 0  # in the middle, and right so far
    pieces: int = 0  # of answers that were right; most are one token
    replaced_spans: int = 0
    events: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    without_chain: list[str] = field(default_factory=list)  # errors that could not be helped
    crashes: list[str] = field(default_factory=list)  # servers that ended, or did not end, by themselves
    complaints: list[str] = field(default_factory=list)  # errors in this process's log
    kills: list[Kill] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    def recoveries(self, was_well: Callable[[float, float, int], bool]) -> list[float]:
        """Seconds from a kill to the next token, of answers that had to replace a server, as far as
        `was_well(since, until, slot)` says that nothing happened to any other server meanwhile.
        """
        return [
            held_up[0]
            for kill in self.kills
            for answer in self.answers
            if answer.replaced_spans
            and (held_up := _held_up(answer, kill.at)) is not None
            and was_well(kill.at, held_up[1], kill.slot)
        ]


def _held_up(answer: Answer, at: float) -> tuple[float, float] | None:
    """The longest wait for a token that began before a kill was noticed: seconds, and when the token came.
    None for an answer that was not flowing then.
    """
    before = [time for time in answer.token_times if time <= at]
    if not before or before[-1] < at - FLOWING_SECONDS:
        return None
    waits = [
        (next_at - max(last, at), next_at)
        for last, next_at in pairwise(answer.token_times)
        if next_at > at and last <= at + NOTICED_SECONDS
    ]
    return max(waits, default=None)


def median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else 0.0
