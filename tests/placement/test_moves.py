"""When a server moves."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.placement.coverage import throughput
from engine.placement.moves import CHANCE_BEFORE_OTHERS, SAME_MOMENT, Circumstances, move
from engine.placement.view import Candidate, ModelView, Offer, Server
from tests.placement.swarms import joined, model, offer, server, serving, swarm, uncovered

LONG = Circumstances(served_seconds=7200, stay_seconds=6 * 3600, away_seconds=60, draw=0.0)


def at(of: Offer, start: int, end: int) -> Candidate:
    return Candidate(of, start, end, 0.0, 0, "")


def test_a_redundant_server_closes_a_hole_at_once() -> None:
    view = model(12, server(0, 4, 100), server(4, 8, 100))
    of = offer(12, 4, 100, held=range(4))
    best = move(swarm(view), [of], at(of, 0, 4), replace(LONG, served_seconds=1, draw=0.999))
    assert best is not None
    assert (best.start, best.end) == (8, 12)


def test_nobody_opens_a_hole_to_close_another() -> None:
    view = model(12, server(4, 8, 100))
    of = offer(12, 4, 100)
    assert move(swarm(view), [of], at(of, 0, 4), LONG) is None


def test_who_has_just_come_moves_for_holes_only() -> None:
    view = model(8, *(server(0, 4, 100) for _ in range(9)), server(4, 8, 100))
    of = offer(8, 4, 100, held=range(8))
    assert move(swarm(view), [of], at(of, 0, 4), replace(LONG, served_seconds=1)) is None
    moved = move(swarm(view), [of], at(of, 0, 4), LONG)
    assert moved is not None
    assert moved.start == 4


def test_who_does_not_know_his_speed_can_be_asked_too() -> None:
    view = model(8, server(0, 4, 100), server(4, 8, 100))
    assert move(swarm(view), [], at(offer(8, 4, 0), 0, 4), LONG) is None


def test_a_small_gain_is_no_reason() -> None:
    view = model(8, *(server(0, 4, 100) for _ in range(9)), *(server(4, 8, 100) for _ in range(9)))
    of = offer(8, 4, 100, held=range(8))
    assert move(swarm(view), [of], at(of, 0, 4), LONG) is None


@pytest.mark.parametrize(("stay_seconds", "moves"), [(200.0, False), (24 * 3600.0, True)])
def test_a_move_must_pay_while_the_computer_stays(stay_seconds: float, moves: bool) -> None:
    view = model(8, *(server(0, 4, 100) for _ in range(4)), server(4, 8, 100))
    of = offer(8, 4, 100, held=range(4), bytes_per_s=5e5)
    moved = move(swarm(view), [of], at(of, 0, 4), replace(LONG, stay_seconds=stay_seconds))
    assert (moved is not None) == moves


def test_a_quicker_way_to_serve_the_same_layers_is_taken_whatever_others_do() -> None:
    view = model(8, *(server(0, 8, 100) for _ in range(500)), wanted=50_000)
    slow, quick = offer(8, 4, 100, held=range(4)), offer(8, 6, 150, held=range(4), quality=0.9)
    best = move(swarm(view), [slow, quick], at(slow, 0, 4), replace(LONG, draw=0.999))
    assert best is not None
    assert (best.offer, best.start, best.end, best.missing_bytes) == (quick, 0, 4, 0)


def test_of_many_who_could_close_a_hole_few_go() -> None:
    """Of those that decide at the same moment, as many as it takes to fill it as well as other layers."""
    view = model(20, *(server(layer, layer + 1, 100) for layer in range(19) for _ in range(100)))
    of = offer(20, 1, 1000)
    going = [move(swarm(view), [of], at(of, 3, 4), replace(LONG, draw=draw / 200)) for draw in range(200)]
    share = sum(one is not None for one in going) / 200
    assert 0.5 <= share * SAME_MOMENT * len(view.servers) / 10 <= 2


def test_the_least_needed_go_first() -> None:
    view = model(3, *(server(0, 1, 100) for _ in range(300)), *(server(1, 2, 100) for _ in range(50)))
    of = offer(3, 1, 10_000)

    def goes(start: int, draw: float) -> bool:
        return move(swarm(view), [of], at(of, start, start + 1), replace(LONG, draw=draw)) is not None

    draws = [draw / 100 for draw in range(100)]
    assert sum(goes(0, draw) for draw in draws) > sum(goes(1, draw) for draw in draws)


N_LAYERS = 8
places = st.tuples(st.integers(0, N_LAYERS - 1), st.integers(1, N_LAYERS)).filter(lambda s: s[0] < s[1])
swarms = st.lists(st.tuples(places, st.floats(1, 1000)), max_size=10)


def _view(found: list[tuple[tuple[int, int], float]]) -> tuple[Server, ...]:
    return tuple(server(*span, rate) for span, rate in found)


@settings(deadline=None, max_examples=40)
@given(swarms, swarms, st.integers(0, N_LAYERS - 1), st.integers(1, 5), st.floats(10, 500))
def test_after_a_move_nothing_is_worth_another(
    one: list[tuple[tuple[int, int], float]],
    other: list[tuple[tuple[int, int], float]],
    start: int,
    longest: int,
    rate: float,
) -> None:
    view = swarm(model(N_LAYERS, *_view(one)), model(N_LAYERS, *_view(other), name="N"))
    offers = [offer(N_LAYERS, longest, rate), offer(N_LAYERS, 3, rate, of="N")]
    moved = move(view, offers, at(offers[0], start, min(start + longest, N_LAYERS)), LONG)
    assume(moved is not None)
    assert moved is not None
    assert move(view, offers, moved, LONG) is None


@settings(deadline=None, max_examples=40)
@given(swarms, st.integers(0, 5), st.integers(0, 5), st.floats(10, 500))
def test_equal_servers_never_swap(
    found: list[tuple[tuple[int, int], float]], first: int, second: int, rate: float
) -> None:
    of = offer(N_LAYERS, 3, rate)
    here, there = at(of, first, first + 3), at(of, second, second + 3)
    one = move(swarm(model(N_LAYERS, *_view(found), serving(there, "other"))), [of], here, LONG)
    other = move(swarm(model(N_LAYERS, *_view(found), serving(here, "other"))), [of], there, LONG)
    assert one is None or other is None or (one.start, other.start) != (second, first)


def _settled(view: ModelView, of: Offer, rounds: int) -> tuple[ModelView, int]:
    """After all have thought about moving so often, one after another; and how many moves they made."""
    moves = 0
    for turn in range(rounds * len(view.servers)):
        one, *others = view.servers
        rest = replace(view, servers=tuple(others))
        best = move(swarm(rest), [of], at(of, one.start, one.end), replace(LONG, draw=(turn * 0.618) % 1))
        moves += best is not None
        view = replace(rest, servers=(*others, one if best is None else serving(best, one.peer)))
    return view, moves


@pytest.mark.parametrize("longest", [3, 5, 12])
def test_a_swarm_comes_to_rest(longest: int) -> None:
    of = offer(24, longest, 100)
    crowd = model(24, *(server(0, longest, 100)._replace(peer=str(number)) for number in range(24)))
    settled, _ = _settled(crowd, of, rounds=8)
    assert uncovered(settled) == ()
    assert throughput(settled) >= 0.7 * 100
    assert _settled(settled, of, rounds=2) == (settled, 0)


@pytest.mark.parametrize(("count", "moves"), [(4, 0), (12, 1)])
def test_when_one_leaves_another_moves_if_and_only_if_it_pays(count: int, moves: int) -> None:
    """Of four, each is needed where it is; of twelve, three hold each layer, of which one may go."""
    of = offer(16, 4, 100)
    starts = [4 * (number % 4) for number in range(count)]
    whole = [server(start, start + 4, 100)._replace(peer=str(number)) for number, start in enumerate(starts)]
    left = model(16, *(one for one in whole if one.start != 8))
    assert uncovered(left) == ((8, 12),)
    settled, made = _settled(left, of, rounds=6)
    assert (made > 0) == (moves > 0)
    assert (uncovered(settled) == ()) == (moves > 0)


WIDE = 30
WITHOUT_CHANCE = replace(LONG, served_seconds=0.0, draw=0.5)


def _asked(one: Server, *others: Server, draw: float = 0.5) -> tuple[int, int] | None:
    """Where a server goes; all have their layers at hand, and room for as many as they serve."""
    of = offer(WIDE, one.end - one.start, one.layer_tokens_per_s, held=range(WIDE))
    view = swarm(model(WIDE, *others))
    best = move(view, [of], at(of, one.start, one.end), replace(WITHOUT_CHANCE, draw=draw))
    return best and (best.start, best.end)


def test_a_move_by_one_layer_pays_where_it_makes_the_model_whole() -> None:
    one, *others = server(1, 13, 600), server(12, 22, 600), server(18, 30, 600)
    assert _asked(one, *others) == (0, 12)


def test_it_does_not_where_the_model_stays_incomplete() -> None:
    one, *others = server(1, 13, 600), server(12, 22, 600), server(18, 29, 600)
    assert _asked(one, *others) is None


def test_nobody_leaves_layers_alone_where_another_could_mend_the_model() -> None:
    servers = server(0, 12, 600), server(12, 24, 600), server(4, 13, 600)
    asked = [_asked(one, *(other for other in servers if other is not one)) for one in servers]
    assert asked == [None, None, (21, 30)]


def test_nobody_closes_a_part_of_a_hole_where_another_could_close_all() -> None:
    servers = server(0, 9, 600), server(9, 20, 600), server(0, 12, 600)
    asked = [_asked(one, *(other for other in servers if other is not one)) for one in servers]
    assert asked == [None, None, (18, 30)]


def test_now_and_then_somebody_does_for_the_other_may_never_go() -> None:
    """Where it takes nothing from the other."""
    one, *others = server(0, 5, 600), server(0, 12, 600), server(0, 12, 600), server(12, 20, 600)
    assert (_asked(one, *others), _asked(one, *others, draw=0.01)) == (None, (20, 25))
    spoils, *others = server(0, 12, 600), server(12, 24, 600), server(4, 13, 600)
    assert _asked(spoils, *others, draw=0.01) is None


def test_layers_are_left_alone_by_chance_where_nobody_can_mend_the_model() -> None:
    """Two moves do: the second one closes the smaller hole."""
    one, *others = server(2, 12, 600), server(0, 10, 600), server(12, 22, 600)
    assert (_asked(one, *others), _asked(one, *others, draw=0.01)) == (None, (20, 30))
    assert _asked(server(12, 22, 600), server(0, 10, 600), server(20, 30, 600)) == (10, 20)


def test_all_do_not_leave_for_a_hole_at_once_that_who_can_be_spared_has_room_for_by_now() -> None:
    """It serves few layers, since it had little memory when it came."""
    spared, *others = server(8, 13, 600), server(12, 24, 600), server(18, 30, 600)
    of = offer(WIDE, 12, 1400, held=range(WIDE))
    best = move(swarm(model(WIDE, *others)), [of], at(of, 8, 13), WITHOUT_CHANCE)
    assert best is not None
    assert (best.start, best.end) == (0, 12)
    for one in others:
        assert _asked(one, spared, *(other for other in others if other is not one)) is None


lengths = st.lists(st.integers(9, 13), min_size=4, max_size=6)


@settings(deadline=None, max_examples=60)
@given(
    lengths,
    st.lists(st.floats(CHANCE_BEFORE_OTHERS, 0.99), min_size=8, max_size=8),
    st.randoms(use_true_random=False),
)
def test_whoever_leaves_others_mend_the_model_where_one_move_can(
    several: list[int], draws: list[float], random: Random
) -> None:
    come = [(offer(WIDE, longest, 600, held=range(WIDE)),) for longest in several]
    whole = joined(swarm(model(WIDE)), come).models["M"]
    left = whole.servers[1:]
    assume(not uncovered(whole) and any(_mends(one, left) for one in left))
    for draw in draws:
        for one in random.sample(left, len(left)):
            others = tuple(other for other in left if other is not one)
            if (span := _asked(one, *others, draw=draw)) is not None:
                left = (*others, one._replace(start=span[0], end=span[1]))
    assert uncovered(model(WIDE, *left)) == ()


def _mends(one: Server, servers: Sequence[Server]) -> bool:
    others, layers = [other for other in servers if other is not one], one.end - one.start
    places = (one._replace(start=start, end=start + layers) for start in range(WIDE - layers + 1))
    return any(not uncovered(model(WIDE, *others, place)) for place in places)


def test_one_of_many_that_leaves_needs_no_move() -> None:
    of = offer(16, 4, 100)
    whole = model(16, *(server(n % 4 * 4, n % 4 * 4 + 4, 100)._replace(peer=str(n)) for n in range(39)))
    assert _settled(whole, of, rounds=2) == (whole, 0)
