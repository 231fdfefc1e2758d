"""Smoothing, ageing and forgetting of measurements."""

import math

import pytest

from engine.peers.links import (
    FAILED_LINK_SECONDS,
    KEPT,
    LINK_SECONDS,
    MAX_RATE,
    MAX_ROUND_TRIP,
    MIN_TRANSFER,
    FailedLinks,
    Link,
    Recent,
)


def test_nothing_was_measured() -> None:
    assert Recent(10).value(now=0) is None
    assert Recent(10).age(now=0) == math.inf


def test_one_stray_measurement_does_not_show() -> None:
    recent = Recent(100)
    for at, value in enumerate([3.0, 3.0, 50.0, 3.0, 0.0]):
        recent.note(value, at)
    assert recent.value(now=5) == 3.0


def test_a_change_shows_after_a_few_measurements() -> None:
    recent = Recent(100)
    for at in range(2 * KEPT):
        recent.note(1.0 if at < KEPT else 9.0, at)
        if at == KEPT + 1:
            assert recent.value(at) == 1.0
    assert recent.value(2 * KEPT) == 9.0


def test_old_measurements_make_way_for_newer_ones_and_are_forgotten() -> None:
    recent = Recent(10)
    recent.note(1.0, now=0)
    recent.note(1.0, now=1)
    recent.note(5.0, now=8)
    assert recent.value(now=9) == 1.0
    assert recent.value(now=12) == 5.0
    assert recent.age(now=12) == 4
    assert recent.value(now=19) is None


@pytest.mark.parametrize("seconds", [-0.001, MAX_ROUND_TRIP + 0.001, math.inf, math.nan])
def test_what_is_no_round_trip_is_not_noted(seconds: float) -> None:
    link = Link()
    assert not link.note_round_trip(seconds, now=0)
    assert link.round_trip.value(now=0) is None


def test_a_round_trip_is_noted() -> None:
    link = Link()
    assert link.note_round_trip(0.03, now=0)
    assert link.round_trip.value(now=LINK_SECONDS) == 0.03


@pytest.mark.parametrize(
    ("nbytes", "seconds", "expected"),
    [
        (MIN_TRANSFER, 0.5, MIN_TRANSFER / 0.5),
        (MIN_TRANSFER - 1, 0.5, None),  # says more about the round trip than about the rate
        (MIN_TRANSFER, 0.0, None),
        (MIN_TRANSFER, 1e-30, MAX_RATE),
    ],
)
def test_only_large_transfers_tell_a_rate(nbytes: int, seconds: float, expected: float | None) -> None:
    link = Link()
    link.note_transfer(nbytes, seconds, now=0)
    assert link.bytes_per_s.value(now=0) == expected


def test_failed_links_are_known_by_direction_until_they_are_old() -> None:
    links = FailedLinks()
    links.note("a", "b", now=0)
    links.note("c", "d", now=100)
    assert links.all() == {("a", "b"), ("c", "d")}
    links.forget_old(now=FAILED_LINK_SECONDS + 1)
    assert links.all() == {("c", "d")}


def test_a_link_that_failed_again_is_kept_longer_and_the_oldest_goes_when_there_are_too_many() -> None:
    links = FailedLinks(most=2)
    links.note("a", "b", now=0)
    links.note("c", "d", now=1)
    links.note("a", "b", now=2)
    links.note("e", "f", now=3)
    assert links.all() == {("a", "b"), ("e", "f")}
