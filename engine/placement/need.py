"""What more servers are worth to a model.

A layer at level `x` (tokens/s it gets, in relation to what it should get) costs `(x + SMALL)^-STEEPNESS`; a
model costs the average over its layers, weighted by its share of all work. The steeper, the more the
weakest layers count. A model with layers that nobody holds serves nothing: it costs as much as if all were
empty, and progress towards completing it counts by how likely it is that it will be completed.
"""

from dataclasses import dataclass

import numpy as np

from engine.placement.aims import Aim
from engine.placement.levels import balanced
from engine.placement.spans import Bools, Floats, Ints, Spans

STEEPNESS = 2.0
SMALL = 0.1
GONE = 0.2  # the chance that a server is gone when it is needed
WITHOUT_EFFECT = 1e-3  # what counts of a server that leaves a model incomplete as it was
EMPTY = SMALL**-STEEPNESS


@dataclass(frozen=True)
class Need:
    """Of one model."""

    aim: Aim
    levels: Floats  # [layer]
    holders: Ints  # [layer]

    @property
    def holes(self) -> int:
        return int((self.holders == 0).sum())

    @property
    def n_layers(self) -> int:
        return len(self.levels)


def need_of(spans: Spans, aim: Aim) -> Need:
    return Need(aim, balanced(spans) / aim.tokens_per_s, spans.holders)


def gains(need: Need, start: Ints, end: Ints, rate: float) -> Floats:
    """`[window]`: what a server with layers [start, end) and so many layer-tokens/s is worth."""
    layers = np.arange(need.n_layers)
    inside = (layers >= start[:, None]) & (layers < end[:, None])
    relieved = _relieved(need, inside, rate)
    if not need.holes:
        return need.aim.weight * relieved
    return need.aim.weight * (_progress(need, inside) + WITHOUT_EFFECT * relieved)


def cost(levels: Floats, holders: Ints) -> Floats:
    """Of each layer."""
    sure = levels * (1 - GONE**holders)
    return np.asarray((sure + SMALL) ** -STEEPNESS)


def prices(need: Need) -> Floats:
    """`[layer]`: what this computer would be worth there if it were small."""
    return np.asarray(_scale(need) * (need.levels + SMALL) ** -(STEEPNESS + 1))


def room(need: Need, price: float) -> float:
    """How many computers like this one it takes until no layer has a higher price."""
    enough = (_scale(need) / price) ** (1 / (STEEPNESS + 1)) - SMALL
    return float(np.maximum(enough - need.levels, 0.0).sum()) / need.aim.part


def _scale(need: Need) -> float:
    return need.aim.weight * STEEPNESS / need.n_layers * need.aim.part


def _relieved(need: Need, inside: Bools, rate: float) -> Floats:
    """`[window]`: by how much less the layers cost."""
    poured = _poured(need.levels, inside, rate / need.aim.tokens_per_s)
    levels = np.where(inside, np.maximum(need.levels, poured[:, None]), need.levels)
    before = cost(need.levels, need.holders)
    after = cost(levels, need.holders + 1)
    return np.asarray(np.where(inside, before - after, 0.0).mean(axis=1))


def _poured(levels: Floats, inside: Bools, amount: float) -> Floats:
    """`[window]`: the level up to which the lowest layers inside of it are filled by this amount."""
    order = np.argsort(levels, kind="stable")
    chosen = inside[:, order]
    filled = np.cumsum(chosen, axis=1)
    content = np.cumsum(chosen * levels[order], axis=1) + amount
    with np.errstate(divide="ignore"):
        return np.asarray((content / filled).min(axis=1))


def _progress(need: Need, inside: Bools) -> Floats:
    """`[window]`: of what completing the model is worth, the share that its part in it deserves."""
    closed = (inside & (need.holders == 0)).sum(axis=1)
    return np.asarray(EMPTY * need.aim.hope * closed / need.holes)
