"""What the Swarm page says. Pure."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from desktop.figures import decimal
from desktop.swarm.rows import coverage, layers_with
from engine.api.doctor_schema import Reach
from engine.api.map_schema import MapModel, MapServer, MapState
from engine.api.schema import SwarmStatus
from engine.layer_ranges import LayerRange, in_words
from engine.precision import in_words as precision_in_words
from engine.precision import per_layer

translate = QCoreApplication.translate


# --- the map


def peer_of(server: MapServer) -> str:
    return translate("Swarm", "this computer") if server.own else f"…{server.peer[-8:]}"


def state_of(state: MapState) -> str:
    return {
        MapState.CHOOSING: translate("Swarm", "choosing"),
        MapState.JOINING: translate("Swarm", "joining"),
        MapState.ONLINE: translate("Swarm", "online"),
        MapState.DRAINING: translate("Swarm", "leaving"),
    }[state]


def layers_of(server: MapServer) -> str:
    return in_words([(server.start, server.end)])


def precision_of(server: MapServer) -> str:
    return precision_in_words(per_layer(server.precisions)) if server.precisions else ""


def speed_of(server: MapServer) -> str:
    if not server.tokens_per_s:
        return ""
    digits = 0 if server.tokens_per_s >= 10 else 1
    return translate("Swarm", "{rate} tokens/s").format(rate=decimal(server.tokens_per_s, digits))


def load_of(server: MapServer) -> str:
    if server.state is not MapState.ONLINE:
        return ""
    return translate("Swarm", "{percent} % busy").format(percent=f"{100 * server.busy:.0f}")


def distance_of(server: MapServer) -> str:
    if server.own or server.round_trip is None:
        return ""
    return translate("Swarm", "{count} ms").format(count=f"{1000 * server.round_trip:.0f}")


def server_in_words(server: MapServer) -> str:
    """All that the map knows of one server."""
    parts = [
        _layers_in_words(server),
        precision_of(server),
        speed_of(server),
        load_of(server),
        _waiting(server),
        _round_trip(server),
        translate("Swarm", "protocol {version}").format(version=server.protocol),
    ]
    return " · ".join(part for part in parts if part)


def _layers_in_words(server: MapServer) -> str:
    if server.layers == 1:
        return translate("Swarm", "layer {layer}").format(layer=server.end)
    return translate("Swarm", "layers {layers}").format(layers=layers_of(server))


def _waiting(server: MapServer) -> str:
    if not server.waiting:
        return ""
    return translate("Swarm", "{count} in its queue").format(count=server.waiting)


def _round_trip(server: MapServer) -> str:
    if not distance_of(server):
        return ""
    return translate("Swarm", "{time} there and back").format(time=distance_of(server))


def coverage_of(model: MapModel) -> str:
    """Whether all layers are served, and which hang by a thread."""
    counts = coverage(model)
    if min(counts) > 0 and all(server.own for server in model.servers):
        return translate("Swarm", "This computer serves all {count} layers.").format(count=model.n_layers)
    if min(counts) == max(counts) == 1:
        return translate("Swarm", "Each of the {count} layers hangs on one server.").format(
            count=model.n_layers
        )
    sentences = (_holes(model, layers_with(counts, 0)), _thin(layers_with(counts, 1)))
    told = [sentence for sentence in sentences if sentence]
    if told:
        return " ".join(told)
    return translate("Swarm", "Each of the {count} layers has at least {least} servers.").format(
        count=model.n_layers, least=min(counts)
    )


def tone_of(model: MapModel) -> str:
    """Of the sentence on coverage."""
    least = min(coverage(model))
    alone = all(server.own for server in model.servers)
    return "problem" if least == 0 else "giving" if least > 1 or alone else "waiting"


def _holes(model: MapModel, holes: Sequence[LayerRange]) -> str:
    missing = sum(end - start for start, end in holes)
    if missing == model.n_layers:
        return translate("Swarm", "Nobody serves it now.")
    if missing == 1:
        return translate("Swarm", "Nobody serves layer {layers}.").format(layers=in_words(holes))
    if not holes:
        return ""
    return translate("Swarm", "Nobody serves layers {layers}.").format(layers=in_words(holes))


def _thin(thin: Sequence[LayerRange]) -> str:
    layers = sum(end - start for start, end in thin)
    if layers == 1:
        return translate("Swarm", "Layer {layers} hangs on one server.").format(layers=in_words(thin))
    if not thin:
        return ""
    return translate("Swarm", "Layers {layers} hang on one server each.").format(layers=in_words(thin))


def counts_of(model: MapModel) -> str:
    servers = len(model.servers)
    own = sum(server.own for server in model.servers)
    told = (
        translate("Swarm", "1 server")
        if servers == 1
        else translate("Swarm", "{count} servers").format(count=servers)
    )
    if not own:
        return told
    if own == servers:
        return translate("Swarm", "{servers}, here").format(servers=told)
    return translate("Swarm", "{servers}, {own} of them here").format(servers=told, own=own)


def described(model: MapModel) -> str:
    """The map in sentences."""
    return translate("Swarm", "{model}, {n_layers} layers, {servers}. {coverage}").format(
        model=model.name, n_layers=model.n_layers, servers=counts_of(model), coverage=coverage_of(model)
    )


# --- the link


def link_of(swarm: SwarmStatus) -> str:
    """How this computer is connected, as far as the engine can tell without asking others."""
    if swarm.private:
        return translate("Swarm", "This computer only: nobody else takes part")
    if not swarm.peer_id:
        return translate("Swarm", "Not in the swarm yet")
    told = (
        translate("Swarm", "Reached through relays")
        if swarm.addresses and all("/p2p-circuit" in address for address in swarm.addresses)
        else translate("Swarm", "Directly connected")
    )
    return translate("Swarm", "{link} · {peers}").format(link=told, peers=_peers(swarm.peers))


def _peers(count: int) -> str:
    if count == 0:
        return translate("Swarm", "no other computer yet")
    if count == 1:
        return translate("Swarm", "1 other computer")
    return translate("Swarm", "{count} other computers").format(count=count)


def reach_of(reach: Reach) -> str:
    return {
        Reach.DIRECT: translate("Swarm", "Direct"),
        Reach.RELAYED: translate("Swarm", "Through relays"),
        Reach.NOT_AT_ALL: translate("Swarm", "Not reachable"),
        Reach.PRIVATE: translate("Swarm", "This computer only"),
        Reach.UNKNOWN: translate("Swarm", "Not known"),
    }[reach]
