"""Who computed wrongly, judged from several results of the same layers and hidden states. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True)
class Opinion(Generic[Result]):
    """What these peers, one after another, made of the hidden states."""

    peers: frozenset[str]
    result: Result
    trusted: bool = False  # this computer's own


class Outcome(Enum):
    AGREED = "agreed"
    SOMEBODY_LIED = "somebody lied"
    OPEN = "open"  # one more opinion would settle it
    UNSETTLED = "unsettled"  # too many differ


@dataclass(frozen=True)
class Verdict:
    outcome: Outcome
    honest: frozenset[str] = frozenset()
    liars: frozenset[str] = frozenset()
    doubted: frozenset[str] = frozenset()  # one of them is wrong; nobody can say who


NOBODY: frozenset[str] = frozenset()


def judge(opinions: Sequence[Opinion[Result]], agree: Callable[[Result, Result], bool]) -> Verdict:
    """Of two or three opinions, the first is the audited server's own."""
    audited, second, *more = opinions
    if agree(audited.result, second.result):
        return Verdict(Outcome.AGREED, honest=audited.peers | second.peers)
    if second.trusted:
        return _blame(audited.peers, second.peers)
    if not more:
        return Verdict(Outcome.OPEN, doubted=audited.peers | second.peers)
    return _settle(audited, second, more[0], agree)


def _settle(
    audited: Opinion[Result],
    second: Opinion[Result],
    third: Opinion[Result],
    agree: Callable[[Result, Result], bool],
) -> Verdict:
    """The first two differ."""
    with_audited = agree(audited.result, third.result)
    with_second = agree(second.result, third.result)
    if with_audited == with_second:
        return Verdict(Outcome.UNSETTLED, doubted=audited.peers | second.peers | third.peers)
    right, wrong = (audited, second) if with_audited else (second, audited)
    return _blame(wrong.peers, right.peers | third.peers)


def _blame(wrong: frozenset[str], honest: frozenset[str]) -> Verdict:
    """Of several who computed together it is not known which one was wrong."""
    if len(wrong) == 1:
        return Verdict(Outcome.SOMEBODY_LIED, honest=honest, liars=wrong)
    return Verdict(Outcome.SOMEBODY_LIED, honest=honest, doubted=wrong)
