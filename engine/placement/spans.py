"""Servers of one model as arrays, those with equal spans together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.placement.view import Server

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Spans:
    """Different spans, and what is there at each: all arrays `[span]`."""

    n_layers: int
    start: Ints
    end: Ints
    rate: Floats  # layer-tokens/s of its servers together
    count: Ints  # of its servers
    near_rate: Floats | None = None  # what counts of `rate` around a place; None: all of it

    @property
    def holders(self) -> Ints:
        """`[layer]`: how many servers hold it."""
        return np.rint(self.per_layer(self.count.astype(float))).astype(np.int64)

    def per_layer(self, of_span: Floats) -> Floats:
        """`[layer]`: the sum over the spans that contain it."""
        size = self.n_layers + 1
        steps = np.bincount(self.start, of_span, size) - np.bincount(self.end, of_span, size)
        return np.cumsum(steps)[:-1]


def spans_of(servers: Sequence[Server], n_layers: int, parts: Floats | None = None) -> Spans:
    """Servers whose span is not inside of the model are left out. `parts`: what counts around a place."""
    size = n_layers + 1
    start = np.array([s.start for s in servers], dtype=np.int64)
    end = np.array([s.end for s in servers], dtype=np.int64)
    rate = np.array([s.layer_tokens_per_s for s in servers], dtype=np.float64)
    fits = (start >= 0) & (start < end) & (end <= n_layers)
    keys, at = np.unique(start[fits] * size + end[fits], return_inverse=True)

    def together(of_server: Floats) -> Floats:
        return np.bincount(at, of_server[fits], len(keys)).astype(np.float64)

    count = np.bincount(at, minlength=len(keys))
    near_rate = None if parts is None else together(rate * parts)
    return Spans(n_layers, keys // size, keys % size, together(rate), count, near_rate)
