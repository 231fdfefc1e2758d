"""The most tokens/s of a placement, by another algorithm than the engine's: augmenting paths, and halving."""

from collections import deque
from collections.abc import Sequence

from engine.placement.view import Server

HALVINGS = 60


def most_tokens_per_s(servers: Sequence[Server], n_layers: int) -> float:
    low, high = 0.0, sum(server.layer_tokens_per_s for server in servers) / n_layers
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        wanted = middle * n_layers
        is_possible = flow(servers, n_layers, middle) >= wanted * (1 - 1e-9)
        low, high = (middle, high) if is_possible else (low, middle)
    return low


def flow(servers: Sequence[Server], n_layers: int, tokens_per_s: float) -> float:
    """From the servers' rates to layers that each take so much.

    Source: Edmonds and Karp 1972, "Theoretical improvements in algorithmic efficiency for network flow
    problems".
    """
    source, sink = "source", "sink"
    left: dict[object, dict[object, float]] = {source: {}, sink: {}}

    def add(a: object, b: object, capacity: float) -> None:
        left.setdefault(a, {})[b] = capacity
        left.setdefault(b, {})[a] = 0.0

    for server in servers:
        add(source, server.peer, server.layer_tokens_per_s)
        for layer in range(server.start, server.end):
            add(server.peer, layer, server.layer_tokens_per_s)
    for layer in range(n_layers):
        add(layer, sink, tokens_per_s)
    total = 0.0
    while path := _shortest(left, source, sink):
        amount = min(left[a][b] for a, b in path)
        for a, b in path:
            left[a][b] -= amount
            left[b][a] += amount
        total += amount
    return total


def _shortest(
    left: dict[object, dict[object, float]], source: object, sink: object
) -> list[tuple[object, object]]:
    """By number of steps, over what has capacity left; empty if there is none."""
    before: dict[object, object] = {source: source}
    waiting = deque([source])
    while waiting and sink not in before:
        node = waiting.popleft()
        for other, capacity in left[node].items():
            if capacity > 1e-9 and other not in before:
                before[other] = node
                waiting.append(other)
    path, node = [], sink
    while node in before and node != source:
        path.append((before[node], node))
        node = before[node]
    return path
