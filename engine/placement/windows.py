"""Which spans of an offer are looked at."""

from dataclasses import dataclass

import numpy as np

from engine.layer_ranges import ranges_of
from engine.placement.spans import Floats, Ints
from engine.placement.view import Offer

SHORTER = (2, 4)


@dataclass(frozen=True)
class Windows:
    """All `[window]`."""

    start: Ints
    end: Ints
    missing_bytes: Floats


def windows_of(offer: Offer) -> Windows:
    """The longest from each first layer that are not part of longer ones, some that take less time to fetch,
    and those that are in the store."""
    found = {*_longest(offer), *_shorter(offer), *_stored(offer)}
    start, end = np.array(sorted(found), dtype=np.int64).reshape(-1, 2).T
    before = np.concatenate([[0.0], np.cumsum(np.array(offer.missing_bytes, dtype=float))])
    return Windows(start, end, before[end] - before[start])


def _longest(offer: Offer) -> list[tuple[int, int]]:
    found, furthest = [], 0
    for start, layers in enumerate(offer.longest):
        if layers > 0 and start + layers > furthest:
            furthest = start + layers
            found.append((start, furthest))
    return found


def _shorter(offer: Offer) -> list[tuple[int, int]]:
    """Of a half and a quarter of the longest's layers, half across each other."""
    lengths = {max(offer.longest) // parts for parts in SHORTER} - {0}
    return [
        (start, start + layers)
        for layers in lengths
        for start in range(0, offer.n_layers - layers + 1, max(1, layers // 2))
        if layers <= offer.longest[start]
    ]


def _stored(offer: Offer) -> list[tuple[int, int]]:
    stored = (layer for layer, missing in enumerate(offer.missing_bytes) if not missing)
    return [(start, end) for start, end in ranges_of(stored) if end - start <= offer.longest[start]]
