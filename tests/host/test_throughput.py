"""What a server announces that it could do."""

import pytest

from engine.host.throughput import HALF_LIFE_SECONDS, WINDOW_SECONDS, Throughput


def test_nothing_is_known_at_first() -> None:
    throughput = Throughput(n_layers=4)
    throughput.note(1000, now=5.0)
    assert throughput.tokens_per_s(step_seconds=0.0) == 0


def test_one_session_is_the_least_that_a_server_can_do() -> None:
    assert Throughput(n_layers=4).tokens_per_s(step_seconds=0.05) == 20


def test_the_best_rate_counts_in_tokens_through_the_whole_span() -> None:
    throughput = Throughput(n_layers=4)
    for layer_tokens, now in [(0, 0.0), (400, 10.0), (10_400, 20.0), (10_400, 30.0)]:
        throughput.note(layer_tokens, now)
    assert throughput.tokens_per_s(step_seconds=0.05) == pytest.approx(250, rel=0.01)


def test_what_was_once_possible_fades() -> None:
    throughput = Throughput(n_layers=1)
    for layer_tokens, now in [(0, 0.0), (1000, 10.0), (1000, 10.0 + HALF_LIFE_SECONDS)]:
        throughput.note(layer_tokens, now)
    assert throughput.tokens_per_s(step_seconds=0.0) == pytest.approx(50)


def test_a_large_step_that_ends_in_a_short_moment_is_no_burst_of_speed() -> None:
    throughput = Throughput(n_layers=1)
    for layer_tokens, now in [(0, 0.0), (0, 1.9), (500, 1.91), (500, WINDOW_SECONDS)]:
        throughput.note(layer_tokens, now)
    assert throughput.tokens_per_s(step_seconds=0.0) == 500 / WINDOW_SECONDS
