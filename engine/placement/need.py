"""What more servers are worth to a model.

A layer at level `x` (tokens/s it gets, in relation to what it should get) costs `(x + SMALL)^-STEEPNESS`, and
as much as an empty one in the rare case that all its holders are gone; a model costs the average over its
layers, weighted by its share of all work. The steeper, the more the weakest layers count. A model with layers
that nobody holds serves nothing: it costs as much as if all were empty, and progress towards completing it
counts by how likely it is that it will be completed, whatever the quality of its answers will be.

What a server computes does not depend on how many layers it holds, but where spans are short, chats pass more
servers and wait for each hop: what a server adds to a complete model counts by how soon steps are through.
"""

from dataclasses import dataclass

import numpy as np

from engine.machine.speeds import MANY_SESSIONS
from engine.placement.aims import Aim
from engine.placement.nearness import felt
from engine.placement.spans import Bools, Floats, Ints, Spans

STEEPNESS = 2.0
SMALL = 0.1
SAME_LEVEL = 0.002  # relative difference that is none
GONE = 0.05  # the chance that a server is gone when it is needed
LEAST_CARE = 0.1  # for the quality of answers, where there are too few
WITHOUT_EFFECT = 1e-3  # what counts of a server that leaves a model incomplete as it was
HOP_SECONDS = 0.1  # from one home to the next, the lines included
QUICKLY = 0.5  # how much it counts that answers come twice as soon, beside that there are twice as many
EMPTY = SMALL**-STEEPNESS


@dataclass(frozen=True)
class Need:
    """Of one model."""

    aim: Aim
    levels: Floats  # [layer]: as they are felt where the computer is that asks
    everywhere: Floats  # [layer]: levels, wherever their servers are
    holders: Ints  # [layer]
    first: Ints  # [layer]: of those next to it that share what they get, as far down as it goes
    last: Ints  # [layer]: the same, as far up

    @property
    def holes(self) -> int:
        return int((self.holders == 0).sum())

    @property
    def n_layers(self) -> int:
        return len(self.levels)


def need_of(spans: Spans, aim: Aim, levels: Floats) -> Need:
    """`levels`: tokens/s of all servers, `[layer]`."""
    near, everywhere = felt(spans, levels) / aim.tokens_per_s, levels / aim.tokens_per_s
    return Need(aim, near, everywhere, spans.holders, *_sharing(spans, near))


def _sharing(spans: Spans, levels: Floats) -> tuple[Ints, Ints]:
    """Neighbours that get the same and have servers in common: more for one of them is more for all."""
    in_common = np.rint(_crossing(spans)) > 0
    apart = ~in_common | (np.abs(np.diff(levels)) > SAME_LEVEL * levels[1:])
    group = np.concatenate([[0], np.cumsum(apart)])
    return np.searchsorted(group, group, "left"), np.searchsorted(group, group, "right") - 1


def _crossing(spans: Spans) -> Floats:
    """`[border]`: how many servers hold the layers on both of its sides."""
    size = spans.n_layers + 1
    count = spans.count.astype(float)
    return np.cumsum(np.bincount(spans.start, count, size) - np.bincount(spans.end - 1, count, size))[:-2]


def gains(need: Need, start: Ints, end: Ints, rate: float, quality: float) -> Floats:
    """`[window]`: what a server with layers [start, end) and so many layer-tokens/s is worth."""
    inside = _inside(need, start, end - 1)
    reached = _inside(need, need.first[start], need.last[end - 1])
    careful = need.aim.ease + LEAST_CARE * (1 - need.aim.ease)
    relieved = _relieved(need, inside, reached, rate) * quality**careful
    if need.holes:
        found: Floats = need.aim.weight * (_progress(need, inside) + WITHOUT_EFFECT * relieved)
    else:
        found = need.aim.weight * relieved * _quickness(need, end - start) ** QUICKLY
    return found


def _quickness(need: Need, layers: Ints) -> Floats:
    """`[window]`: how soon a chat's step is through a layer, which has its part in the hop, in relation to as
    long a span as this computer could hold: at most 1."""
    computing = MANY_SESSIONS / need.aim.own_rate
    hopping = HOP_SECONDS / np.minimum(layers, need.aim.span)
    return np.asarray((computing + HOP_SECONDS / need.aim.span) / (computing + hopping))


def cost(levels: Floats, holders: Ints) -> Floats:
    """Of each layer."""
    return np.asarray((levels + SMALL) ** -STEEPNESS + EMPTY * GONE**holders)


def prices(need: Need) -> Floats:
    """`[layer]`: what this computer would be worth there if it were small."""
    return np.asarray(_scale(need) * (need.levels + SMALL) ** -(STEEPNESS + 1))


def room(need: Need, price: float) -> float:
    """How many computers like this one it takes until no layer has a higher price."""
    enough = (_scale(need) / price) ** (1 / (STEEPNESS + 1)) - SMALL
    return float(np.maximum(enough - need.levels, 0.0).sum()) / need.aim.part


def _scale(need: Need) -> float:
    return need.aim.weight * STEEPNESS / need.n_layers * need.aim.part


def _inside(need: Need, first: Ints, last: Ints) -> Bools:
    """`[window, layer]`"""
    layers = np.arange(need.n_layers)
    return np.asarray((layers >= first[:, None]) & (layers <= last[:, None]))


def _relieved(need: Need, inside: Bools, reached: Bools, rate: float) -> Floats:
    """`[window]`: by how much less layers cost. Those `reached` get more, too: others have less to do."""
    poured = _poured(need.levels, reached, rate / need.aim.tokens_per_s)
    levels = np.where(reached, np.maximum(need.levels, poured[:, None]), need.levels)
    before = cost(need.levels, need.holders)
    after = cost(levels, need.holders + inside)
    return np.asarray((before - after).mean(axis=1))


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
