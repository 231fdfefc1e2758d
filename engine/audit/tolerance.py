"""How far two honest computations of the same layers may lie apart, by the precisions that computed them.

An error is relative: the distance of two rows of hidden states over the length of one of them. The figures
were measured; `python -m tests.bench.audits` measures them again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import cbrt, hypot

import numpy as np
from numpy.typing import NDArray

from engine.precision import Native, Precision, coarsest
from engine.wire.messages import WireEncoding

Rows = NDArray[np.float32]  # [tokens, hidden]

FEWEST_TOKENS = 8  # fewer say nothing: the first token of a text alone may be ten times as far off


@dataclass(frozen=True)
class Rounding:
    """What one precision does to a layer's output, at most, in the median of its tokens."""

    error: float  # of a single layer; it grows as the cube root of the layers
    gain: float  # |log| of the factor by which rows get longer or shorter
    of_change: float = 0.0  # beside that, from coarse weights: a share of what the layers changed


@dataclass(frozen=True)
class Bounds:
    """Beyond these, two results are not of the same computation."""

    error: float  # the median of the tokens' errors
    of_change: float  # as much more, for each token's own change
    gain: float  # the median of the logs of the rows' length ratios
    far_share: float  # of the tokens may be far off; always one may: experts that a tie's rounding chose


@dataclass(frozen=True)
class Difference:
    """Between two results, `[tokens]` values each."""

    errors: NDArray[np.float64]
    changes: NDArray[np.float64]  # what the layers did, in the result that changed less
    gains: NDArray[np.float64]


# The largest honest values seen: errors of one layer 8e-7, 1.1e-3, 1.3e-2 (with experts; else half of it);
# gains 2e-7, 2.2e-4, 1.5e-3, 4.1e-3, 3e-2; int8 and nf4 were off by 0.03 and 0.32 of what layers changed.
_ROUNDING = {
    "float32": Rounding(5e-5, 5e-5),
    "float16": Rounding(2e-3, 1e-3),
    "bfloat16": Rounding(2e-2, 8e-3),
    "int8": Rounding(5e-5, 1.2e-2, 0.1),
    "nf4": Rounding(2e-2, 1e-1, 0.5),
}
_COARSEST = _ROUNDING["nf4"]
# Of all layers together: two results that travel are rounded apart. Twice the largest errors that a row was
# seen to have (`tests.bench.crossings`).
_ON_THE_WIRE: Mapping[WireEncoding, Rounding] = {
    "float32": Rounding(0.0, 0.0),
    "float16": Rounding(1e-3, 1e-4),
    "bfloat16": Rounding(6e-3, 6e-4),
    "int8": Rounding(1e-2, 1e-3),
}
_FAR, _FARTHEST = 10, 0.7  # times the bound; what has nothing to do with the true result is off by more
_FAR_OF_CHANGE = 3
_FAR_SHARE = {"float32": 0.01}
_COARSE_FAR_SHARE = 0.05


def taking_part(native: Native, kept: Sequence[Precision]) -> tuple[str, ...]:
    """What counts of one server: in which it computes, and the coarsest in which it keeps one of its layers.

    A single coarse layer may change more than all others together, so that the share of coarse ones says
    too little to allow less.
    """
    return tuple(dict.fromkeys((coarsest(kept), native)))


def bounds_of(precisions: Iterable[str], layers: int, wire: WireEncoding = "float32") -> Bounds:
    """For two results of so many layers that travelled in one encoding; `precisions` are the announced ones
    of all that took part. Both took the very same numbers, however those had travelled.
    """
    names = list(precisions)
    roundings = [_ROUNDING.get(name, _COARSEST) for name in names]
    on_the_wire = _ON_THE_WIRE[wire]
    return Bounds(
        error=hypot(cbrt(layers) * hypot(*(rounding.error for rounding in roundings)), on_the_wire.error),
        of_change=hypot(*(rounding.of_change for rounding in roundings)),
        gain=hypot(*(rounding.gain for rounding in roundings), on_the_wire.gain),
        far_share=max(_FAR_SHARE.get(name, _COARSE_FAR_SHARE) for name in names),
    )


def difference(took: Rows, gave: Rows, other: Rows) -> Difference:
    """Of two results of the same hidden states, all `[tokens, hidden]`."""
    ours, theirs = (np.maximum(_lengths(rows), np.finfo(np.float32).tiny) for rows in (gave, other))
    longer, shorter = np.maximum(ours, theirs), np.minimum(ours, theirs)
    return Difference(
        errors=_lengths(gave - other) / longer,
        changes=np.minimum(_lengths(gave - took), _lengths(other - took)) / longer,
        gains=np.sign(ours - theirs) * np.log(longer / shorter),
    )


def _lengths(rows: Rows) -> NDArray[np.float64]:
    lengths: NDArray[np.float64] = np.linalg.norm(rows.astype(np.float64), axis=1)
    return lengths


def agrees(found: Difference, bounds: Bounds) -> bool:
    """Whether the two can be honest results of the same layers."""
    allowed = np.hypot(bounds.error, bounds.of_change * found.changes)
    far = np.hypot(
        np.clip(_FAR * bounds.error, None, _FARTHEST), _FAR_OF_CHANGE * bounds.of_change * found.changes
    )
    return (
        float(np.median(found.errors / allowed)) <= 1
        and abs(float(np.median(found.gains))) <= bounds.gain
        and int((found.errors > far).sum()) <= max(1, bounds.far_share * len(far))
    )
