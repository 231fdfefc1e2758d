"""What the servers of a model can serve together, and which of its layers are short of them.

A server divides its layer-tokens/s over the layers of its span as it likes. T tokens/s are possible if and
only if every set of layers is held by servers of enough rate together: T times its size (Hall's theorem).
Such a set is what is left when gaps are cut out of the model, and the servers that it cannot use are those
whose whole span lies in a gap. The worst set for a given T is thus a longest path over the borders of the
layers; it gives a smaller T, and so on until no set is short: exact after a few rounds (Dinkelbach 1967,
"On Nonlinear Fractional Programming").
"""

import numpy as np

from engine.placement.spans import Floats, Spans, spans_of
from engine.placement.view import ModelView

ROUNDING = 1e-9  # relative


def throughput(model: ModelView) -> float:
    """The most tokens/s that all layers can get."""
    return _most(_within(spans_of(model.servers, model.n_layers)))


def _within(spans: Spans) -> Floats:
    """`[end, start]`: rate of the servers whose whole span lies inside [start, end)."""
    table = np.zeros((spans.n_layers + 1, spans.n_layers + 1))
    table[spans.end, spans.start] = spans.rate
    from_start = np.cumsum(table[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(np.cumsum(from_start, axis=0))


def _most(within: Floats) -> float:
    n_layers, total = len(within) - 1, float(within[-1, 0])
    tokens_per_s = total / n_layers
    while tokens_per_s > 0:
        layers, idle = _worst_set(within, tokens_per_s)
        if layers * tokens_per_s + idle <= total * (1 + ROUNDING):
            break
        tokens_per_s = (total - idle) / layers if total - idle > total * ROUNDING else 0.0
    return tokens_per_s


def _worst_set(within: Floats, tokens_per_s: float) -> tuple[int, float]:
    """How many layers the set has that is shortest of servers, and the rate of all servers that hold none."""
    borders = len(within)
    need, layers, idle = np.zeros(borders), [0] * borders, [0.0] * borders
    for end in range(1, borders):
        by_gap = need[:end] + within[end, :end]
        start = int(by_gap.argmax())
        by_layer = need[end - 1] + tokens_per_s
        if by_gap[start] > by_layer:
            need[end] = by_gap[start]
            layers[end], idle[end] = layers[start], idle[start] + float(within[end, start])
        else:
            need[end], layers[end], idle[end] = by_layer, layers[end - 1] + 1, idle[end - 1]
    return layers[-1], idle[-1]
