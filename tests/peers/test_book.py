"""What the book makes of what was noted in it."""

from random import Random

import pytest

from engine.peers.book import ROUND_TRIP_SECONDS, PeerBook
from engine.peers.coordinates import distance
from engine.peers.links import FAILED_LINK_SECONDS
from engine.peers.page import STEP_SECONDS
from engine.peers.reputation import AVOID_SECONDS, DAY
from engine.wire.records import Coordinates
from tests.peers.clock import Clock

A, B, C = ("Qm" + letter * 20 for letter in "abc")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(clock: Clock) -> PeerBook:
    return PeerBook(clock, Random(1))


def test_nothing_is_known_of_a_stranger(book: PeerBook) -> None:
    assert book.round_trip(A) is None
    assert book.layer_seconds(A) is None
    assert book.bytes_per_s(A) is None
    assert book.doubt(A) > 0
    assert not book.is_avoided(A)
    assert book.may_push(A, B)


def test_measurements_of_one_peer_say_nothing_of_another(book: PeerBook) -> None:
    book.note_round_trip(A, 0.03)
    book.note_transfer(A, 1 << 20, 0.5)
    assert book.round_trip(A) == 0.03
    assert book.bytes_per_s(A) == 2 << 20
    assert book.round_trip(B) is None
    assert book.bytes_per_s(B) is None


# --- speed


@pytest.mark.parametrize(
    ("round_trip", "compute_seconds", "seconds", "expected"),
    [
        (0.04, 0.02, 0.06, 0.005),  # as it says
        (0.04, 0.001, 0.06, 0.005),  # says less than was waited for it without the link
        (0.04, 0.02, 0.01, 0.005),  # its output came soon after the one of the server before it
        (None, 0.0, ROUND_TRIP_SECONDS + 0.02, 0.005),
    ],
)
def test_speed_is_what_was_waited_for_less_the_link(
    book: PeerBook, round_trip: float | None, compute_seconds: float, seconds: float, expected: float
) -> None:
    if round_trip is not None:
        book.note_round_trip(A, round_trip)
    book.note_step(A, 4, 1, compute_seconds, seconds)
    assert book.layer_seconds(A) == pytest.approx(expected)


def test_steps_of_many_tokens_say_nothing_of_decoding(book: PeerBook) -> None:
    book.note_step(A, layers=4, tokens=200, compute_seconds=1.0, seconds=2.0)
    assert book.layer_seconds(A) is None
    assert book.layer_tokens_per_s(A) == pytest.approx(4 * 200 / (2.0 - ROUND_TRIP_SECONDS))


def test_steps_of_one_token_say_nothing_of_throughput(book: PeerBook) -> None:
    book.note_step(A, layers=4, tokens=1, compute_seconds=1.0, seconds=2.0)
    assert book.layer_tokens_per_s(A) is None


def test_a_step_that_took_no_time_says_nothing(book: PeerBook) -> None:
    book.note_step(A, layers=4, tokens=200, compute_seconds=0.0, seconds=0.0)
    assert book.layer_tokens_per_s(A) is None


def test_a_measured_speed_is_forgotten_when_the_load_may_have_changed(book: PeerBook, clock: Clock) -> None:
    book.note_step(A, 4, 1, 0.02, 0.03)
    clock.pass_by(STEP_SECONDS)
    assert book.layer_seconds(A) is not None
    clock.pass_by(1)
    assert book.layer_seconds(A) is None


# --- reputation


def test_steps_make_a_peer_proven(book: PeerBook) -> None:
    for tokens in (200, 1, 1, 1):
        book.note_step(A, 4, tokens, 0.02, 0.03)
    assert book.doubt(A) < book.doubt(B)


def test_a_failed_peer_is_avoided_for_a_moment(book: PeerBook, clock: Clock) -> None:
    book.note_failure(A)
    assert book.is_avoided(A)
    assert not book.is_avoided(B)
    clock.pass_by(AVOID_SECONDS)
    assert not book.is_avoided(A)
    assert book.doubt(A) > book.doubt(B)


def test_a_probe_that_came_back_lets_a_peer_return_sooner(book: PeerBook, clock: Clock) -> None:
    for _ in range(5):
        clock.pass_by(600)
        book.note_failure(A)
    clock.pass_by(AVOID_SECONDS)
    assert book.is_avoided(A)
    book.note_round_trip(A, 0.03)
    assert not book.is_avoided(A)


def test_a_liar_is_avoided_for_days(book: PeerBook, clock: Clock) -> None:
    book.note_audit(A, honest=False)
    book.note_audit(B, honest=True)
    clock.pass_by(7 * DAY)
    assert book.is_avoided(A)
    assert not book.is_avoided(B)


def test_a_dispute_makes_a_peer_doubtful(book: PeerBook) -> None:
    book.note_dispute(A)
    assert book.doubt(A) > book.doubt(B)
    assert not book.is_avoided(A)


def test_a_link_that_failed_is_carried_and_neither_side_is_blamed(book: PeerBook, clock: Clock) -> None:
    book.note_link_failure(A, B)
    assert not book.may_push(A, B)
    assert book.may_push(B, A)
    assert book.carried_links() == {(A, B)}
    assert not book.is_avoided(A)
    assert not book.is_avoided(B)
    assert book.doubt(A) == book.doubt(B) == book.doubt(C)
    clock.pass_by(FAILED_LINK_SECONDS + 1)
    assert book.may_push(A, B)
    assert book.carried_links() == frozenset()


# --- where this computer is


def test_probes_tell_this_computer_where_it_is(book: PeerBook) -> None:
    places = {
        peer: Coordinates(at=at, height=0.001, error=0.1)
        for peer, at in {A: (0.1, 0, 0), B: (0.0, 0.1, 0), C: (0.0, 0, 0.1)}.items()
    }
    for _ in range(300):
        for peer in places:
            book.note_round_trip(peer, 0.08, places[peer])
    assert [distance(book.coordinates, place) for place in places.values()] == pytest.approx(
        [0.08] * 3, rel=0.1
    )
    assert book.coordinates.error < 0.2


def test_a_round_trip_that_cannot_be_does_not_move_this_computer(book: PeerBook) -> None:
    before = book.coordinates
    book.note_round_trip(A, float("inf"), Coordinates(at=(0.1, 0, 0), height=0.0, error=0.1))
    assert book.coordinates == before


# --- bounded


def test_the_least_recently_noted_peers_are_forgotten(clock: Clock) -> None:
    book = PeerBook(clock, max_peers=2)
    book.note_round_trip(A, 0.01)
    book.note_round_trip(B, 0.02)
    book.note_round_trip(A, 0.01)
    book.note_round_trip(C, 0.03)
    assert [book.round_trip(peer) for peer in (A, B, C)] == [0.01, None, 0.03]


def test_asking_for_strangers_makes_nobody_forgotten(clock: Clock) -> None:
    book = PeerBook(clock, max_peers=1)
    book.note_round_trip(A, 0.01)
    for peer in (B, C):
        book.doubt(peer)
        book.is_avoided(peer)
    assert book.round_trip(A) == 0.01
