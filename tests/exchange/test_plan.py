"""Which piece is asked of whom: tables without streams or clocks."""

from collections.abc import Iterable, Sequence

import pytest

from engine.exchange.plan import (
    FIRST_DEPTH,
    HASHES,
    LOOK_AHEAD_CHUNKS,
    MAX_DEPTH,
    MIN_DEPTH,
    OVERDUE_SECONDS,
    FetchPlan,
    Piece,
    depth,
)
from engine.weights.content_hash import CHUNK_BYTES


def begun(chunks: Sequence[int], **peers: Iterable[int]) -> FetchPlan:
    """A plan of parts of so many missing chunks, whose hash lists are known; and who has which parts."""
    plan = FetchPlan(len(chunks))
    for part, count in enumerate(chunks):
        plan.begin(part, range(count))
    for peer, has in peers.items():
        plan.join(peer, set(has))
    return plan


def asked(plan: FetchPlan, peer: str, times: int, now: float = 0.0) -> list[tuple[int, int] | None]:
    pieces = [plan.next(peer, now) for _ in range(times)]
    return [piece and (piece.part, piece.chunk) for piece in pieces]


def bring(plan: FetchPlan, peer: str, piece: Piece, now: float, nbytes: int = CHUNK_BYTES) -> bool:
    plan.answered(peer, now, nbytes)
    return plan.keep(piece)


def test_chunks_are_asked_in_order_and_parts_in_the_order_asked() -> None:
    plan = begun([2, 1, 5], a=[0, 1, 2])
    assert asked(plan, "a", 4) == [(0, 0), (0, 1), (1, 0), (2, 0)]


def test_what_one_peer_was_asked_another_is_not() -> None:
    plan = begun([4], a=[0], b=[0])
    assert asked(plan, "a", 2) == [(0, 0), (0, 1)]
    assert asked(plan, "b", 3) == [(0, 2), (0, 3), None]


def test_a_peer_is_asked_for_what_it_has_alone() -> None:
    plan = begun([1, 1, 1], a=[1], b=[0, 2])
    assert asked(plan, "a", 2) == [(1, 0), None]
    assert asked(plan, "b", 3) == [(0, 0), (2, 0), None]


def test_hash_lists_come_before_chunks() -> None:
    plan = FetchPlan(2)
    plan.join("a", {0, 1})
    assert asked(plan, "a", 3) == [(0, HASHES), (1, HASHES), None]
    plan.begin(0, [1, 0])
    assert asked(plan, "a", 2) == [(0, 0), (0, 1)]


@pytest.mark.parametrize(("chunks", "expected"), [(LOOK_AHEAD_CHUNKS, 0), (LOOK_AHEAD_CHUNKS - 1, HASHES)])
def test_hash_lists_are_fetched_only_a_little_ahead(chunks: int, expected: int) -> None:
    plan = FetchPlan(2)
    plan.begin(0, range(chunks))
    plan.join("a", {0, 1})
    piece = plan.next("a", 0.0)
    assert piece is not None
    assert piece.chunk == expected


def test_no_more_questions_are_open_than_the_peer_answers_soon() -> None:
    plan = begun([50], a=[0])
    assert asked(plan, "a", FIRST_DEPTH + 1)[-1] is None
    bring(plan, "a", Piece(0, 0), now=1.0 / 8)  # 8 chunks a second
    assert asked(plan, "a", 6, now=1.0 / 8) == [(0, 4), (0, 5), (0, 6), (0, 7), (0, 8), None]


@pytest.mark.parametrize(
    ("chunk_seconds", "expected"),
    [
        (None, FIRST_DEPTH),
        (0.0, MAX_DEPTH),
        (0.001, MAX_DEPTH),
        (0.1, 10),
        (0.4, MIN_DEPTH),
        (60.0, MIN_DEPTH),
    ],
)
def test_depth(chunk_seconds: float | None, expected: int) -> None:
    assert depth(chunk_seconds) == expected


