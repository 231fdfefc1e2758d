"""Why a server takes its layers, in half a sentence."""

import numpy as np

from engine.layer_ranges import in_words, ranges_of
from engine.placement.need import Need
from engine.placement.spans import Bools

WEAK = 0.9  # of the level in the middle


def why(model: str, need: Need, start: int, end: int) -> str:
    inside = np.zeros(need.n_layers, dtype=bool)
    inside[start:end] = True
    empty = inside & (need.holders == 0)
    if not need.holders.any():
        return f"nobody serves {model} yet"
    if empty.any():
        return f"nobody serves {_layers(empty)} of {model} yet" + _completes(need, inside)
    single = inside & (need.holders == 1)
    weak = inside & (need.levels < WEAK * np.median(need.levels))
    if weak.any():
        return f"{_layers(weak)} of {model} {_are(weak)} the slowest"
    if single.any():
        return f"a single computer serves {_layers(single)} of {model}"
    return f"with these layers {model} answers more people at once"


def _completes(need: Need, inside: Bools) -> str:
    return ", and with them it is complete" if not (~inside & (need.holders == 0)).any() else ""


def _are(layers: Bools) -> str:
    return "are" if layers.sum() > 1 else "is"


def _layers(chosen: Bools) -> str:
    ranges = ranges_of(np.flatnonzero(chosen).tolist())
    return f"{'layers' if chosen.sum() > 1 else 'layer'} {in_words(ranges)}"
