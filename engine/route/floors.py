"""Which layers of servers are fine enough for a client that demands a floor of their precision. Pure."""

from collections.abc import Iterable

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


def effective(server: SpanRecord, start: int, end: int) -> tuple[Precision, ...]:
    """Of its layers [start, end): what each is kept in or what it is computed in, whichever is coarser."""
    return tuple(coarsest((kept, server.precision)) for kept in server.precisions_of(start, end))


def precisions_among(servers: Iterable[SpanRecord], parts: Iterable[LayerRange]) -> tuple[Precision, ...]:
    """In which these layers are served, the coarsest first."""
    layers = {layer for part in parts for layer in range(*part)}
    found = {
        precision
        for server in servers
        if server.usable
        for layer, precision in _by_layer(server)
        if layer in layers
    }
    return tuple(sorted(found, key=PRECISIONS.index))


def _fine_runs(server: SpanRecord, floor: Precision) -> tuple[LayerRange, ...]:
    return ranges_of(layer for layer, precision in _by_layer(server) if at_least(precision, floor))


def _by_layer(server: SpanRecord) -> Iterable[tuple[int, Precision]]:
    return enumerate(effective(server, server.start, server.end), server.start)


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
