"""How sessions share the servers of their ways: the balance of a closed network, where each session waits
for its own last step before it makes the next.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEPS = 150  # towards the balance


@dataclass(frozen=True)
class Shared:
    rates: Floats  # [session]: steps/s
    present: Floats  # [server]: sessions that are there at a moment


def shared(layers: Floats, link_seconds: Floats, weights: Floats, capacity: Floats, at_once: float) -> Shared:
    """Where servers are asked for more than they can, all who use them wait for as long as it takes to ask
    less.

    `layers [session, server]` that a step runs through, `link_seconds [session]` of a step, `weights
    [session]`: how many sessions each stands for, `capacity [server]` in layer-tokens/s, which needs
    `at_once` steps together.
    """
    alone = at_once / capacity
    seconds = alone.copy()  # of one layer
    for _ in range(STEPS):
        rates = 1 / (layers @ seconds + link_seconds)
        load = (weights * rates) @ layers / capacity
        seconds = np.maximum(alone, seconds * np.sqrt(load))
    rates = 1 / (layers @ seconds + link_seconds)
    load = np.maximum((weights * rates) @ layers / capacity, 1.0)
    rates = rates / np.where(layers > 0, load, 1.0).max(axis=1)
    return Shared(rates, (weights * rates) @ layers * seconds)
