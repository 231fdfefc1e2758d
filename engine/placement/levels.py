"""How evenly the servers of a model can serve its layers."""

import numpy as np

from engine.placement.spans import Floats, Spans

ROUNDS = 24
STRIDE = 1.8  # more than 1 comes closer in fewer rounds, 2 would no longer come to rest
FAINTEST = 1e-6  # of a need, in relation to the greatest


def balanced(spans: Spans) -> Floats:
    """`[layer]`: tokens/s, when each server gives most to those of its layers that get least from others.

    In turn, servers divide what they have by the layers' needs, and needs are corrected by what came of it
    (Sinkhorn and Knopp 1967, "Concerning nonnegative matrices and doubly stochastic matrices"). What it ends
    with is possible, and close to the best for the layers that get least.
    """
    levels = np.zeros(spans.n_layers)
    held = spans.holders > 0
    if not held.any():
        return levels
    need = np.ones(spans.n_layers)
    for _ in range(ROUNDS):
        levels = _served(spans, need) * held
        need = need * np.maximum(levels / levels.max(), FAINTEST) ** -STRIDE
        need = np.maximum(need / need.max(), FAINTEST)
    return levels


def _served(spans: Spans, need: Floats) -> Floats:
    before = np.concatenate([[0.0], np.cumsum(need)])
    per_need = spans.rate / (before[spans.end] - before[spans.start])
    return np.asarray(np.maximum(need * spans.per_layer(per_need), 0.0))
