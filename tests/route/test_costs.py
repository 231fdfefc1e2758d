"""From records and the book to numbers: defaults, claims that are capped, and what chains come of it."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.peers.book import ROUND_TRIP_SECONDS, PeerBook
from engine.peers.coordinates import distance
from engine.peers.page import STEP_SECONDS
from engine.route.costs import (
    BYTES_PER_S,
    LAYER_SECONDS,
    MIN_LAYER_SECONDS,
    SHARED_GAIN,
    UNPROVEN_GAIN,
    costs_of,
    layer_seconds,
    unmeasured,
)
from engine.route.plan import link_seconds, plan_chain
from engine.route.throughput import choose_for_throughput
from engine.wire.records import Coordinates, SpanRecord
from tests.peers.clock import Clock
from tests.route.records import A, B, C, N, at, server

STEP = 100_000  # bytes


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(clock: Clock) -> PeerBook:
    return PeerBook(clock, Random(0))


class BookAt(PeerBook):
    """Of a computer that knows where it is."""

    def __init__(self, coordinates: Coordinates) -> None:
        super().__init__(Clock())
        self._here = coordinates

    @property
    def coordinates(self) -> Coordinates:
        return self._here


def peers_of(servers: list[SpanRecord], book: PeerBook, step_bytes: int = 0, tokens: int = 0) -> list[str]:
    """Who is in the cheapest chain for all layers."""
    chain = plan_chain(servers, 0, N, costs_of(servers, book, step_bytes, tokens))
    return [] if chain is None else [hop.server.peer for hop in chain]


# --- layers


@pytest.mark.parametrize(
    ("record", "measured", "expected"),
    [
        (server(0), None, LAYER_SECONDS),
        (server(0, step_seconds=0.8), None, 0.1),
        (server(0, step_seconds=0.8), 0.05, 0.1),  # faster than it says: today
        (server(0, step_seconds=0.8), 0.3, 0.3),  # slower than it says
        (server(0), 0.3, 0.3),
        (server(0, step_seconds=1e-300), None, MIN_LAYER_SECONDS),
    ],
)
def test_a_layer_costs_what_is_said_but_no_less_than_what_was_measured(record, measured, expected) -> None:
    assert layer_seconds(record, measured) == pytest.approx(expected)


def test_a_queue_costs_but_less_than_if_its_steps_came_one_by_one() -> None:
    alone, queued = (layer_seconds(server(0, queue_depth=depth), None) for depth in (0, 7))
    assert 2 * alone < queued < 8 * alone


def test_a_measured_speed_caps_a_claim_until_it_is_old(book: PeerBook, clock: Clock) -> None:
    boaster, other = server(0, step_seconds=0.001), server(1, step_seconds=0.4)
    assert peers_of([boaster, other], book) == [A]
    book.note_step(A, N, 1, 0.001, 0.9)
    book.note_step(B, N, 1, 0.4, 0.4)
    assert peers_of([boaster, other], book) == [B]
    clock.pass_by(STEP_SECONDS + 1)
    assert peers_of([boaster, other], book) == [A]


def test_a_loaded_server_is_left_alone(book: PeerBook) -> None:
    servers = [server(0, step_seconds=0.08, queue_depth=9), server(1, step_seconds=0.1)]
    assert peers_of(servers, book) == [B]


# --- room, and peers that are not to be used


def test_servers_without_room_and_those_that_failed_are_left_out(book: PeerBook) -> None:
    servers = [server(0, free_cache_tokens=99), server(1, free_cache_tokens=100), server(2)]
    assert list(costs_of(servers, book, STEP, tokens=100).of) == [B]
    assert list(costs_of(servers, book, STEP, tokens=0).of) == [A, B, C]
    book.note_failure(A)
    assert list(costs_of(servers, book, STEP, tokens=0).of) == [B, C]


def test_room_is_not_looked_at_where_nothing_is_measured() -> None:
    assert list(unmeasured([server(0)]).of) == [A]


# --- links


def test_an_unknown_server_is_behind_an_unknown_link(book: PeerBook) -> None:
    of = costs_of([server(0)], book, STEP).of[A]
    assert of.to_client == pytest.approx(ROUND_TRIP_SECONDS / 2 + STEP / BYTES_PER_S)
    assert of.from_client == pytest.approx(of.to_client + book.doubt(A))


def test_the_way_there_and_back_is_the_measured_round_trip(book: PeerBook) -> None:
    book.note_round_trip(A, 0.2)
    of = costs_of([server(0)], book, step_bytes=0).of[A]
    assert of.from_client + of.to_client == pytest.approx(0.2 + book.doubt(A))


def test_the_way_there_and_back_is_what_coordinates_say_if_nothing_was_measured() -> None:
    here, there = at(0.02, height=0.01), at(0.12, height=0.03)
    of = costs_of([server(0, coordinates=there)], BookAt(here), step_bytes=0).of[A]
    assert of.to_client == pytest.approx(distance(here, there) / 2)


def test_between_servers_it_is_half_the_distance_of_their_coordinates() -> None:
    places = at(0.1, height=0.01), at(-0.2, height=0.03)
    servers = [server(number, coordinates=place) for number, place in enumerate(places)]
    for book in (PeerBook(), BookAt(at(0.02, height=0.02))):
        costs = costs_of(servers, book, step_bytes=0)
        assert link_seconds(A, B, costs) == pytest.approx(distance(*places) / 2 + book.doubt(B))


def test_a_server_of_unknown_place_is_as_far_from_others_as_by_way_of_this_computer() -> None:
    here, there = at(0.05, height=0.01), at(0.15, height=0.02)
    book = BookAt(here)
    book.note_round_trip(A, 0.3)
    for vague in (None, at(5.0, error=1.0)):
        costs = costs_of([server(0, coordinates=vague), server(1, coordinates=there)], book, step_bytes=0)
        expected = (0.3 - here.height) / 2 + (0.1 + there.height) / 2
        assert link_seconds(A, B, costs) == pytest.approx(expected + book.doubt(B))


def test_a_server_that_says_it_is_nearer_than_it_was_measured_to_be_is_far_from_everybody() -> None:
    here = at(0.0, height=0.01)
    book = BookAt(here)
    servers = [server(number, coordinates=at(0.01)) for number in (0, 1)]
    honest = link_seconds(A, B, costs_of(servers, book, step_bytes=0))
    book.note_round_trip(A, 0.02 + 0.5)
    flattering = link_seconds(A, B, costs_of(servers, book, step_bytes=0))
    assert flattering == pytest.approx(honest + 0.5 / 2)


def test_bytes_take_time_on_each_link(book: PeerBook) -> None:
    servers = [server(0, upload_bytes_per_s=1e6), server(1, upload_bytes_per_s=1e5)]
    none, some = (costs_of(servers, book, step_bytes) for step_bytes in (0, STEP))
    assert link_seconds(A, B, some) - link_seconds(A, B, none) == pytest.approx(0.1)
    assert link_seconds(B, A, some) - link_seconds(B, A, none) == pytest.approx(1.0)
    book.note_transfer(A, 10_000_000, 20.0)
    measured = costs_of(servers, book, STEP).of[A]
    assert measured.from_client - none.of[A].from_client == pytest.approx(0.2)
    assert measured.to_client - none.of[A].to_client == pytest.approx(0.2)


def test_a_link_that_failed_costs_the_way_over_this_computer(book: PeerBook) -> None:
    servers = [server(0), server(1)]
    book.note_round_trip(A, 0.4)
    book.note_round_trip(B, 0.2)
    book.note_link_failure(A, B)
    costs = costs_of(servers, book, STEP)
    assert link_seconds(A, B, costs) == pytest.approx(costs.of[A].to_client + costs.of[B].from_client)
    assert link_seconds(B, A, costs) < link_seconds(A, B, costs)


def test_near_servers_are_preferred(book: PeerBook) -> None:
    servers = [server(0), server(1)]
    book.note_round_trip(A, 0.2)
    book.note_round_trip(B, 0.02)
    assert peers_of(servers, book) == [B]


def test_small_steps_go_the_short_way_and_large_ones_the_wide_way(book: PeerBook) -> None:
    servers = [server(0, upload_bytes_per_s=1e5), server(1, upload_bytes_per_s=1e8)]
    book.note_round_trip(A, 0.02)
    book.note_round_trip(B, 0.08)
    assert peers_of(servers, book, step_bytes=1000) == [A]
    assert peers_of(servers, book, step_bytes=1_000_000) == [B]


# --- doubt


@pytest.mark.parametrize(
    "make_doubtful",
    [
        lambda book: book.note_failure(A),
        lambda book: [book.note_step(B, N, 1, 0.04, 0.09) for _ in range(100)],
    ],
)
def test_of_equal_servers_the_one_with_less_doubt_is_taken(
    book: PeerBook, clock: Clock, make_doubtful: Callable[[PeerBook], object]
) -> None:
    servers = [server(0), server(1)]
    assert peers_of(servers, book) == [A]
    make_doubtful(book)
    clock.pass_by(60)
    assert peers_of(servers, book) == [B]


def test_doubt_counts_once_for_each_hop(book: PeerBook, clock: Clock) -> None:
    book.note_failure(B)
    clock.pass_by(60)
    costs = costs_of([server(0, 0, 4), server(1, 4, 8)], book, step_bytes=0)
    assert costs.of[B].receiving - costs.of[A].receiving == pytest.approx(book.doubt(B) - book.doubt(A))


# --- batch work


def test_throughput_is_what_is_said_or_that_of_one_session() -> None:
    servers = [server(0, tokens_per_s=50.0), server(1, step_seconds=0.02)]
    assert unmeasured(servers).tokens_per_s == pytest.approx({A: 50, B: 50})


def test_who_waits_already_is_before_new_work() -> None:
    assert unmeasured([server(0, tokens_per_s=50.0, queue_depth=4)]).tokens_per_s == pytest.approx({A: 10})


def test_claims_of_throughput_are_capped(book: PeerBook) -> None:
    servers = [server(0, tokens_per_s=1e9), server(1, tokens_per_s=50.0), server(2, tokens_per_s=50.0)]
    assert costs_of(servers, book, 0).tokens_per_s[A] == pytest.approx(UNPROVEN_GAIN * 50)
    book.note_step(A, N, 200, 10.0, 10.0)
    assert costs_of(servers, book, 0).tokens_per_s[A] == pytest.approx(SHARED_GAIN * 200 / 10)


# --- whatever records say

claims = st.builds(
    server,
    st.integers(0, 2),
    queue_depth=st.integers(0, 1_000_000),
    step_seconds=st.floats(0, 3600),
    tokens_per_s=st.floats(0, 1e9),
    upload_bytes_per_s=st.floats(0, 1e12),
    coordinates=st.none()
    | st.builds(
        Coordinates,
        at=st.tuples(*[st.floats(-60, 60)] * 3),
        height=st.floats(0, 60),
        error=st.floats(0, 10, exclude_min=True),
    ),
)


@given(st.lists(claims, min_size=1, max_size=3, unique_by=lambda record: record.peer), st.booleans())
def test_no_claim_keeps_others_from_planning(servers: list[SpanRecord], placed: bool) -> None:
    book = BookAt(at(0.01)) if placed else PeerBook()
    costs = costs_of(servers, book, STEP)
    assert plan_chain(servers, 0, N, costs) is not None
    assert choose_for_throughput(servers, 0, N, costs, Random(0)) is not None
