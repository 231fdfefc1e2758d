"""From the hidden states of one text to its vector."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import normalize

from engine.generate.sentence_files import PoolingMode, SentenceRules


def pooled(states: Tensor, rules: SentenceRules) -> Tensor:
    """`[tokens, hidden]` of a text without padding as `[hidden]`; `[n * hidden]` for n modes."""
    vector = torch.cat([_POOLED[mode](states.float()) for mode in rules.pooling])
    return normalize(vector, dim=0) if rules.normalised else vector


def _weighted_mean(states: Tensor) -> Tensor:
    """Later tokens weigh more, for they have seen more."""
    weights = torch.arange(1, len(states) + 1, dtype=states.dtype)[:, None]
    return (states * weights).sum(dim=0) / weights.sum()


_POOLED: dict[PoolingMode, Callable[[Tensor], Tensor]] = {
    "cls": lambda states: states[0],
    "max": lambda states: states.amax(dim=0),
    "mean": lambda states: states.mean(dim=0),
    "mean_sqrt_len_tokens": lambda states: states.sum(dim=0) / len(states) ** 0.5,
    "weightedmean": _weighted_mean,
    "lasttoken": lambda states: states[-1],
}
