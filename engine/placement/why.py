"""Why a server takes its layers, in half a sentence."""

from typing import Any

import numpy as np

from engine.api.sentences import counted, said
from engine.layer_ranges import in_words, ranges_of
from engine.placement.need import Need
from engine.placement.spans import Bools, Floats

WEAK = 0.9  # of the level in the middle


def why(model: str, need: Need, start: int, end: int) -> str:
    inside = np.zeros(len(need.levels), dtype=bool)
    inside[start:end] = True
    empty = inside & (need.holders == 0)
    if not need.holders.any():
        return said("nobody serves {model} yet", model=model)
    if empty.any():
        return _nobody(model, empty, completes=not (~inside & (need.holders == 0)).any())
    single = inside & (need.holders == 1)
    weak, weak_here = (inside & _weak(levels) for levels in (need.everywhere, need.levels))
    if weak.any():
        return counted(
            "layer {ranges} of {model} is the slowest",
            "layers {ranges} of {model} are the slowest",
            **_named(model, weak),
        )
    if weak_here.any():
        return counted(
            "among the computers near this one layer {ranges} of {model} is the slowest",
            "among the computers near this one layers {ranges} of {model} are the slowest",
            **_named(model, weak_here),
        )
    if single.any():
        return counted(
            "a single computer serves layer {ranges} of {model}",
            "a single computer serves layers {ranges} of {model}",
            **_named(model, single),
        )
    return said("with these layers {model} answers more people at once", model=model)


def _weak(levels: Floats) -> Bools:
    return np.asarray(levels < WEAK * np.median(levels))


def _nobody(model: str, layers: Bools, completes: bool) -> str:
    if completes:
        return counted(
            "nobody serves layer {ranges} of {model} yet, and with it it is complete",
            "nobody serves layers {ranges} of {model} yet, and with them it is complete",
            **_named(model, layers),
        )
    return counted(
        "nobody serves layer {ranges} of {model} yet",
        "nobody serves layers {ranges} of {model} yet",
        **_named(model, layers),
    )


def _named(model: str, layers: Bools) -> dict[str, Any]:
    """The values of a sentence on these layers."""
    return {"n": layers.sum(), "ranges": in_words(ranges_of(np.flatnonzero(layers).tolist())), "model": model}
