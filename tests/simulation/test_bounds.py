"""The bound on all placements, against every placement of small swarms and an algorithm of another kind."""

from collections.abc import Iterator
from itertools import product
from random import Random

import pytest

from engine.placement.coverage import throughput
from engine.placement.view import ModelView, Offer, Server
from engine.simulation.bounds import Bound, Kind
from tests.simulation.max_flow import most_tokens_per_s


def offer(model: str, n_layers: int, most: int, rate: float) -> Offer:
    longest = tuple(min(most, n_layers - start) for start in range(n_layers))
    return Offer(model, n_layers, longest, rate, (0,) * n_layers, 1.0)


def bound(kinds: list[tuple[int, tuple[Offer, ...]]]) -> Bound:
    layers = {o.model: o.n_layers for _, offers in kinds for o in offers}
    return Bound([Kind(count, offers) for count, offers in kinds], layers)


def test_computers_that_hold_all_layers_give_all_they_have() -> None:
    assert bound([(3, (offer("m", 4, 4, 8.0),))]).times({"m": 1.0}) == pytest.approx(6.0, rel=1e-3)


def test_what_memory_does_not_hold_cannot_be_computed() -> None:
    """The quick one holds a single layer of two, so that the slow one's two layers bound both."""
    quick, slow = offer("m", 2, 1, 100.0), offer("m", 2, 2, 4.0)
    assert bound([(1, (quick,)), (1, (slow,))]).times({"m": 1.0}) == pytest.approx(4.0, rel=1e-3)


def test_nothing_is_possible_where_all_memory_together_is_too_small() -> None:
    small = bound([(1, (offer("m", 4, 3, 8.0),))])
    assert small.times({"m": 1.0}) == pytest.approx(0.0, abs=1e-6)


def test_nobody_or_nothing_wanted_gives_nothing() -> None:
    assert bound([]).times({"m": 1.0}) == 0.0
    assert bound([(1, (offer("m", 4, 4, 8.0),))]).times({"m": 0.0}) == 0.0


def test_models_share_computers() -> None:
    both = bound([(4, (offer("a", 2, 2, 8.0), offer("b", 4, 4, 8.0)))])
    assert both.times({"a": 1.0, "b": 1.0}) == pytest.approx(32 / 6, rel=1e-3)


def test_each_computer_serves_what_it_does_best() -> None:
    first = (offer("a", 2, 2, 10.0), offer("b", 2, 2, 2.0))
    second = (offer("a", 2, 2, 2.0), offer("b", 2, 2, 10.0))
    assert bound([(1, first), (1, second)]).times({"a": 1.0, "b": 1.0}) == pytest.approx(5.0, rel=1e-2)


@pytest.mark.parametrize("seed", range(6))
def test_no_placement_is_above_it(seed: int) -> None:
    random = Random(seed)
    computers = [_offers(random) for _ in range(4)]
    most = bound([(1, offers) for offers in computers])
    for servers in _placements(computers):
        rates = {model: throughput(ModelView(model, model, 3, tuple(of))) for model, of in servers.items()}
        if any(rate > 0 for rate in rates.values()):
            assert most.times(rates) >= 1 - 1e-4


@pytest.mark.parametrize("seed", range(20))
def test_the_throughput_of_a_placement_is_its_greatest_flow(seed: int) -> None:
    random = Random(seed)
    n_layers = random.randint(2, 7)
    servers = []
    for peer in range(random.randint(1, 8)):
        start = random.randrange(n_layers)
        end = random.randint(start + 1, n_layers)
        servers.append(Server(str(peer), start, end, random.uniform(0.5, 20)))
    exact = most_tokens_per_s(servers, n_layers)
    assert throughput(ModelView("m", "m", n_layers, tuple(servers))) == pytest.approx(
        exact, rel=1e-6, abs=1e-6
    )


def _offers(random: Random) -> tuple[Offer, ...]:
    return tuple(offer(model, 3, random.randint(1, 3), random.uniform(1, 20)) for model in ("a", "b"))


def _placements(computers: list[tuple[Offer, ...]]) -> Iterator[dict[str, list[Server]]]:
    ways = [
        [(o, start) for o in offers for start in range(o.n_layers) if start + max(o.longest) <= o.n_layers]
        for offers in computers
    ]
    for chosen in product(*ways):
        servers: dict[str, list[Server]] = {"a": [], "b": []}
        for peer, (o, start) in enumerate(chosen):
            end = start + o.longest[start]
            servers[o.model].append(Server(str(peer), start, end, o.layer_tokens_per_s))
        yield servers
