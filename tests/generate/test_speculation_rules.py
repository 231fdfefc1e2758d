"""What is drafted, and how much of it: pure rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.generate.speculation.draft_length import (
    best_draft_length,
    is_worth_sending_behind,
)
from engine.generate.speculation.experience import (
    FIRST,
    FIRST_LOSS,
    LONGEST,
    LOSS,
    MOST_CREDIT,
    Experience,
)
from engine.generate.speculation.prompt_lookup import LENGTHS, PromptLookup

rates = st.floats(0.0, 1.0)
costs = st.floats(0.001, 4.0)
lengths = st.integers(0, 40)

# --- prompt lookup


@pytest.mark.parametrize(
    ("known", "drafted"),
    [
        ([1, 2, 3, 4, 1, 2], [3, 4, 1, 2]),
        ([1, 2, 3, 9, 1, 2, 5, 9, 1, 2], [5, 9, 1, 2]),  # the latest place
        ([7, 1, 2, 3, 4, 8, 3, 4, 9, 1, 2, 3, 4], [8, 3, 4, 9]),  # the one where most agrees
        ([5, 6, 5, 6, 5, 6], [5, 6, 5, 6]),  # again and again
        ([4, 4, 4], [4, 4, 4, 4]),
        ([256, 1, 7, 65536, 256, 1], [7, 65536, 256, 1]),  # whose bytes are alike
        ([1, 2, 3, 4], None),
        ([1, 2, 1], None),  # one token says little
        ([], None),
    ],
)
def test_a_draft_is_what_followed_the_last_tokens_before(known: list[int], drafted: list[int] | None) -> None:
    draft = PromptLookup(known).draft(4)
    assert (None if draft is None else list(draft.tokens)) == drafted


@given(st.lists(st.integers(0, 3) | st.integers(0, 2**18), max_size=60), st.integers(0, 30))
def test_tokens_pushed_one_by_one_are_drafted_like_a_prompt(known: list[int], cut: int) -> None:
    lookup = PromptLookup(known[:cut])
    for token in known[cut:]:
        lookup.push(token)
    assert lookup.draft(5) == PromptLookup(known).draft(5)


@given(st.lists(st.integers(0, 3), max_size=60), st.integers(1, 9))
def test_a_draft_comes_from_the_latest_place_where_most_agrees(known: list[int], longest: int) -> None:
    ends = {n: [end for end in range(n, len(known)) if known[end - n : end] == known[-n:]] for n in LENGTHS}
    kind = max((n for n in LENGTHS if ends[n]), default=None)
    draft = PromptLookup(known).draft(longest)
    assert (draft.kind if draft else None) == kind
    if draft is not None and kind is not None:
        going_on = known[max(ends[kind]) :]
        assert list(draft.tokens) == (going_on * longest)[:longest]


# --- how many tokens


@pytest.mark.parametrize(
    ("acceptance", "row_cost", "drafted"),
    [(0.0, 0.01, 0), (1.0, 0.5, 40), (0.5, 0.5, 0), (0.5, 0.1, 2), (0.8, 0.1, 6), (0.8, 0.01, 14)],
)
def test_the_best_length_for_some_links(acceptance: float, row_cost: float, drafted: int) -> None:
    assert best_draft_length(acceptance, row_cost, 40) == drafted


def expected_tokens(acceptance: float, drafted: int) -> float:
    """That one trip brings: each drafted token comes true with this chance if those before it did, and one
    more token is chosen from the answer behind them (Leviathan et al. 2023, section 3.1).
    """
    return sum(acceptance**come_true for come_true in range(drafted + 1))


@given(rates, costs, lengths)
def test_no_other_length_gives_more_tokens_per_second(
    acceptance: float, row_cost: float, longest: int
) -> None:
    def rate(drafted: int) -> float:
        return expected_tokens(acceptance, drafted) / (1 + drafted * row_cost)

    best = best_draft_length(acceptance, row_cost, longest)
    assert 0 <= best <= longest
    assert rate(best) >= max(map(rate, range(longest + 1))) - 1e-9


@given(rates, costs, lengths)
def test_dearer_rows_never_make_drafts_longer(acceptance: float, row_cost: float, longest: int) -> None:
    assert best_draft_length(acceptance, 1.1 * row_cost, longest) <= best_draft_length(
        acceptance, row_cost, longest
    )


@pytest.mark.parametrize(
    ("acceptance", "before", "rows", "row_cost", "worth"),
    [
        (1.0, 60, 20, 0.01, True),
        (1.0, 60, 20, 0.1, False),  # computing them takes longer than a trip
        (0.9, 5, 5, 0.05, True),
        (0.9, 20, 5, 0.05, False),
        (0.0, 1, 1, 0.001, False),
    ],
)
def test_drafts_follow_others_where_these_are_likely_to_come_true(
    acceptance: float, before: int, rows: int, row_cost: float, worth: bool
) -> None:
    assert is_worth_sending_behind(acceptance, before, rows, row_cost) == worth


# --- what a session learns


class Link:
    """An experience of trips that take one second, and so much more for each further row."""

    def __init__(self, row_cost: float) -> None:
        self._row_cost = row_cost
        self.experience = Experience()
        self.seconds = 0.0

    def trip(self, right: int, longest: int = LONGEST) -> int:
        """One trip with a draft whose first tokens are right. Returns how many came true."""
        drafted = self.experience.draft_length(2, longest)
        seconds = 1 + drafted * self._row_cost
        self.seconds += seconds
        self.experience.note_trip(1 + drafted, seconds)
        for index in range(min(drafted, right + 1)):
            self.experience.note_token(2, index < right)
        return min(drafted, right)


@given(st.floats(0.001, 3.0), st.integers(1, 400))
def test_where_nothing_comes_true_little_is_lost(row_cost: float, trips: int) -> None:
    link = Link(row_cost)
    for _ in range(trips):
        assert link.trip(right=0) == 0
    surprise = 1 + FIRST * row_cost  # the first draft, of unknown cost
    assert link.seconds <= trips * (1 + LOSS) + FIRST_LOSS + surprise


@pytest.mark.parametrize("row_cost", [0.0, 0.02, 0.1])
def test_where_all_comes_true_trips_soon_bring_many_tokens(row_cost: float) -> None:
    link = Link(row_cost)
    brought = [link.trip(right=LONGEST) for _ in range(12)]
    assert brought[0] == 0  # what a trip takes is not known yet
    assert brought[-1] == (LONGEST if row_cost < 0.1 else MOST_CREDIT / row_cost)
    assert brought == sorted(brought)


def test_drafts_come_back_when_they_come_true_again() -> None:
    link = Link(0.02)
    for _ in range(200):
        link.trip(right=0)
    assert sum(link.trip(right=LONGEST) for _ in range(100)) > LONGEST


def test_good_luck_is_no_reason_to_lose_much() -> None:
    link = Link(0.1)
    for _ in range(100):
        link.trip(right=LONGEST)
    before = link.seconds
    for _ in range(200):
        link.trip(right=0)
    assert link.seconds - before <= 200 * (1 + LOSS) + MOST_CREDIT + LONGEST * 0.1


def test_servers_that_cannot_go_back_get_no_more_drafts() -> None:
    experience = Experience()
    experience.note_trip(1, 1.0)
    experience.note_replay()
    assert experience.draft_length(2, 4) > 0  # a server may fail at any time
    experience.note_replay()
    assert experience.draft_length(2, 4) == 0
