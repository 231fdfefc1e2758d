"""What a draft model that has read nothing yet does to the first answer of a chat, in virtual time."""

import random

import pytest

from tests.bench.virtual_drafts import Guess, answer_seconds, right_in

NEW = 64  # tokens


def gain(prompt_tokens: int, errs: float, seconds: float) -> float:
    """Tokens per second, of those without drafts. The draft model takes `seconds` for each token."""
    numbers = random.Random(1)
    text = [numbers.randrange(1000) for _ in range(prompt_tokens + NEW)]
    prompt = text[:prompt_tokens]
    plain = answer_seconds(prompt, text, None, 0.0)["seconds"]
    return plain / answer_seconds(prompt, text, Guess(text, right_in(1.0 - errs)), seconds)["seconds"]


@pytest.mark.parametrize("seconds", [0.015, 0.045, 0.15])
@pytest.mark.parametrize("prompt_tokens", [40, 600, 3000])
def test_one_that_is_never_right_costs_next_to_nothing(prompt_tokens: int, seconds: float) -> None:
    assert gain(prompt_tokens, errs=1.0, seconds=seconds) > 0.99


@pytest.mark.parametrize("prompt_tokens", [40, 600])
def test_one_that_is_often_right_pays_in_the_first_answer(prompt_tokens: int) -> None:
    assert gain(prompt_tokens, errs=0.2, seconds=0.015) > 1.5


def test_a_long_text_that_is_being_read_holds_nobody_up() -> None:
    assert gain(prompt_tokens=3000, errs=0.0, seconds=0.045) > 0.99
