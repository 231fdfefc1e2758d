"""Sixty computers find out where they are, honest ones among liars."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.peers.coordinates import ABSURD_SECONDS, MAX_MOVE, MIN_ERROR, NOWHERE, distance, moved
from engine.wire.records import MAX_COORDINATE, Coordinates

NODES = 60
ROUNDS = 250

Lie = Callable[[Coordinates, float, Random], tuple[Coordinates, float]]


@dataclass(frozen=True)
class World:
    """Computers on a plane, each behind a line of its own; distances in seconds."""

    at: list[tuple[float, float]]
    lines: list[float]

    @classmethod
    def made(cls, rng: Random) -> "World":
        at = [(rng.uniform(0, 0.15), rng.uniform(0, 0.15)) for _ in range(NODES)]
        return cls(at, [rng.uniform(0.001, 0.02) for _ in range(NODES)])

    def round_trip(self, a: int, b: int) -> float:
        return math.dist(self.at[a], self.at[b]) + self.lines[a] + self.lines[b]


def median_error(world: World, places: list[Coordinates], of: range) -> float:
    """Relative, of all pairs."""
    pairs = [(a, b) for a in of for b in of if b < a]
    return median(
        abs(distance(places[a], places[b]) - world.round_trip(a, b)) / world.round_trip(a, b)
        for a, b in pairs
    )


def settled(seed: int, lie: Lie | None = None, liars: int = 0) -> tuple[World, list[Coordinates]]:
    """After so many rounds in which each measures one other; measurements are a little too long."""
    rng = Random(seed)
    world = World.made(rng)
    places = [NOWHERE] * NODES
    for _ in range(ROUNDS):
        for one in range(NODES):
            other = rng.choice([node for node in range(NODES) if node != one])
            said, measured = places[other], world.round_trip(one, other) * (1 + abs(rng.gauss(0, 0.03)))
            if lie is not None and other < liars:
                said, measured = lie(said, measured, rng)
            places[one] = moved(places[one], said, measured, rng)
    return world, places


def anywhere(rng: Random) -> Coordinates:
    x, y, z = (rng.uniform(-1, 1) for _ in range(3))
    return Coordinates(at=(x, y, z), height=0.0, error=0.001)


def lie_about_the_place(said: Coordinates, measured: float, rng: Random) -> tuple[Coordinates, float]:
    return anywhere(rng), measured


def lie_and_dawdle(said: Coordinates, measured: float, rng: Random) -> tuple[Coordinates, float]:
    return anywhere(rng), measured + rng.uniform(0, 1)


def test_sixty_computers_find_their_places() -> None:
    world, places = settled(seed=1)
    assert median_error(world, places, range(NODES)) < 0.06
    assert median(place.error for place in places) < 0.1


@pytest.mark.parametrize(("lie", "bound"), [(lie_about_the_place, 0.12), (lie_and_dawdle, 0.25)])
def test_a_tenth_of_liars_does_not_mislead_the_others(lie: Lie, bound: float) -> None:
    liars = NODES // 10
    world, places = settled(1, lie, liars)
    assert median_error(world, places, range(liars, NODES)) < bound


# --- one measurement

parts = st.floats(-MAX_COORDINATE, MAX_COORDINATE) | st.floats(-1, 1)
coordinates = st.builds(
    Coordinates,
    at=st.tuples(parts, parts, parts),
    height=st.floats(0, 1) | st.floats(0, MAX_COORDINATE),
    error=st.floats(0.001, 10),
)


@given(coordinates, coordinates, st.floats(0, 10), st.randoms(use_true_random=False))
def test_one_measurement_moves_little(
    own: Coordinates, other: Coordinates, round_trip: float, rng: Random
) -> None:
    after = moved(own, other, round_trip, rng)  # still valid: Coordinates checks its bounds
    assert math.dist(own.at, after.at) <= MAX_MOVE * (1 + 1e-6)
    assert abs(after.height - own.height) <= MAX_MOVE or own.height > MAX_COORDINATE - MAX_MOVE
    assert after == own or after.error >= MIN_ERROR


def test_what_cannot_be_true_is_left_out() -> None:
    far = Coordinates(at=(ABSURD_SECONDS + 1, 0, 0), height=0, error=0.1)
    assert moved(NOWHERE, far, 0.05, Random(0)) == NOWHERE


def test_a_computer_moves_away_from_one_that_is_farther_than_it_seemed() -> None:
    other = Coordinates(at=(0.01, 0, 0), height=0.001, error=0.3)
    assert distance(moved(NOWHERE, other, 0.1, Random(0)), other) > distance(NOWHERE, other)
    assert distance(moved(NOWHERE, other, 0.002, Random(0)), other) < distance(NOWHERE, other)


def test_two_at_one_spot_part_in_any_direction() -> None:
    first, second = (moved(NOWHERE, NOWHERE, 0.1, Random(seed)) for seed in (1, 2))
    assert first.at != second.at
    assert math.dist(first.at, NOWHERE.at) == pytest.approx(math.dist(second.at, NOWHERE.at))


def test_nobody_is_believed_to_be_sure() -> None:
    said = {"at": (0.2, 0, 0), "height": 0.001}
    sure, less_sure = (Coordinates(**said, error=error) for error in (0.001, 0.2))
    assert moved(NOWHERE, sure, 0.1, Random(0)) == moved(NOWHERE, less_sure, 0.1, Random(0))
