"""Small swarms in short words."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from engine.layer_ranges import LayerRange, ranges_of
from engine.placement.choice import ranked
from engine.placement.spans import spans_of
from engine.placement.view import Candidate, ModelView, Offer, Server, SwarmView

LAYER_BYTES = 100_000_000


def server(start: int, end: int, rate: float) -> Server:
    return Server(f"peer {start}–{end} of {rate}", start, end, float(rate))


def model(n_layers: int, *servers: Server, name: str = "M", wanted: float = 0.0) -> ModelView:
    return ModelView(name, name, n_layers, servers, wanted)


def redundancy(view: ModelView) -> tuple[int, ...]:
    """How many servers hold each layer."""
    return tuple(spans_of(view.servers, view.n_layers).holders.tolist())


def uncovered(view: ModelView) -> tuple[LayerRange, ...]:
    """Ranges of layers that nobody holds."""
    return ranges_of(layer for layer, holders in enumerate(redundancy(view)) if not holders)


def swarm(*models: ModelView) -> SwarmView:
    return SwarmView({view.digest: view for view in models})


def offer(
    n_layers: int,
    longest: int,
    rate: float,
    *,
    of: str = "M",
    held: Collection[int] = (),
    quality: float = 1.0,
    bytes_per_s: float = 1e9,
) -> Offer:
    return Offer(
        model=of,
        n_layers=n_layers,
        longest=tuple(min(longest, n_layers - start) for start in range(n_layers)),
        layer_tokens_per_s=float(rate),
        missing_bytes=tuple(0 if layer in held else LAYER_BYTES for layer in range(n_layers)),
        bytes_per_s=bytes_per_s,
        quality=quality,
    )


def serving(candidate: Candidate, peer: str) -> Server:
    return Server(peer, candidate.start, candidate.end, candidate.offer.layer_tokens_per_s)


def joined(view: SwarmView, offers: Iterable[tuple[Offer, ...]]) -> SwarmView:
    """After computers with these offers have come one after another."""
    for number, choices in enumerate(offers):
        best = ranked(view, choices)[0]
        known = view.models.get(best.offer.model) or model(best.offer.n_layers, name=best.offer.model)
        grown = replace(known, servers=(*known.servers, serving(best, f"joined {number}")))
        view = SwarmView({**view.models, known.digest: grown})
    return view
