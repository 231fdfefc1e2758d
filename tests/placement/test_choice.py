"""Which layers a server takes."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.placement.choice import MOST, ranked
from engine.placement.coverage import throughput
from engine.placement.view import Server
from tests.placement.swarms import joined, model, offer, redundancy, server, serving, swarm, uncovered

N_LAYERS = 9
spans = st.tuples(st.integers(0, N_LAYERS - 1), st.integers(1, N_LAYERS)).filter(lambda s: s[0] < s[1])
servers = st.lists(st.tuples(spans, st.floats(1, 1000)), max_size=12)


def _view(found: list[tuple[tuple[int, int], float]]) -> tuple[Server, ...]:
    return tuple(server(*span, rate) for span, rate in found)


@settings(deadline=None, max_examples=40)
@given(servers, st.integers(1, N_LAYERS), st.floats(1, 1000))
def test_a_hole_is_closed_whenever_it_can_be(
    found: list[tuple[tuple[int, int], float]], longest: int, rate: float
) -> None:
    view = model(N_LAYERS, *_view(found))
    best = ranked(swarm(view), [offer(N_LAYERS, longest, rate)])[0]
    holes = [layer for start, end in uncovered(view) for layer in range(start, end)]
    assert not holes or set(holes) & set(range(best.start, best.end))


@settings(deadline=None, max_examples=40)
@given(servers, st.integers(1, N_LAYERS), st.floats(1, 1000), st.randoms(use_true_random=False))
def test_the_order_of_servers_and_a_second_look_change_nothing(
    found: list[tuple[tuple[int, int], float]], longest: int, rate: float, random: object
) -> None:
    offers = [offer(N_LAYERS, longest, rate), offer(4, longest, rate, of="N")]
    first = ranked(swarm(model(N_LAYERS, *_view(found))), offers)
    again = ranked(swarm(model(N_LAYERS, *_view(found[::-1]))), offers)
    assert [(c.offer, c.start, c.end) for c in first] == [(c.offer, c.start, c.end) for c in again]


@settings(deadline=None, max_examples=40)
@given(servers, st.integers(1, N_LAYERS), st.floats(1, 1000))
def test_candidates_are_what_they_say(
    found: list[tuple[tuple[int, int], float]], longest: int, rate: float
) -> None:
    view = model(N_LAYERS, *_view(found))
    of = offer(N_LAYERS, longest, rate, held=(2, 3))
    candidates = ranked(swarm(view), [of])
    assert 0 < len(candidates) <= MOST
    assert all(one.worth >= other.worth for one, other in pairwise(candidates))
    for one in candidates:
        assert 0 < one.end - one.start <= of.longest[one.start]
        assert one.missing_bytes == sum(of.missing_bytes[one.start : one.end])


def test_the_first_server_of_a_model_starts_at_its_start() -> None:
    best = ranked(swarm(), [offer(32, 10, 100)])[0]
    assert (best.start, best.end) == (0, 10)
    assert best.why == "nobody serves M yet"


@pytest.mark.parametrize(("n_layers", "longest"), [(32, 10), (80, 13), (126, 7), (30, 30), (64, 40)])
def test_as_few_servers_as_possible_cover_a_model(n_layers: int, longest: int) -> None:
    few = -(-n_layers // longest)
    view = joined(swarm(), [(offer(n_layers, longest, 100),)] * few)
    assert uncovered(view.models["M"]) == ()


@pytest.mark.parametrize(("n_layers", "longest"), [(32, 10), (80, 13), (126, 7), (30, 30), (64, 40)])
def test_equal_servers_spread_evenly(n_layers: int, longest: int) -> None:
    count = 6 * -(-n_layers // longest)
    view = joined(swarm(), [(offer(n_layers, longest, 100),)] * count)
    assert throughput(view.models["M"]) >= 0.85 * count * 100 / n_layers


def test_what_completes_a_model_comes_first() -> None:
    almost = model(20, server(0, 15, 100), name="almost")
    complete = model(20, server(0, 20, 100), name="complete", wanted=50)
    offers = [offer(20, 10, 100, of="almost"), offer(20, 10, 100, of="complete")]
    best = ranked(swarm(almost, complete), offers)[0]
    assert (best.offer.model, best.start, best.end) == ("almost", 10, 20)
    assert throughput(model(20, *almost.servers, serving(best, "new"))) > throughput(almost)
    assert "complete" in best.why


def test_a_model_that_is_out_of_reach_is_no_trap() -> None:
    offers = [offer(126, 6, 100, of="huge"), offer(32, 32, 400, of="small")]
    two = joined(swarm(), [tuple(offers)] * 2)
    assert set(two.models) == {"small"}


def test_few_cards_first_hold_twice_what_they_have() -> None:
    small, large, huge = (
        offer(32, 32, 10_000, of="small"),
        offer(80, 40, 4000, of="large"),
        offer(126, 8, 1100, of="huge"),
    )
    three, six = (joined(swarm(), [(small, large, huge)] * count) for count in (3, 6))
    assert uncovered(three.models["large"]) == uncovered(three.models["small"]) == ()
    assert "huge" not in six.models
    assert redundancy(six.models["large"]).count(1) <= 1


def test_many_together_start_what_none_could_alone() -> None:
    offers = (offer(126, 6, 100, of="huge"), offer(32, 32, 400, of="small"))
    view = joined(swarm(), [offers] * 60)
    assert uncovered(view.models["huge"]) == ()
    assert throughput(view.models["small"]) > 0


def test_servers_follow_what_is_wanted() -> None:
    offers = (offer(8, 8, 80, of="A"), offer(8, 8, 80, of="B"))
    begun = swarm(
        model(8, server(0, 8, 80), server(0, 8, 80), name="A", wanted=30),
        model(8, server(0, 8, 80), server(0, 8, 80), name="B", wanted=10),
    )
    view = joined(begun, [offers] * 12)
    assert len(view.models["A"].servers) == 12
    assert len(view.models["B"].servers) == 4


def test_models_go_to_those_who_are_comparatively_good_at_them() -> None:
    """Layers of B are twice as large: one computer is less than half as quick there, another more."""
    served = swarm(
        model(8, server(0, 8, 1000), server(0, 8, 1000), name="A", wanted=100),
        model(8, server(0, 8, 500), server(0, 8, 500), name="B", wanted=50),
    )

    def chosen(rate_of_b: float) -> str:
        a = replace(offer(8, 8, 100, of="A"), layer_bytes=1.0)
        b = replace(offer(8, 8, rate_of_b, of="B"), layer_bytes=2.0)
        return ranked(served, [a, b])[0].offer.model

    assert (chosen(60), chosen(25)) == ("B", "A")


def test_quality_gives_way_where_not_all_is_served() -> None:
    quick, fine = offer(8, 8, 100, quality=0.8), offer(8, 8, 85, quality=1.0)
    servers = [server(0, 8, 100) for _ in range(100)]
    assert ranked(swarm(model(8, *servers, wanted=100)), [quick, fine])[0].offer == fine
    assert ranked(swarm(model(8, *servers, wanted=10_000)), [quick, fine])[0].offer == quick


def test_a_second_holder_is_worth_more_than_a_third() -> None:
    view = model(4, server(0, 2, 200), server(2, 4, 100), server(2, 4, 100))
    best = ranked(swarm(view), [offer(4, 2, 1)])[0]
    assert (best.start, best.end) == (0, 2)
    assert "single computer" in best.why


def test_of_places_that_are_as_good_the_one_in_the_store_is_taken() -> None:
    view = model(12, server(0, 12, 300), server(0, 12, 300))
    best = ranked(swarm(view), [offer(12, 4, 100, held=range(4, 8), bytes_per_s=1e6)])[0]
    assert (best.start, best.end, best.missing_bytes) == (4, 8, 0)


def test_a_hole_is_worth_a_download() -> None:
    view = model(12, server(0, 4, 100), server(4, 8, 100))
    best = ranked(swarm(view), [offer(12, 4, 100, held=range(4, 8), bytes_per_s=1e6)])[0]
    assert (best.start, best.end) == (8, 12)


def test_who_stays_shortly_does_not_fetch_much() -> None:
    view = model(12, server(0, 4, 90), server(4, 8, 100), server(8, 12, 100))
    offers = [offer(12, 4, 100, held=range(4, 8), bytes_per_s=1e6)]
    assert ranked(swarm(view), offers, stay_seconds=1e7)[0].missing_bytes > 0
    assert ranked(swarm(view), offers, stay_seconds=300)[0].missing_bytes == 0


def test_better_answers_are_preferred_where_layers_are_not_short() -> None:
    coarse = offer(8, 8, 20, quality=0.95)
    fine = offer(8, 4, 20, quality=1.0)
    rich = model(8, *(server(0, 8, 20) for _ in range(100)))
    assert ranked(swarm(), [fine, coarse])[0].offer == coarse
    assert ranked(swarm(rich), [coarse, fine])[0].offer == fine


def test_quick_computers_spare_chats_hops_rather_than_give_slightly_better_answers() -> None:
    coarse, fine = offer(8, 8, 2000, quality=0.95), offer(8, 4, 2000, quality=1.0)
    rich = model(8, *(server(0, 8, 2000) for _ in range(100)))
    assert ranked(swarm(rich), [coarse, fine])[0].offer == coarse


@pytest.mark.parametrize(("rate", "layers"), [(2000, 16), (20, 4)])
def test_who_is_quick_spares_chats_hops_even_by_a_slow_line(rate: float, layers: int) -> None:
    """Next to a slow computer's computing, hops are short: there it counts more what is to be fetched."""
    crowd = model(32, *(server(start, start + 8, rate) for start in (0, 8, 16, 24) for _ in range(5)))
    best = ranked(swarm(crowd), [offer(32, 16, rate, bytes_per_s=2e6)])[0]
    assert best.end - best.start == layers


def test_places_that_lie_across_others_even_out_what_differs() -> None:
    view = model(8, server(0, 4, 100), server(4, 8, 110))
    best = ranked(swarm(view), [offer(8, 4, 40)])[0]
    assert best.start < 4 < best.end
    assert throughput(view) == 25
    assert throughput(model(8, *view.servers, serving(best, "new"))) == pytest.approx(250 / 8)


def test_alternatives_are_other_offers_and_other_layers() -> None:
    offers = [offer(8, 2, 100), offer(6, 3, 100, of="N")]
    found = ranked(swarm(model(8, server(0, 8, 50))), offers)
    assert {one.offer.model for one in found} == {"M", "N"}
    assert len({(one.offer.model, one.start) for one in found}) == len(found) == 4


def test_offers_of_nothing_have_no_candidates() -> None:
    assert ranked(swarm(), []) == ()
    assert ranked(swarm(), [offer(8, 0, 100), offer(8, 4, 0)]) == ()


def test_a_view_that_counts_layers_wrongly_leads_nobody_astray() -> None:
    lies = model(4000, server(0, 8, 100), server(0, 4000, 1e9))
    best = ranked(swarm(lies), [offer(16, 8, 100)])[0]
    assert (best.start, best.end) == (8, 16)
