import numpy as np
import pytest

from engine.simulation.sharing import shared


def test_a_session_alone_waits_for_layers_and_links_only() -> None:
    balance = shared(np.array([[2.0, 3.0]]), np.array([0.1]), np.ones(1), np.array([80.0, 40.0]), 8)
    assert balance.rates[0] == pytest.approx(1 / (0.2 + 0.6 + 0.1))


def test_many_sessions_get_what_the_server_can_give() -> None:
    balance = shared(np.full((10, 1), 2.0), np.full(10, 0.1), np.full(10, 5.0), np.array([20.0]), 8)
    assert balance.rates.sum() * 5 * 2 == pytest.approx(20.0, rel=1e-3)


def test_who_goes_another_way_is_not_held_up() -> None:
    layers = np.array([[1.0, 0.0]] * 30 + [[0.0, 1.0]])
    balance = shared(layers, np.zeros(31), np.ones(31), np.array([8.0, 8.0]), 8)
    assert balance.rates[-1] == pytest.approx(1.0)
    assert balance.rates[0] == pytest.approx(8 / 30, rel=1e-3)


def test_no_server_gives_more_than_it_has() -> None:
    random = np.random.default_rng(1)
    layers = random.integers(0, 5, (40, 12)).astype(float) + np.eye(40, 12)
    capacity, weights = random.uniform(1, 50, 12), random.uniform(0.1, 5, 40)
    balance = shared(layers, random.uniform(0, 0.2, 40), weights, capacity, 8)
    assert ((weights * balance.rates) @ layers <= capacity * (1 + 1e-9)).all()
