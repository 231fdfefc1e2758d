"""Who makes a model whole that lacks layers: pure."""

import numpy as np

from engine.placement.spans import Bools, Ints, Spans


def makes_whole(holders: Ints, start: int, end: int) -> bool:
    """Whether one more server, with layers [start, end), leaves none without. `holders`: `[layer]`."""
    return bool((holders[:start] > 0).all() and (holders[end:] > 0).all())


def can_mend(spans: Spans, holders: Ints) -> Bools:
    """`[span]`: whether one of its servers could hold all that nobody holds, and what it holds alone, with as
    many layers in a row as it has. `holders` includes all of them, and lacks some layer.
    """
    missing, alone = np.flatnonzero(holders == 0), np.flatnonzero(holders == 1)
    before, until = np.searchsorted(alone, spans.start), np.searchsorted(alone, spans.end)
    bound = before < until
    alone = np.append(alone, 0)
    first = np.where(bound, np.minimum(alone[before], missing[0]), missing[0])
    last = np.where(bound, np.maximum(alone[until - 1], missing[-1]), missing[-1])
    return np.asarray(last - first < spans.end - spans.start)
