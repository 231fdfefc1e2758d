"""Who is believed when results differ."""

import pytest

from engine.audit.verdict import Opinion, Outcome, Verdict, judge


def said(result: int, *peers: str, trusted: bool = False) -> Opinion[int]:
    return Opinion(frozenset(peers), result, trusted)


def alike(a: int, b: int) -> bool:
    return abs(a - b) <= 1


def names(text: str) -> frozenset[str]:
    return frozenset(text)


CASES = {
    "two agree": (
        [said(1, "a"), said(1, "b")],
        Verdict(Outcome.AGREED, honest=names("ab")),
    ),
    "two differ": (
        [said(1, "a"), said(9, "b")],
        Verdict(Outcome.OPEN, doubted=names("ab")),
    ),
    "this computer differs": (
        [said(1, "a"), said(9, "b", trusted=True)],
        Verdict(Outcome.SOMEBODY_LIED, honest=names("b"), liars=names("a")),
    ),
    "this computer differs from one of two": (
        [said(1, "a", "b"), said(9, "c", trusted=True)],
        Verdict(Outcome.SOMEBODY_LIED, honest=names("c"), doubted=names("ab")),
    ),
    "the third is with the second": (
        [said(1, "a"), said(9, "b"), said(9, "c")],
        Verdict(Outcome.SOMEBODY_LIED, honest=names("bc"), liars=names("a")),
    ),
    "the third is with the audited one": (
        [said(1, "a"), said(9, "b"), said(1, "c")],
        Verdict(Outcome.SOMEBODY_LIED, honest=names("ac"), liars=names("b")),
    ),
    "one of two who computed together lied": (
        [said(1, "a"), said(9, "b", "c"), said(1, "d")],
        Verdict(Outcome.SOMEBODY_LIED, honest=names("ad"), doubted=names("bc")),
    ),
    "all differ": (
        [said(1, "a"), said(9, "b"), said(20, "c")],
        Verdict(Outcome.UNSETTLED, doubted=names("abc")),
    ),
    "the third is between the two": (
        [said(1, "a"), said(3, "b"), said(2, "c")],
        Verdict(Outcome.UNSETTLED, doubted=names("abc")),
    ),
    "two who lie alike outvote one": (
        [said(1, "a"), said(9, "b"), said(9, "c")],
        Verdict(Outcome.SOMEBODY_LIED, honest=names("bc"), liars=names("a")),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_verdicts(case: str) -> None:
    opinions, verdict = CASES[case]
    assert judge(opinions, alike) == verdict
