"""Cheap looks at every step: microseconds. What looks odd is no proof; it only makes an audit happen at once.

That outputs have the right shape and are finite is seen before, where they are read (`engine.wire`).
"""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.audit.tolerance import Rows

REMEMBERED_ROWS = 4096  # of one server
REMEMBERED_SERVERS = 64
REMEMBERED_SPANS = 256
ENOUGH_SAMPLES = 64
CONFIRMED_AT_ONCE = 256
ENOUGH_PEERS = 2  # beside the one that is looked at
_PER_PEER = 256
_CONFIRMED = 1024
_TAIL = 0.005
_MARGIN = 5.0  # standard deviations beyond the tails
_FINGERPRINT = 16  # bytes: four numbers of a row, which agree by chance never


class Span(NamedTuple):
    model: str
    start: int
    end: int


class Size(NamedTuple):
    """How hidden states look from outside; each `[tokens]`."""

    log_rms: NDArray[np.float64]
    cosine: NDArray[np.float64]  # between what went in and what came out

    @classmethod
    def of(cls, took: Rows, gave: Rows) -> "Size":
        into, out = (np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64)) for rows in (took, gave))
        tiny = np.finfo(np.float32).tiny
        along = np.einsum("ij,ij->i", took, gave, dtype=np.float64) / np.maximum(into * out, tiny)
        return cls(np.log(np.maximum(out, tiny) / np.sqrt(gave.shape[1])), along)


class Stale:
    """Outputs that were given before, for something else."""

    def __init__(self, limit: int = REMEMBERED_ROWS) -> None:
        self._limit = limit
        self._seen: OrderedDict[bytes, bytes] = OrderedDict()  # output -> input, the oldest first

    def repeats(self, took: Rows, gave: Rows) -> bool:
        """Whether one of these outputs has been seen for another input; they are remembered."""
        pairs = list(zip(_fingerprints(gave), _fingerprints(took), strict=True))
        repeated = any(self._seen.get(out, into) != into for out, into in pairs)
        self._seen.update(pairs)
        while len(self._seen) > self._limit:
            self._seen.popitem(last=False)
        return repeated


def _fingerprints(rows: Rows) -> list[bytes]:
    return [row[: _FINGERPRINT // row.itemsize].tobytes() for row in rows]


@dataclass
class _Seen:
    """Samples of one span's outputs: `[log_rms, cosine]` each."""

    confirmed: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=_CONFIRMED))
    by_peer: dict[str, deque[tuple[float, float]]] = field(default_factory=dict)  # who gave last stands last

    def of(self, peer: str) -> deque[tuple[float, float]]:
        """To add to; of too many servers those are forgotten that gave nothing for the longest time."""
        samples = self.by_peer.pop(peer, None) or deque(maxlen=_PER_PEER)
        self.by_peer[peer] = samples
        while len(self.by_peer) > REMEMBERED_SERVERS:
            del self.by_peer[next(iter(self.by_peer))]
        return samples

    def reference(self, peer: str) -> NDArray[np.float64] | None:
        """What audits confirmed, and what others than `peer` gave, if that is enough to judge by."""
        others = [samples for other, samples in self.by_peer.items() if other != peer]
        if len(self.confirmed) < ENOUGH_SAMPLES and len(others) < ENOUGH_PEERS:
            return None
        samples = [*self.confirmed, *(sample for one in others for sample in one)]
        return np.array(samples) if len(samples) >= ENOUGH_SAMPLES else None


class Sizes:
    """What outputs of each span usually look like."""

    def __init__(self) -> None:
        self._seen: dict[Span, _Seen] = {}  # what was seen last stands last
        self._limits: dict[tuple[Span, str], tuple[int, NDArray[np.float64] | None]] = {}
        self._fresh = 0

    def is_odd(self, span: Span, peer: str, size: Size) -> bool:
        """Whether the step's middle row lies outside of what is usual."""
        limits = self._limits_for(span, peer)
        middle = _middle(size)
        return limits is not None and bool(((middle < limits[0]) | (middle > limits[1])).any())

    def learn(self, span: Span, peer: str, size: Size) -> None:
        """From a server's step; a server's own steps say nothing about itself."""
        self._seen_of(span).of(peer).append(_sample(_middle(size)))
        self._fresh += 1

    def confirm(self, span: Span, size: Size) -> None:
        """From outputs that an audit found right."""
        self._seen_of(span).confirmed.extend(_sample(row) for row in np.stack(size, axis=1))
        self._limits.clear()

    def forget(self, peer: str) -> None:
        """What a liar gave is no measure for others."""
        for seen in self._seen.values():
            seen.by_peer.pop(peer, None)
        self._limits.clear()

    def _seen_of(self, span: Span) -> _Seen:
        """To add to: servers come and go with spans of their own choice."""
        seen = self._seen.pop(span, None) or _Seen()
        self._seen[span] = seen
        while len(self._seen) > REMEMBERED_SPANS:
            del self._seen[next(iter(self._seen))]
        return seen

    def _limits_for(self, span: Span, peer: str) -> NDArray[np.float64] | None:
        """`[low and high, features]`, made anew every so many samples."""
        made_at, limits = self._limits.get((span, peer), (-ENOUGH_SAMPLES, None))
        if self._fresh - made_at >= ENOUGH_SAMPLES or (span, peer) not in self._limits:
            seen = self._seen.get(span)
            reference = None if seen is None else seen.reference(peer)
            limits = None if reference is None else _usual(reference)
            if len(self._limits) >= REMEMBERED_SERVERS:
                self._limits.clear()  # they are only made anew
            self._limits[span, peer] = self._fresh, limits
        return limits


def _usual(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    low, tenth, ninth, high = np.quantile(samples, [_TAIL, 0.1, 0.9, 1 - _TAIL], axis=0)
    deviation = (ninth - tenth) / 2.56  # of a normal distribution
    return np.stack([low - _MARGIN * deviation, high + _MARGIN * deviation])


def _middle(size: Size) -> NDArray[np.float64]:
    if len(size.log_rms) == 1:
        return np.array([size.log_rms[0], size.cosine[0]])
    return np.median(size, axis=1)


def _sample(middle: NDArray[np.float64]) -> tuple[float, float]:
    return float(middle[0]), float(middle[1])


class StepChecks:
    """All cheap checks, for all sessions of this computer."""

    def __init__(self) -> None:
        self._stale: OrderedDict[tuple[str, Span], Stale] = OrderedDict()
        self.sizes = Sizes()

    def oddity(self, span: Span, peer: str, position: int, took: Rows, gave: Rows) -> str | None:
        """What is odd about a step, in a word; None if nothing is. The step is learned from."""
        if self._stale_of(peer, span).repeats(took, gave):
            return "repeated"
        if position == 0 and len(gave) == 1:
            return None  # a text's first token alone: often many times as large as all others
        size = Size.of(took, gave)
        if self.sizes.is_odd(span, peer, size):
            return "size"
        self.sizes.learn(span, peer, size)
        return None

    def confirm(self, span: Span, took: Rows, gave: Rows) -> None:
        """Outputs that an audit found right: some of them, without the first, which may be a text's."""
        every = max(1, len(gave) // CONFIRMED_AT_ONCE)
        self.sizes.confirm(span, Size.of(took[1::every], gave[1::every]))

    def _stale_of(self, peer: str, span: Span) -> Stale:
        known = self._stale.setdefault((peer, span), Stale())
        self._stale.move_to_end((peer, span))
        while len(self._stale) > REMEMBERED_SERVERS:
            self._stale.popitem(last=False)
        return known
