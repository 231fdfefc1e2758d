import pytest

from engine.host.throughput import HALF_LIFE_SECONDS, Throughput


def test_nothing_is_known_at_first() -> None:
    throughput = Throughput(n_layers=4)
    throughput.note(1000, now=5.0)
    assert throughput.tokens_per_s(step_seconds=0.0) == 0


def test_one_session_is_the_least_that_a_server_can_do() -> None:
    assert Throughput(n_layers=4).tokens_per_s(step_seconds=0.05) == 20


def test_the_best_rate_counts_in_tokens_through_the_whole_span() -> None:
    throughput = Throughput(n_layers=4)
    for layer_tokens, now in [(0, 0.0), (400, 1.0), (2400, 3.0), (2400, 4.0)]:
        throughput.note(layer_tokens, now)
    assert throughput.tokens_per_s(step_seconds=0.05) == pytest.approx(250, rel=0.01)


def test_what_was_once_possible_fades() -> None:
    throughput = Throughput(n_layers=1)
    for layer_tokens, now in [(0, 0.0), (1000, 1.0), (1000, 1.0 + HALF_LIFE_SECONDS)]:
        throughput.note(layer_tokens, now)
    assert throughput.tokens_per_s(step_seconds=0.0) == pytest.approx(500)


def test_two_looks_at_one_moment_do_no_harm() -> None:
    throughput = Throughput(n_layers=1)
    throughput.note(0, now=1.0)
    throughput.note(100, now=1.0)
    throughput.note(300, now=2.0)
    assert throughput.tokens_per_s(step_seconds=0.0) == 200
