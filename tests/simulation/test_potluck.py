"""Potluck's own rule, with and without regard for where servers are."""

from random import Random

from engine.placement.view import Offer, Server, SwarmView
from engine.simulation.potluck import Potluck
from engine.simulation.rules import Choice, Serving
from tests.placement.swarms import model, offer, swarm

HERE, THERE = (0.0, 0.0, 0.0, 0.01), (0.2, 0.0, 0.0, 0.01)
AROUND = [(0, HERE)] * 3 + [(4, HERE)] + [(0, THERE)] + [(4, THERE)] * 3
HALVES = (4, 0, 0, 0, 4, 0, 0, 0)  # the first or the last four layers


def view(here: tuple[float, float, float, float]) -> SwarmView:
    """Of eight layers, the first four have three servers here and one there, the others the reverse."""
    servers = (Server(f"{at}", start, start + 4, 100.0, spot) for at, (start, spot) in enumerate(AROUND))
    return SwarmView(swarm(model(8, *servers)).models, here)


def half() -> Offer:
    of = offer(8, 4, 100, held=range(8))
    return Offer(of.model, of.n_layers, HALVES, of.layer_tokens_per_s, of.missing_bytes, of.bytes_per_s)


def chosen(looks_near: bool, here: tuple[float, float, float, float]) -> int:
    choice = Potluck(Random(1), looks_near).choose("me", view(here), [half()])
    assert choice is not None
    return choice.start


def test_it_takes_what_few_serve_nearby_or_minds_no_places() -> None:
    assert [chosen(True, HERE), chosen(True, THERE)] == [4, 0]
    assert [chosen(False, HERE), chosen(False, THERE)] == [0, 0]


def test_it_moves_to_what_few_serve_nearby_or_minds_no_places() -> None:
    serving = Serving(Choice(half(), 0, 4), seconds=7200, away_seconds=60, is_ready=True)
    goes = [
        Potluck(Random(1), near).move("me", view(HERE), [half()], serving) is not None
        for near in (True, False)
    ]
    assert goes == [True, False]
