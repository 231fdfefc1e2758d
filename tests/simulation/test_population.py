from itertools import pairwise
from random import Random
from statistics import fmean, median

import pytest

from engine.peers.coordinates import distance
from engine.simulation.cards import CARDS, drawn
from engine.simulation.demand import activity, drawn_chat, zipf
from engine.simulation.population import DAY, HOUR, computers, rhythm, seconds_off, seconds_on


def test_as_many_computers_as_are_on_on_average() -> None:
    found = computers(200, Random(1))
    assert sum(computer.availability for computer in found) == pytest.approx(200, abs=1)


def test_the_same_seed_draws_the_same_computers() -> None:
    assert computers(20, Random(1)) == computers(20, Random(1)) != computers(20, Random(2))


def test_cards_are_drawn_by_their_shares() -> None:
    random = Random(1)
    names = [drawn(random).name for _ in range(5000)]
    total = sum(card.share for card in CARDS)
    for card in (card for card in CARDS if card.share > 5):
        assert names.count(card.name) / len(names) == pytest.approx(card.share / total, abs=0.02)


def test_cards_have_from_4_to_96_gb() -> None:
    sizes = sorted(card.memory_bytes for card in CARDS)
    assert (sizes[0] >> 30, sizes[-1] >> 30) == (4, 96)


def test_places_that_computers_find_out_miss_round_trips_by_about_a_tenth() -> None:
    found = computers(120, Random(1))
    off = [
        abs(distance(a.announced, b.announced) / distance(a.place, b.place) - 1) for a, b in pairwise(found)
    ]
    assert 0.03 < median(off) < 0.15


def test_times_on_are_many_short_and_few_long_ones() -> None:
    (computer,), random = computers(1, Random(3))[:1], Random(1)
    times = [seconds_on(computer, random) for _ in range(4000)]
    assert fmean(times) == pytest.approx(computer.on_seconds, rel=0.1)
    assert median(times) < 0.7 * fmean(times)


def test_more_come_back_in_their_evening() -> None:
    (computer,), random = computers(1, Random(3))[:1], Random(1)
    back = [(seconds_off(computer, 0.0, random) / HOUR + computer.longitude / 15) % 24 for _ in range(3000)]
    evening = sum(16 <= hour < 24 for hour in back)
    morning = sum(4 <= hour < 12 for hour in back)
    assert evening > 1.5 * morning


def test_people_are_as_active_as_they_are_on_average() -> None:
    hours = [hour * HOUR for hour in range(24)]
    assert fmean(rhythm(now, 30.0) for now in hours) == pytest.approx(1.0)
    assert fmean(activity(now) for now in hours) == pytest.approx(1.0)
    assert activity(0.0) == pytest.approx(activity(DAY))


def test_the_second_model_is_wanted_half_as_much_as_the_first() -> None:
    shares = zipf(["a", "b", "c"])
    assert sum(shares.values()) == pytest.approx(1.0)
    assert shares["a"] == pytest.approx(2 * shares["b"])
    assert shares["a"] == pytest.approx(3 * shares["c"])


def test_chats_have_lengths_as_measured_on_average() -> None:
    random = Random(1)
    chats = [drawn_chat(random) for _ in range(5000)]
    assert fmean(chat.question for chat in chats) == pytest.approx(70, rel=0.15)
    assert fmean(chat.answer for chat in chats) == pytest.approx(215, rel=0.15)
