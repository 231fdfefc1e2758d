"""One computer after the other, under a rule that always wants the same."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest

from engine.placement.view import Offer, SwarmView
from engine.simulation.population import HOUR, Computer, computers
from engine.simulation.rules import Choice, Manners, Serving
from engine.simulation.settings import SimulationSettings
from engine.simulation.shapes import known_models
from engine.simulation.world import World

MODEL = known_models()["8b"]
LAYER_BYTES = MODEL.layers[0].stored_bytes


class Fixed:
    """Two layers, and after a while the next two."""

    manners = Manners()

    def __init__(self, moves: bool = False) -> None:
        self._moves = moves
        self.views: list[SwarmView] = []

    def choose(self, peer: str, view: SwarmView, offers: Sequence[Offer]) -> Choice | None:
        self.views.append(view)
        return Choice(offers[0], 0, 2)

    def move(self, peer: str, view: SwarmView, offers: Sequence[Offer], serving: Serving) -> Choice | None:
        return Choice(offers[0], 2, 4) if self._moves and serving.choice.start == 0 else None


def steady(seed: int = 3, on_hours: float = 1e6, off_hours: float = 1e-3) -> Computer:
    return replace(computers(1, Random(seed))[0], on_seconds=on_hours * HOUR, off_seconds=off_hours * HOUR)


def world(rule: Fixed, *members: Computer, drained: float = 1.0) -> World:
    settings = SimulationSettings(arrival=1.0, drained=drained)
    made = World(members, {MODEL.digest: MODEL}, lambda timeline: rule, settings, 1)
    made.want({MODEL.digest: 1.0}, {})
    return made


def test_it_serves_when_what_it_lacks_has_come_and_is_loaded() -> None:
    computer = steady()
    swarm = world(Fixed(), computer)
    fetching = 2 * LAYER_BYTES / computer.download_bytes_per_s
    swarm.timeline.run(fetching)
    assert not swarm.online(MODEL.digest).servers
    swarm.timeline.run(fetching + 2 * LAYER_BYTES / computer.disk_bytes_per_s + 10.0)
    (server,) = swarm.online(MODEL.digest).servers
    assert (server.peer, server.start, server.end) == (computer.peer, 0, 2)
    assert sum(swarm.tally.bytes_fetched.values()) == pytest.approx(2 * LAYER_BYTES)


def test_who_comes_back_fetches_nothing_again() -> None:
    swarm = world(Fixed(), steady(on_hours=2.0, off_hours=0.5))
    swarm.timeline.run(48 * HOUR)
    assert sum(swarm.tally.joins.values()) > 3
    assert sum(swarm.tally.bytes_fetched.values()) <= 2 * LAYER_BYTES + 1


def test_a_move_is_drained_fetched_and_counted() -> None:
    swarm = world(Fixed(moves=True), steady())
    swarm.timeline.run(12 * HOUR)
    (server,) = swarm.online(MODEL.digest).servers
    assert (server.start, server.end) == (2, 4)
    assert sum(swarm.tally.moves.values()) == 1
    assert sum(swarm.tally.bytes_of_moves.values()) == pytest.approx(2 * LAYER_BYTES)


class Telling(Fixed):
    manners = Manners(announces_intent=True, announces_moves=True, fetches_ahead=True)


def test_who_moves_fetches_then_says_so_looks_again_and_leaves() -> None:
    swarm = world(Telling(moves=True), steady(3), steady(4))
    swarm.timeline.run(12 * HOUR)
    assert {(s.start, s.end) for s in swarm.online(MODEL.digest).servers} == {(2, 4)}
    assert sum(swarm.tally.moves.values()) == 2
    assert sum(swarm.tally.bytes_of_moves.values()) == pytest.approx(4 * LAYER_BYTES)


class Reluctant(Telling):
    """Would move, and from the last look on would not."""

    def __init__(self) -> None:
        super().__init__(moves=True)
        self.looks: list[bool] = []

    def move(self, peer: str, view: SwarmView, offers: Sequence[Offer], serving: Serving) -> Choice | None:
        self.looks.append(serving.is_ready)
        return None if len(self.looks) > 2 else super().move(peer, view, offers, serving)


def test_who_sees_at_the_last_look_that_it_is_not_needed_stays() -> None:
    rule = Reluctant()
    swarm = world(rule, steady())
    swarm.timeline.run(6 * HOUR)
    assert rule.looks[:3] == [False, True, True]  # decided, fetched, announced
    assert sum(swarm.tally.moves.values()) == 0
    assert [(s.start, s.end) for s in swarm.online(MODEL.digest).servers] == [(0, 2)]


def test_a_model_is_covered_when_all_its_layers_are_online() -> None:
    swarm = world(Fixed(), steady())
    swarm.timeline.run(12 * HOUR)
    assert swarm.covered_at == {}


def test_others_hear_of_a_server_only_after_a_moment() -> None:
    rule = Fixed()
    swarm = world(rule, steady(3), steady(4), steady(5))
    swarm.timeline.run(HOUR)
    counts = [len(view.models[MODEL.digest].servers) for view in rule.views]
    assert counts == [0, 0, 0]  # all came within a second and had not heard of each other
