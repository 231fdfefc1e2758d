"""Which layers of servers are fine enough for a client that demands a floor of their precision. Pure."""

from collections.abc import Iterable, Iterator

from engine.layer_ranges import LayerRange, ranges_of
from engine.precision import PRECISIONS, Precision, at_least, coarsest, runs_of
from engine.wire.records import SpanRecord


def fine_enough(servers: Iterable[SpanRecord], floor: Precision) -> list[SpanRecord]:
    """The servers' runs of layers that are kept, and computed, in `floor` or finer.

    A server stands there once for each of its runs, with its speed as it is for that many layers.
    """
    if floor == PRECISIONS[0]:
        return list(servers)
    return [_cut(server, *run) for server in servers for run in _fine_runs(server, floor)]


def precisions_among(servers: Iterable[SpanRecord], parts: Iterable[LayerRange]) -> tuple[Precision, ...]:
    """In which these layers are served, the coarsest first."""
    layers = {layer for part in parts for layer in range(*part)}
    found = {
        precision
        for server in servers
        if server.usable
        for layer, precision in _effective(server)
        if layer in layers
    }
    return tuple(sorted(found, key=PRECISIONS.index))


def _fine_runs(server: SpanRecord, floor: Precision) -> tuple[LayerRange, ...]:
    return ranges_of(layer for layer, precision in _effective(server) if at_least(precision, floor))


def _effective(server: SpanRecord) -> Iterator[tuple[int, Precision]]:
    """Each layer's precision; of what it is kept in and what it is computed in, the coarser one."""
    for layer, kept in enumerate(server.precisions, server.start):
        yield layer, coarsest((kept, server.precision))


def _cut(server: SpanRecord, start: int, end: int) -> SpanRecord:
    if (start, end) == (server.start, server.end):
        return server
    share = (end - start) / (server.end - server.start)
    return server.model_copy(
        update={
            "start": start,
            "end": end,
            "layer_precisions": runs_of(server.precisions_of(start, end)),
            "step_seconds": server.step_seconds * share,
            "tokens_per_s": server.tokens_per_s / share,
        }
    )
