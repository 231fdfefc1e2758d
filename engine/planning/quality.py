"""How much of a model's quality is left with its layers in given precisions, and which layers need bits most.

The figures are those of the starter model, as `python -m tests.bench.precision --each` measures them. Larger
models lose less, but the order stays: what is compared here are precisions and layers of one model.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from math import exp

from engine.precision import Precision

# What the next words' chances lose to those of float32 with all layers in one precision: Kullback-Leibler
# divergence, nats for each token. Coarse ones computed in bfloat16.
LOSS: Mapping[Precision, float] = {
    "float32": 0.0,
    "float16": 1e-5,
    "bfloat16": 6e-4,
    "int8": 3.5e-3,
    "nf4": 0.233,
}
# What a single coarse layer loses, of what the average layer does: in each third of the model, and the last
# layer. Single losses add up to what several layers lose together within a tenth; int8 and nf4 are alike.
_THIRDS = (0.7, 1.4, 0.7)
_LAST = 4.2


def quality(precisions: Sequence[Precision], n_layers: int, start: int = 0) -> float:
    """In (0, 1]; 1: as in float32. `precisions` of layers from `start` on; the others lose nothing."""
    lost = (LOSS[p] * sensitivity(start + index, n_layers) for index, p in enumerate(precisions))
    return exp(-sum(lost))


def sensitivity(layer: int, n_layers: int) -> float:
    """A layer's share of what all layers of the model lose together."""
    return _shares(n_layers)[layer]


@cache
def _shares(n_layers: int) -> tuple[float, ...]:
    weights = [_LAST if i == n_layers - 1 else _THIRDS[3 * i // n_layers] for i in range(n_layers)]
    return tuple(weight / sum(weights) for weight in weights)
