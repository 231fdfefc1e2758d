"""Where servers are, and what of it enters the choice of layers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.peers.coordinates import KNOWN_ERROR
from engine.placement.choice import prospects, ranked
from engine.placement.levels import balanced
from engine.placement.moves import Circumstances, move
from engine.placement.nearness import FARTHEST_SECONDS, HALF_SECONDS, NEAR, UNKNOWN_SECONDS, felt, parts
from engine.placement.reading import spot_of, view_of
from engine.placement.spans import spans_of
from engine.placement.view import Candidate, ModelView, Offer, Server, Spot, SwarmView
from engine.wire.records import Coordinates, ServerState, SpanRecord
from tests.placement.swarms import model, offer, server, swarm, uncovered

HERE: Spot = (0.0, 0.0, 0.0, 0.01)
ELSEWHERE: Spot = (0.2, 0.0, 0.0, 0.01)  # a round trip of 0.2 s away, lines not included
N_LAYERS = 8
LONG = Circumstances(served_seconds=7200, stay_seconds=6 * 3600, away_seconds=60, draw=0.0)

spans = st.tuples(st.integers(0, N_LAYERS - 1), st.integers(1, N_LAYERS)).filter(lambda s: s[0] < s[1])
claims = st.none() | st.tuples(*[st.floats()] * 4)  # whatever there is, NaN and infinity included
places = st.tuples(*[st.floats(-0.3, 0.3)] * 3, st.floats(0, 0.1))
claiming = st.lists(st.tuples(spans, st.floats(1, 1000), claims), min_size=1, max_size=10)
placed = st.lists(st.tuples(spans, st.floats(1, 1000), places), max_size=10)


def at(spot: Spot | None, start: int, end: int, rate: float = 100.0) -> Server:
    return server(start, end, rate)._replace(spot=spot)


def servers_of(found: list[tuple[tuple[int, int], float, Spot | None]]) -> tuple[Server, ...]:
    return tuple(at(spot, *span, rate) for span, rate, spot in found)


def seen_from(here: Spot | None, *servers: Server) -> SwarmView:
    return replace(swarm(model(N_LAYERS, *servers)), here=here)


def two_continents(*, here: Spot | None) -> SwarmView:
    """All layers have four servers: those of the first half are here but for one, the others elsewhere."""
    return seen_from(
        here,
        *(at(HERE, 0, 4),) * 3,
        *(at(ELSEWHERE, 4, 8),) * 3,
        at(HERE, 4, 8),
        at(ELSEWHERE, 0, 4),
    )


def one_half(rate: float = 100.0) -> Offer:
    """Of the first or the last four layers."""
    return replace(offer(N_LAYERS, 4, rate, held=range(N_LAYERS)), longest=(4, 0, 0, 0, 4, 0, 0, 0))


# --- the choice


@pytest.mark.parametrize(("here", "start"), [(HERE, 4), (ELSEWHERE, 0), (None, 0)])
def test_of_layers_that_lack_equally_those_are_taken_that_few_serve_near_here(
    here: Spot | None, start: int
) -> None:
    best = ranked(two_continents(here=here), [one_half()])[0]
    assert (best.start, best.end) == (start, start + 4)


@pytest.mark.parametrize(
    ("here", "words"),
    [
        (HERE, "among the computers near this one layers 5–8 of M are the slowest"),
        (ELSEWHERE, "among the computers near this one layers 1–4 of M are the slowest"),
        (None, "with these layers M answers more people at once"),
    ],
)
def test_it_is_said_where_nearness_is_the_reason(here: Spot | None, words: str) -> None:
    assert ranked(two_continents(here=here), [one_half()])[0].why == words


def test_what_is_slow_everywhere_is_said_to_be_slow() -> None:
    view = seen_from(HERE, *(at(HERE, 0, 4),) * 3, at(ELSEWHERE, 4, 8))
    assert ranked(view, [one_half()])[0].why == "layers 5–8 of M are the slowest"


def test_what_the_whole_swarm_lacks_by_far_comes_before_what_lacks_here() -> None:
    view = seen_from(HERE, *(at(ELSEWHERE, 0, 4),) * 9, *(at(HERE, 4, 8),) * 2, at(HERE, 0, 4))
    assert ranked(view, [one_half()])[0].start == 4


@settings(deadline=None, max_examples=60)
@given(claiming, places, st.integers(1, N_LAYERS), st.floats(1, 1000))
def test_holes_are_closed_whatever_servers_say_of_where_they_are(
    found: list[tuple[tuple[int, int], float, Spot | None]], here: Spot, longest: int, rate: float
) -> None:
    view = seen_from(here, *servers_of(found))
    best = ranked(view, [offer(N_LAYERS, longest, rate)])[0]
    holes = {layer for start, end in uncovered(view.models["M"]) for layer in range(start, end)}
    assert np.isfinite(best.worth)
    assert not holes or holes & set(range(best.start, best.end))


@settings(deadline=None, max_examples=40)
@given(placed, places, st.integers(1, N_LAYERS), st.floats(1, 1000))
def test_the_order_of_servers_and_a_second_look_change_nothing(
    found: list[tuple[tuple[int, int], float, Spot | None]], here: Spot, longest: int, rate: float
) -> None:
    of = [offer(N_LAYERS, longest, rate)]
    first, again = (ranked(seen_from(here, *servers_of(turn)), of) for turn in (found, found[::-1]))
    assert [(one.start, one.end) for one in first] == [(one.start, one.end) for one in again]


# --- moves


@pytest.mark.parametrize(("here", "goes"), [(HERE, True), (ELSEWHERE, False), (None, False)])
def test_a_server_moves_to_where_more_is_lacking_around_it(here: Spot | None, goes: bool) -> None:
    of = one_half()
    best = move(two_continents(here=here), [of], Candidate(of, 0, 4, 0.0, 0, ""), LONG)
    assert (best is not None) == goes


@settings(deadline=None, max_examples=40)
@given(placed, places, spans, st.floats(1, 1000))
def test_there_is_no_way_back(
    found: list[tuple[tuple[int, int], float, Spot | None]], here: Spot, span: tuple[int, int], rate: float
) -> None:
    start, end = span
    view, of = seen_from(here, *servers_of(found)), offer(N_LAYERS, end - start, rate, held=range(N_LAYERS))
    best = move(view, [of], Candidate(of, start, end, 0.0, 0, ""), LONG)
    assert best is None or move(view, [of], best, LONG) is None


# --- what counts of whom


@pytest.mark.parametrize(
    ("spot", "part"),
    [
        ((0.0, 0.0, 0.0, 0.0), 1.0),
        ((2 * HALF_SECONDS, 0.0, 0.0, 0.0), 0.5),
        ((0.0, 0.0, 0.0, 2 * HALF_SECONDS), 0.5),
        ((1e9, 0.0, 0.0, 0.0), 1 / (1 + (FARTHEST_SECONDS / HALF_SECONDS) ** 2)),
        ((float("-inf"), 0.0, 0.0, 0.0), 1 / (1 + (FARTHEST_SECONDS / HALF_SECONDS) ** 2)),
        ((0.0, 0.0, 0.0, -1e9), 1.0),
        ((float("nan"), 0.0, 0.0, 0.0), 1 / (1 + (UNKNOWN_SECONDS / HALF_SECONDS) ** 2)),
        (None, 1 / (1 + (UNKNOWN_SECONDS / HALF_SECONDS) ** 2)),
    ],
)
def test_what_counts_of_a_server_by_where_it_is(spot: Spot | None, part: float) -> None:
    [found] = parts([at(spot, 0, 8)], HERE) or ()  # type: ignore[misc]
    assert found == pytest.approx(part)


def test_nothing_is_made_of_places_where_the_own_one_is_unknown() -> None:
    view = two_continents(here=None).models["M"]
    assert parts(view.servers, None) is None
    need = prospects(two_continents(here=None), [offer(N_LAYERS, 4, 100)])["M"].need
    assert (need.levels == need.everywhere).all()


def test_a_slow_line_of_ones_own_makes_no_difference() -> None:
    servers = two_continents(here=None).models["M"].servers
    slow = (*HERE[:3], 0.2)
    assert (parts(servers, HERE) == parts(servers, slow)).all()


@settings(deadline=None, max_examples=60)
@given(claiming, places)
def test_as_many_tokens_are_felt_as_there_are_and_half_of_them_everywhere(
    found: list[tuple[tuple[int, int], float, Spot | None]], here: Spot
) -> None:
    servers = servers_of(found)
    whole = spans_of(servers, N_LAYERS)
    levels = balanced(whole)
    near = felt(spans_of(servers, N_LAYERS, parts(servers, here)), levels)
    assert near.sum() == pytest.approx(levels.sum())
    assert (near >= (1 - NEAR) * levels * (1 - 1e-9)).all()


@given(st.lists(claims, min_size=1, max_size=5), places)
def test_nobody_counts_for_more_than_one_next_door_or_for_nothing(
    found: list[Spot | None], here: Spot
) -> None:
    counts = parts([at(spot, 0, 8) for spot in found], here)
    assert counts is not None
    assert ((counts > 0.01) & (counts <= 1)).all()


# --- from records


def record(number: int, span: tuple[int, int], coordinates: Coordinates | None) -> SpanRecord:
    return SpanRecord(
        peer="12D3KooW" + "z" * 30 + "A" * number,
        model="a" * 64,
        model_name="M",
        start=span[0],
        end=span[1],
        n_layers=N_LAYERS,
        state=ServerState.ONLINE,
        tokens_per_s=25.0,
        coordinates=coordinates,
        expires=1e10,
    )


def coordinates(spot: Spot, error: float = 0.2) -> Coordinates:
    return Coordinates(at=spot[:3], height=spot[3], error=error)


def records() -> list[SpanRecord]:
    """The two continents."""
    around = [((0, 4), HERE)] * 3 + [((4, 8), ELSEWHERE)] * 3 + [((4, 8), HERE), ((0, 4), ELSEWHERE)]
    return [record(number, span, coordinates(spot)) for number, (span, spot) in enumerate(around, start=1)]


@pytest.mark.parametrize(("here", "start"), [(HERE, 4), (ELSEWHERE, 0)])
def test_coordinates_of_records_decide(here: Spot, start: int) -> None:
    of = replace(one_half(), model="a" * 64)
    view = view_of(records(), here=coordinates(here))
    assert ranked(view, [of])[0].start == start


def test_coordinates_that_say_nothing_yet_are_none() -> None:
    vague = coordinates(HERE, error=KNOWN_ERROR + 0.01)
    assert spot_of(None) is spot_of(vague) is view_of(records(), here=vague).here is None
    assert spot_of(coordinates(HERE, error=KNOWN_ERROR)) == HERE
    [lost] = view_of([record(1, (0, 4), vague)], here=coordinates(HERE)).models["a" * 64].servers
    assert lost.spot is None


def test_views_without_places_are_as_they_were() -> None:
    view = ModelView("M", "M", N_LAYERS, (Server("p", 0, 8, 1.0),))
    assert ranked(SwarmView({"M": view}), [offer(8, 4, 1)]) == ranked(
        SwarmView({"M": view}, HERE), [offer(8, 4, 1)]
    )
