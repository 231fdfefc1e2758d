"""What clients want: models by Zipf's law, answers of log-normal lengths, more of both in the evening.

Source of the law: Adamic and Huberman 2002, "Zipf's law and the Internet". Lengths are as in chats with
public assistants (Zheng et al. 2024, "LMSYS-Chat-1M", table 1: 70 tokens of question and 215 of answer on
average).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from engine.simulation.population import REGIONS, rhythm

QUESTION_TOKENS = 70
ANSWER_TOKENS = 215
SPREAD = 1.0  # of the logarithms of both
_HALF_VARIANCE = SPREAD**2 / 2  # by which a log-normal distribution's mean is above its middle


def zipf(models: Sequence[str]) -> dict[str, float]:
    """Each model's share of the tokens, the most wanted first."""
    weights = [1 / rank for rank in range(1, len(models) + 1)]
    return {model: weight / sum(weights) for model, weight in zip(models, weights, strict=True)}


def activity(now: float) -> float:
    """Of all people on the globe at that second, 1 on average."""
    return sum(share * rhythm(now, longitude) for _, longitude, _, share in REGIONS)


@dataclass(frozen=True)
class Chat:
    question: int  # tokens
    answer: int


def drawn_chat(random: Random) -> Chat:
    def length(mean: int) -> int:
        return max(1, round(mean * random.lognormvariate(-_HALF_VARIANCE, SPREAD)))

    return Chat(length(QUESTION_TOKENS), length(ANSWER_TOKENS))
