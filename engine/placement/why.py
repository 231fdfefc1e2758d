"""Why a server takes its layers, in half a sentence."""

import numpy as np

from engine.api.sentences import counted, said
from engine.layer_ranges import in_words, ranges_of
from engine.placement.need import Need
from engine.placement.spans import Bools, Floats

WEAK = 0.9  # of the level in the middle


def why(model: str, need: Need, start: int, end: int) -> str:
    inside = np.zeros(need.n_layers, dtype=bool)
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
            n=weak.sum(),
            ranges=_ranges(weak),
            model=model,
        )
    if weak_here.any():
        return counted(
            "among the computers near this one layer {ranges} of {model} is the slowest",
            "among the computers near this one layers {ranges} of {model} are the slowest",
            n=weak_here.sum(),
            ranges=_ranges(weak_here),
            model=model,
        )
    if single.any():
        return counted(
            "a single computer serves layer {ranges} of {model}",
            "a single computer serves layers {ranges} of {model}",
            n=single.sum(),
            ranges=_ranges(single),
            model=model,
        )
    return said("with these layers {model} answers more people at once", model=model)


def _weak(levels: Floats) -> Bools:
    return np.asarray(levels < WEAK * np.median(levels))


def _nobody(model: str, layers: Bools, completes: bool) -> str:
    if completes:
        return counted(
            "nobody serves layer {ranges} of {model} yet, and with it it is complete",
            "nobody serves layers {ranges} of {model} yet, and with them it is complete",
            n=layers.sum(),
            ranges=_ranges(layers),
            model=model,
        )
    return counted(
        "nobody serves layer {ranges} of {model} yet",
        "nobody serves layers {ranges} of {model} yet",
        n=layers.sum(),
        ranges=_ranges(layers),
        model=model,
    )


def _ranges(layers: Bools) -> str:
    return in_words(ranges_of(np.flatnonzero(layers).tolist()))
