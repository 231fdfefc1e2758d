"""How much of a model's quality is left with its layers in given precisions, and which layers need bits most.

The figures were measured; `python -m tests.bench.precision --each` measures them again.
"""

from collections.abc import Mapping, Sequence
from math import exp

from engine.precision import Precision

# What the next words' chances lose to those of float32 with all layers of the starter model in one precision:
# Kullback-Leibler divergence, nats for each token. Coarse ones computed in bfloat16.
LOSS: Mapping[Precision, float] = {
    "float32": 0.0,
    "float16": 1e-5,
    "bfloat16": 6e-4,
    "int8": 3.5e-3,
    "nf4": 0.233,
}


def quality(precisions: Sequence[Precision], n_layers: int, start: int = 0) -> float:
    """In (0, 1]; 1: as in float32. `precisions` of layers from `start` on; the others lose nothing."""
    lost = (LOSS[p] * sensitivity(start + index, n_layers) for index, p in enumerate(precisions))
    return exp(-sum(lost))


def sensitivity(layer: int, n_layers: int) -> float:
    """A layer's share of what all layers lose together."""
    return 1 / n_layers
