"""Where this computer is among the others: network coordinates, found from round trips.

Source: Dabek, Cox, Kaashoek and Morris 2004, "Vivaldi: A Decentralized Network Coordinate System": heights
(section 5.4) and adaptive time steps (section 3.4).

A peer may lie about its place, and hold its answers back. So nobody's word counts as sure, what surprises is
cut to the usual, one measurement moves this computer little, and what cannot be true is left out.
"""

from math import dist
from random import Random

from engine.wire.records import MAX_COORDINATE, Coordinates

ERROR_SHARE = 0.25  # of the difference that one measurement makes to the error
MOVE_SHARE = 0.25  # ... and to the place
MIN_ERROR = 0.05
MAX_ERROR = 1.0
OTHERS_MIN_ERROR = 0.2  # nobody is believed to be surer than that
MIN_HEIGHT = 1e-4  # seconds
MIN_ROUND_TRIP = 1e-4  # seconds; on one desk, noise is larger than what is measured
MAX_MOVE = 0.02  # seconds, by one measurement
USUAL = 2.0  # what is off by more than so many times this computer's own error counts as if it were that
KNOWN_ERROR = 0.7  # of coordinates that say something
ABSURD_SECONDS = 2.0  # between a round trip and what the places say

NOWHERE = Coordinates(at=(0.0, 0.0, 0.0), height=0.001, error=MAX_ERROR)


def if_known(coordinates: Coordinates | None) -> Coordinates | None:
    """None as well for those that say nothing yet."""
    return None if coordinates is None or coordinates.error > KNOWN_ERROR else coordinates


def distance(a: Coordinates, b: Coordinates) -> float:
    """The round trip that two places stand for, in seconds."""
    return dist(a.at, b.at) + a.height + b.height


def moved(own: Coordinates, other: Coordinates, round_trip: float, random: Random) -> Coordinates:
    """`own` after a round trip to `other` was measured, in seconds."""
    measured, expected = max(round_trip, MIN_ROUND_TRIP), distance(own, other)
    if abs(measured - expected) > ABSURD_SECONDS:
        return own
    weight = own.error / (own.error + max(other.error, OTHERS_MIN_ERROR))
    off = _within((measured - expected) / measured, USUAL * own.error)
    error = own.error + ERROR_SHARE * weight * (abs(off) - own.error)
    push = _within(MOVE_SHARE * weight * off * measured, MAX_MOVE)
    away, up = _direction(own, other, random)
    x, y, z = (_within(at + push * part, MAX_COORDINATE) for at, part in zip(own.at, away, strict=True))
    return Coordinates(
        at=(x, y, z),
        height=min(max(own.height + push * up, MIN_HEIGHT), MAX_COORDINATE),
        error=min(max(error, MIN_ERROR), MAX_ERROR),
    )


def _direction(own: Coordinates, other: Coordinates, random: Random) -> tuple[list[float], float]:
    """Straight away from the other one, its parts in space and in height; any way if both are at one spot."""
    apart = dist(own.at, other.at)
    if apart < 1e-9:
        x, y, z = (random.gauss(0, 1) for _ in range(3))
        length = dist((x, y, z), (0, 0, 0)) or 1.0
        return [x / length, y / length, z / length], 0.0
    whole = distance(own, other)
    return [(a - b) / whole for a, b in zip(own.at, other.at, strict=True)], (
        own.height + other.height
    ) / whole


def _within(value: float, limit: float) -> float:
    return min(max(value, -limit), limit)
