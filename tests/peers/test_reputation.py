"""What good and bad experience does to doubt, and how long it lasts."""

import pytest

from engine.peers.reputation import (
    ANSWERS,
    AVOID_SECONDS,
    DAY,
    HONESTY,
    HOUR,
    MAX_AVOID_SECONDS,
    REPAIR_SECONDS,
    Reputation,
    Tally,
)


def proven(steps: int = 200) -> Reputation:
    reputation = Reputation()
    for _ in range(steps):
        reputation.note_answer(now=0)
    return reputation


# --- tallies


def test_experience_fades_by_half_in_a_half_life() -> None:
    tally = Tally(ANSWERS)
    tally.note(True, now=0)
    tally.note(False, now=0)
    assert tally.counts(ANSWERS.half_life) == (0.5, 0.5)
    tally.note(True, ANSWERS.half_life)
    assert tally.counts(2 * ANSWERS.half_life) == (0.75, 0.25)


def test_what_is_unknown_fades_to_what_strangers_are_expected_to_do() -> None:
    tally = Tally(ANSWERS)
    stranger = tally.chance_of_bad(now=0)
    for _ in range(5):
        tally.note(False, now=0)
    assert tally.chance_of_bad(now=0) > 10 * stranger
    assert tally.chance_of_bad(now=100 * ANSWERS.half_life) == pytest.approx(stranger)


def test_nobody_saves_up_trust_without_end() -> None:
    tally = Tally(ANSWERS)
    for _ in range(10_000):
        tally.note(True, now=0)
    assert tally.counts(now=0) == (ANSWERS.most_good, 0)


# --- doubt


def test_an_unproven_peer_costs_a_little() -> None:
    assert 0 < proven().doubt(now=0) < Reputation().doubt(now=0) < 0.05


def test_a_peer_that_failed_is_doubted_until_that_is_old() -> None:
    peer = Reputation()
    peer.note_failure(now=0)
    assert peer.doubt(now=0) > 2 * Reputation().doubt(now=0)
    assert peer.doubt(now=10 * ANSWERS.half_life) == pytest.approx(Reputation().doubt(now=0), rel=0.01)


def test_good_answers_outweigh_a_failure() -> None:
    peer = Reputation()
    peer.note_failure(now=0)
    for _ in range(200):
        peer.note_answer(now=10)
    assert peer.doubt(now=10) < Reputation().doubt(now=10)


def test_doubt_is_never_more_than_what_can_go_wrong() -> None:
    peer = Reputation()
    for incident in range(1000):
        peer.note_failure(now=incident * 60.0)
    assert peer.doubt(now=60_000) < REPAIR_SECONDS


# --- a rest after failures


def test_a_peer_rests_after_a_failure() -> None:
    peer = proven()
    assert not peer.is_avoided(now=0)
    peer.note_failure(now=10)
    assert peer.is_avoided(now=10 + AVOID_SECONDS - 0.1)
    assert not peer.is_avoided(now=10 + AVOID_SECONDS)


def rest(peer: Reputation, since: float) -> float:
    """Seconds, in tenths."""
    return next(tenths / 10 for tenths in range(10_000) if not peer.is_avoided(since + tenths / 10))


def test_the_rest_doubles_with_each_failure_up_to_a_bound() -> None:
    peer = Reputation()
    rests = []
    for incident in range(8):
        peer.note_failure(now=incident * 1000.0)
        rests.append(rest(peer, incident * 1000.0))
    assert rests[:3] == pytest.approx([AVOID_SECONDS, 2 * AVOID_SECONDS, 4 * AVOID_SECONDS])
    assert rests[-1] == pytest.approx(MAX_AVOID_SECONDS)


def test_a_sign_of_life_shortens_the_rest_but_does_not_end_it() -> None:
    """A server may answer probes and still hang at its work."""
    peer = Reputation()
    for incident in range(4):
        peer.note_failure(now=incident * 1000.0)
    peer.note_alive()
    assert rest(peer, 3000.0) == pytest.approx(AVOID_SECONDS)


def test_one_incident_that_many_sessions_notice_counts_once() -> None:
    one, many = Reputation(), Reputation()
    one.note_failure(now=0)
    for noticed in range(5):
        many.note_failure(now=noticed * 0.1)
    assert many.doubt(now=1) == one.doubt(now=1)
    assert rest(many, 0) == rest(one, 0)


# --- lies


def test_one_lie_keeps_a_peer_out_for_long_whatever_else_it_does() -> None:
    peer = proven()
    for _ in range(100):
        peer.note_audit(True, now=0)
    peer.note_audit(False, now=0)
    assert peer.is_avoided(now=0)
    peer.note_answer(now=HOUR)
    peer.note_audit(True, now=HOUR)
    assert peer.is_avoided(now=13 * DAY)
    assert not peer.is_avoided(now=15 * DAY)


def test_a_liar_returns_slowly() -> None:
    peer, stranger = Reputation(), Reputation()
    peer.note_audit(False, now=0)
    doubts = [peer.doubt(now=days * DAY) for days in (15, 22, 29)]
    assert doubts[0] > 3 * stranger.doubt(now=0)
    assert doubts[0] > doubts[1] > doubts[2] > stranger.doubt(now=0)


def test_two_lies_keep_a_peer_out_for_longer_than_one() -> None:
    peer = Reputation()
    peer.note_audit(False, now=0)
    peer.note_audit(False, now=0)
    assert peer.is_avoided(now=20 * DAY)
    assert not peer.is_avoided(now=22 * DAY)


def test_availability_and_honesty_are_kept_apart() -> None:
    unreliable, honest = Reputation(), proven(500)
    unreliable.note_failure(now=0)
    honest.note_audit(True, now=0)
    assert unreliable.honesty.chance_of_bad(now=0) == Tally(HONESTY).chance_of_bad(now=0)
    assert honest.honesty.chance_of_bad(now=0) < Tally(HONESTY).chance_of_bad(now=0)


def test_a_dispute_costs_both_sides_but_keeps_nobody_out() -> None:
    peer, stranger = Reputation(), Reputation()
    doubts = []
    for _ in range(20):
        peer.note_dispute(now=0)
        doubts.append(peer.doubt(now=0))
        assert not peer.is_avoided(now=0)
    assert doubts[0] > 5 * stranger.doubt(now=0)
    assert doubts[1] > doubts[0]
    assert peer.doubt(now=10 * DAY) == pytest.approx(stranger.doubt(now=0))
