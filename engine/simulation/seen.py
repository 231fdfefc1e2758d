"""What computers know of each other at a moment: the directory as they see it, some seconds late.

The same as `engine.placement.reading.view_of` makes of their records, kept up to date instead of built
anew. What is usual for a model's servers is taken from all of them, the one that looks included.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from engine.placement.reading import believed, rank
from engine.placement.view import ModelView, Server, Spot, SwarmView


class SeenDirectory:
    def __init__(self, layers: Mapping[str, int], names: Mapping[str, str]) -> None:
        self._layers, self._names = layers, names
        self._servers: dict[str, dict[str, Server]] = {model: {} for model in layers}  # by model, by peer
        self._choosing: dict[str, set[str]] = {model: set() for model in layers}
        self._going: dict[str, tuple[str, Server]] = {}  # to which model, and as what, by peer
        self._model_of: dict[str, str] = {}  # by peer
        self._wanted: dict[str, float] = {}  # tokens/s, by model
        self._ready: dict[str, ModelView] = {}  # with all servers, until something changes

    def put(self, model: str, server: Server, is_firm: bool = True) -> str | None:
        """In place of what was known of this server. `is_firm`: it no longer chooses.

        The model that lacks a layer now because of that, or None.
        """
        left = self.remove(server.peer)
        self._servers[model][server.peer] = server
        if not is_firm:
            self._choosing[model].add(server.peer)
        self._model_of[server.peer] = model
        self._ready.pop(model, None)
        is_mended = left == model and covers(self._servers[model].values(), self._layers[model])
        return None if is_mended else left

    def intend(self, peer: str, place: tuple[str, Server] | None) -> None:
        """Of which model, and as what, a server that goes on as it does may serve instead; None: nothing."""
        if place is None or peer not in self._model_of:
            self._going.pop(peer, None)
        else:
            self._going[peer] = place

    def remove(self, peer: str) -> str | None:
        """The model that has lost a layer's last server with it, or None."""
        self._going.pop(peer, None)
        model = self._model_of.pop(peer, None)
        if model is None:
            return None
        servers = self._servers[model]
        was_whole = covers(servers.values(), self._layers[model])
        del servers[peer]
        self._choosing[model].discard(peer)
        self._ready.pop(model, None)
        return model if was_whole and not covers(servers.values(), self._layers[model]) else None

    def load(self, wanted: Mapping[str, float]) -> None:
        """Of models: tokens/s that clients seem to want."""
        self._wanted = dict(wanted)
        self._ready.clear()

    def view(self, peer: str, here: Spot | None = None) -> SwarmView:
        """As this computer sees it, which is `here`: without itself, and without those who choose and come
        after it. Of those who mean to move, the ones who come before it count where they go."""
        going = {
            other: (model, server)
            for other, (model, server) in self._going.items()
            if other != peer and rank(other, model) < rank(peer, model)
        }
        return SwarmView({model: self._seen_by(peer, model, going) for model in self._layers}, here)

    def _seen_by(self, peer: str, model: str, going: Mapping[str, tuple[str, Server]]) -> ModelView:
        view = self._ready.get(model)
        if view is None:
            view = self._ready[model] = self._built(model)
        ignored = {other for other in self._choosing[model] if rank(other, model) >= rank(peer, model)}
        ignored |= self._servers[model].keys() & going.keys()
        coming = tuple(server for to, server in going.values() if to == model)
        if peer not in self._servers[model] and not ignored and not coming:
            return view
        stay = (server for server in view.servers if server.peer != peer and server.peer not in ignored)
        return replace(view, servers=(*stay, *coming))

    def _built(self, model: str) -> ModelView:
        servers = tuple(self._servers[model].values())
        rates = believed([server.layer_tokens_per_s for server in servers])
        return ModelView(
            digest=model,
            name=self._names[model],
            n_layers=self._layers[model],
            servers=tuple(
                server._replace(layer_tokens_per_s=rate) if rate != server.layer_tokens_per_s else server
                for server, rate in zip(servers, rates, strict=True)
            ),
            wanted_tokens_per_s=self._wanted.get(model, 0.0),
        )


def covers(servers: Iterable[Server], n_layers: int) -> bool:
    """Whether each of the layers has a server."""
    reached = 0
    for start, end in sorted((server.start, server.end) for server in servers):
        if start > reached:
            return False
        reached = max(reached, end)
    return reached >= n_layers
