"""Half-open ranges of layers: what they leave open, and how people are told of them."""

from collections import Counter
from collections.abc import Iterable

LayerRange = tuple[int, int]
Depth = tuple[tuple[int, int, int], ...]  # start, end, how many ranges hold these layers


def gaps(ranges: Iterable[LayerRange], start: int, end: int) -> tuple[LayerRange, ...]:
    """The parts of [start, end) that `ranges`, in any order and overlapping, leave open."""
    open_parts, at = [], start
    for a, b in sorted(ranges):
        if a >= end or at >= end:
            break
        if a > at:
            open_parts.append((at, a))
        at = max(at, b)
    if at < end:
        open_parts.append((at, end))
    return tuple(open_parts)


def depth_of(ranges: Iterable[LayerRange], n_layers: int) -> Depth:
    """How many of `ranges` hold each layer of [0, n_layers), in runs that follow each other."""
    inside = [(max(0, a), min(b, n_layers)) for a, b in ranges]
    changes = Counter(a for a, b in inside if a < b)
    changes.subtract(b for a, b in inside if a < b)
    runs, at, depth = list[tuple[int, int, int]](), 0, 0
    for border in sorted({*changes, n_layers}):
        if border > at and runs and runs[-1][2] == depth:
            runs[-1] = (runs[-1][0], border, depth)
        elif border > at:
            runs.append((at, border, depth))
        at, depth = max(at, border), depth + changes[border]
    return tuple(runs)


def ranges_of(layers: Iterable[int]) -> tuple[LayerRange, ...]:
    """Layers by index, in rising order, as ranges."""
    ranges: list[LayerRange] = []
    for layer in layers:
        if ranges and ranges[-1][1] == layer:
            ranges[-1] = (ranges[-1][0], layer + 1)
        else:
            ranges.append((layer, layer + 1))
    return tuple(ranges)


def in_words(ranges: Iterable[LayerRange]) -> str:
    """Counted from one, both ends included: `4–6, 9`."""
    return ", ".join(f"{a + 1}–{b}" if b - a > 1 else f"{b}" for a, b in ranges)
