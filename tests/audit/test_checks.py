"""Cheap looks at steps: what is odd, and that honest steps are not."""

import numpy as np
import pytest

from engine.audit.checks import ENOUGH_SAMPLES, Size, Sizes, Span, Stale, StepChecks
from engine.audit.tolerance import Rows

SPAN = Span("0f" * 32, 2, 5)
WIDTH = 256


def step(tokens: int = 1, seed: int = 0) -> tuple[Rows, Rows]:
    """What a server took and gave: outputs keep much of their inputs and are about three times as long."""
    random = np.random.default_rng(seed)
    took = random.standard_normal((tokens, WIDTH)).astype(np.float32)
    spread = np.exp(0.1 * random.standard_normal((tokens, 1)))
    gave = (2 * took + 2 * random.standard_normal((tokens, WIDTH))) * spread
    return took, gave.astype(np.float32)


def experienced() -> StepChecks:
    checks = StepChecks()
    checks.confirm(SPAN, *step(300, seed=1000))
    return checks


def test_honest_steps_are_hardly_ever_odd() -> None:
    checks = experienced()
    odd = [checks.oddity(SPAN, "a", 1 + seed, *step(seed=seed)) for seed in range(2000)]
    assert sum(word is not None for word in odd) <= 2


LIES = {
    "random numbers": lambda took, gave: step(len(gave), seed=77)[0],
    "ten times as large": lambda took, gave: 10 * gave,
    "nothing": lambda took, gave: np.zeros_like(gave),
    "what came in": lambda took, gave: took,
    "turned around": lambda took, gave: -gave,
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("tokens", [1, 20])
def test_what_does_not_look_like_an_output_is_odd(lie: str, tokens: int) -> None:
    took, gave = step(tokens)
    assert experienced().oddity(SPAN, "a", 1, took, LIES[lie](took, gave).astype(np.float32)) == "size"


def test_an_output_given_before_for_something_else_is_odd() -> None:
    checks = StepChecks()
    took, gave = step(20)
    assert checks.oddity(SPAN, "a", 0, took, gave) is None
    assert checks.oddity(SPAN, "a", 0, took, gave) is None  # the same text again
    assert checks.oddity(SPAN, "a", 20, step(1, seed=5)[0], gave[7:8]) == "repeated"


def test_only_so_many_outputs_are_remembered() -> None:
    stale, (took, gave) = Stale(limit=10), step(30)
    assert not stale.repeats(took, gave)
    assert not stale.repeats(took[5:6], gave[:1])
    assert stale.repeats(took[5:6], gave[29:])


def test_nothing_is_odd_before_there_is_something_to_compare_with() -> None:
    took, gave = step()
    assert StepChecks().oddity(SPAN, "a", 1, took, 1000 * gave) is None


def learned(*peers: str, factor: float = 1.0) -> Sizes:
    sizes = Sizes()
    for peer in peers:
        for seed in range(ENOUGH_SAMPLES):
            took, gave = step(seed=seed)
            sizes.learn(SPAN, peer, Size.of(took, gave * np.float32(factor)))
    return sizes


def test_what_others_give_is_learned_from_and_ones_own_is_not() -> None:
    size = Size.of(*(rows * np.float32(10) ** at for at, rows in enumerate(step())))
    assert learned("a", "b").is_odd(SPAN, "c", size)
    assert not learned("a", "b").is_odd(SPAN, "a", size)
    assert not learned("a", "c").is_odd(SPAN, "c", size)


def test_a_liar_is_no_measure_for_others() -> None:
    liars = learned("a", "b", factor=50)
    honest = Size.of(*step(seed=9))
    assert liars.is_odd(SPAN, "c", honest)
    liars.forget("a")
    assert not liars.is_odd(SPAN, "c", honest)


def test_a_texts_first_token_alone_is_never_odd() -> None:
    took, gave = step()
    assert experienced().oddity(SPAN, "a", 0, took, 100 * gave) is None
    assert experienced().oddity(SPAN, "a", 1, took, 100 * gave) == "size"
