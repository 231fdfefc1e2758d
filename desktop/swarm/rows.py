"""What the map shows of a model's servers: their order, and how many serve each layer. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.api.map_schema import MapModel, MapServer, MapState
from engine.api.schema import AnswerReport
from engine.layer_ranges import LayerRange, depth_of, ranges_of


class Order(StrEnum):
    LAYERS = "layers"
    SPEED = "speed"
    DISTANCE = "distance"


@dataclass(frozen=True)
class Hop:
    """The layers of a server that an answer went through."""

    peer: str
    start: int
    end: int


@dataclass(frozen=True)
class Route:
    """The way of the last answer."""

    model: str = ""  # name
    hops: tuple[Hop, ...] = ()


def route_of(model: str, report: AnswerReport) -> Route:
    return Route(model, tuple(Hop(hop.peer, hop.start, hop.end) for hop in report.hops))


def routes_on(model: MapModel | None, last: Route) -> tuple[Route, ...]:
    """What is to be lit: the ways of the answers that are made now, else of the last one, if it is here."""
    if model is None:
        return ()
    running = tuple(route_of(model.name, AnswerReport(hops=hops)) for hops in model.answers)
    return running or ((last,) if last.model == model.name else ())


def ordered(servers: Iterable[MapServer], order: Order) -> tuple[MapServer, ...]:
    """Those of this computer stand above the others."""
    return tuple(sorted(servers, key=lambda server: (not server.own, _KEYS[order](server))))


_KEYS = {
    Order.LAYERS: lambda server: (server.start, -server.end, server.peer),
    Order.SPEED: lambda server: (-server.tokens_per_s, server.start, server.peer),
    Order.DISTANCE: lambda server: (_distance(server), server.start, server.peer),
}


def _distance(server: MapServer) -> float:
    """Those never measured are the farthest."""
    return float("inf") if server.round_trip is None else server.round_trip


def coverage(model: MapModel) -> tuple[int, ...]:
    """How many online servers hold each layer."""
    runs = depth_of(_online_spans(model.servers), model.n_layers)
    return tuple(depth for start, end, depth in runs for _ in range(end - start))


def layers_with(counts: Sequence[int], wanted: int) -> tuple[LayerRange, ...]:
    """The ranges of layers that exactly so many servers hold."""
    return ranges_of(layer for layer, count in enumerate(counts) if count == wanted)


def _online_spans(servers: Iterable[MapServer]) -> list[LayerRange]:
    return [(server.start, server.end) for server in servers if server.state is MapState.ONLINE]
