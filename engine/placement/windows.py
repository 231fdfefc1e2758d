"""Which spans of an offer are looked at."""

from dataclasses import dataclass

import numpy as np

from engine.layer_ranges import ranges_of
from engine.placement.spans import Floats, Ints
from engine.placement.view import Offer


@dataclass(frozen=True)
class Windows:
    """All `[window]`."""

    start: Ints
    end: Ints
    missing_bytes: Floats


def windows_of(offer: Offer) -> Windows:
    """The longest from each first layer that are not part of longer ones, and those that are in the store."""
    start, end = np.array(sorted({*_longest(offer), *_stored(offer)}), dtype=np.int64).reshape(-1, 2).T
    before = np.concatenate([[0.0], np.cumsum(np.array(offer.missing_bytes, dtype=float))])
    return Windows(start, end, before[end] - before[start])


def _longest(offer: Offer) -> list[tuple[int, int]]:
    found, furthest = [], 0
    for start, layers in enumerate(offer.longest):
        if layers > 0 and start + layers > furthest:
            furthest = start + layers
            found.append((start, furthest))
    return found


def _stored(offer: Offer) -> list[tuple[int, int]]:
    stored = (layer for layer, missing in enumerate(offer.missing_bytes) if not missing)
    return [(start, end) for start, end in ranges_of(stored) if end - start <= offer.longest[start]]