def test_what_a_peer_owes_when_it_leaves_is_asked_of_others_first() -> None:
    plan = begun([6], a=[0], b=[0])
    asked(plan, "a", 3)
    asked(plan, "b", 1)
    bring(plan, "a", Piece(0, 0), now=0.1)
    plan.leave("a")
    assert asked(plan, "b", 3) == [(0, 1), (0, 2), (0, 4)]


def test_a_part_that_a_peer_lacks_after_all_is_not_asked_of_it_again() -> None:
    plan = begun([2, 1], a=[0, 1], b=[0])
    asked(plan, "a", 1)
    plan.answered("a", 0.1, 0)
    plan.lacks("a", Piece(0, 0))
    assert asked(plan, "a", 2) == [(1, 0), None]
    assert asked(plan, "b", 1) == [(0, 0)]


def test_the_last_pieces_of_a_slow_peer_are_asked_of_a_fast_one_as_well() -> None:
    plan = begun([6], slow=[0], fast=[0])
    assert asked(plan, "slow", 2) == [(0, 0), (0, 1)]
    assert asked(plan, "fast", 4) == [(0, 2), (0, 3), (0, 4), (0, 5)]
    for chunk in (2, 3, 4, 5):
        bring(plan, "fast", Piece(0, chunk), now=0.1 * chunk)
    assert asked(plan, "fast", 1, now=5.0) == [(0, 1)]
    assert bring(plan, "fast", Piece(0, 1), now=5.1) is False
    assert asked(plan, "fast", 1, now=5.1) == [(0, 0)]
    assert bring(plan, "fast", Piece(0, 0), now=5.2) is True


def test_what_a_hung_peer_owes_of_an_early_part_does_not_wait_for_the_end() -> None:
    plan = begun([1, 50], hung=[0], b=[0, 1])
    assert asked(plan, "hung", 1) == [(0, 0)]
    assert asked(plan, "b", 1, now=0.1) == [(1, 0)]
    bring(plan, "b", Piece(1, 0), now=0.2)
    assert asked(plan, "b", 2, now=OVERDUE_SECONDS + 0.1) == [(0, 0), (1, 1)]


def test_a_piece_is_asked_of_no_more_than_two() -> None:
    plan = begun([1], hung=[0], b=[0], c=[0])
    assert asked(plan, "hung", 1) == [(0, 0)]
    assert asked(plan, "b", 1, now=9.0) == [(0, 0)]
    assert asked(plan, "c", 1, now=9.0) == [None]


def test_nobody_takes_over_from_a_peer_of_the_same_speed() -> None:
    plan = begun([3], a=[0], b=[0])
    asked(plan, "a", 2)
    asked(plan, "b", 1)
    bring(plan, "a", Piece(0, 0), now=1.0)
    bring(plan, "b", Piece(0, 2), now=1.0)
    assert asked(plan, "b", 1, now=1.1) == [None]


def test_the_second_answer_changes_nothing() -> None:
    plan = begun([1, 1], hung=[0], b=[0, 1])
    asked(plan, "hung", 1)
    asked(plan, "b", 1)
    assert asked(plan, "b", 1, now=9.0) == [(0, 0)]
    plan.answered("b", 9.1, CHUNK_BYTES)
    bring(plan, "b", Piece(0, 0), now=9.2)
    plan.finish(0)
    assert bring(plan, "hung", Piece(0, 0), now=9.3) is False
    assert plan.unfinished == (1,)
    plan.leave("hung")
    assert not plan.wants(Piece(0, 0))


def test_only_missing_chunks_of_a_begun_part_are_asked_for() -> None:
    plan = FetchPlan(1)
    plan.join("a", {0})
    plan.begin(0, [7, 3])
    assert asked(plan, "a", 3) == [(0, 3), (0, 7), None]


def test_a_plan_is_done_when_every_part_is_finished() -> None:
    plan = begun([1, 0], a=[0, 1])
    assert not plan.waits_for_answers
    assert asked(plan, "a", 1) == [(0, 0)]
    assert plan.waits_for_answers
    assert plan.owes("a")
    assert bring(plan, "a", Piece(0, 0), now=1.0)
    assert not plan.waits_for_answers
    plan.finish(0)
    plan.finish(1)
    assert plan.done
