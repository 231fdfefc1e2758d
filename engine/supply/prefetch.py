"""Which layers this computer may be asked for next: pure, from the directory to an order of fetching."""

from collections.abc import Collection, Sequence

Layers = tuple[int, int]  # half-open


def redundancy(spans: Sequence[Layers], n_layers: int) -> list[int]:
    """How many of these spans hold each layer."""
    count = [0] * n_layers
    for start, end in spans:
        for layer in range(max(0, start), min(end, n_layers)):
            count[layer] += 1
    return count


def next_layers(spans: Sequence[Layers], own: Layers, held: Collection[int], n_layers: int) -> list[int]:
    """The layers that are not `held`, in the order in which it pays to fetch them.

    `spans` are what all servers serve, this computer's own span among them. Whoever moves, moves to the
    layers that the fewest serve; of these, the ones next to its own span need the fewest further layers.
    """
    count = redundancy(spans, n_layers)
    wanted = (layer for layer in range(n_layers) if layer not in held)
    return sorted(wanted, key=lambda layer: (count[layer], _distance(layer, own), layer))


def _distance(layer: int, span: Layers) -> int:
    start, end = span
    return max(start - layer, layer - (end - 1), 0)
