"""A plan in sentences for people: pure."""

from collections.abc import Iterable, Sequence

from engine.api.sentences import counted, said
from engine.layer_ranges import LayerRange
from engine.layer_ranges import in_words as layers_in_words
from engine.planning.filling import Filling
from engine.planning.memory import least_tokens, plan_memory, short_chat_bytes
from engine.planning.models import ModelShape
from engine.planning.offers import MOST_SECONDS, Way, allowed
from engine.planning.places import Place
from engine.precision import in_words
from engine.settings import HostSettings


def what(shape: ModelShape, start: int, end: int, precisions: str) -> str:
    """“Layers 33–56 of 80 of X in nf4”."""
    if end - start == shape.n_layers:
        return said(
            "All {layers} layers of {model} in {precisions}",
            layers=shape.n_layers,
            model=shape.name,
            precisions=precisions,
        )
    return counted(
        "Layer {range} of {n_layers} of {model} in {precisions}",
        "Layers {range} of {n_layers} of {model} in {precisions}",
        n=end - start,
        range=layers_in_words([(start, end)]),
        n_layers=shape.n_layers,
        model=shape.name,
        precisions=precisions,
    )


def why(place: Place, shape: ModelShape, start: int, filling: Filling, reason: str, way: Way) -> str:
    """One sentence. `reason`: why these layers."""
    layers = len(filling.precisions)
    taken = what(shape, start, start + layers, in_words(filling.precisions))
    is_most = layers == way.longest[start] and start + layers < shape.n_layers
    limit = _limit(place, filling, way.fitting[start] > layers) if is_most else _size(place, filling)
    return said("{what}: {reason}, and {limit}.", what=taken, reason=reason, limit=limit)


def _limit(place: Place, filling: Filling, would_fit: bool) -> str:
    layers = len(filling.precisions)
    if would_fit:
        return counted(
            "{n} layer is what {device} computes in {seconds:number} seconds for each token",
            "{n} layers are what {device} computes in {seconds:number} seconds for each token",
            n=layers,
            device=place.name,
            seconds=MOST_SECONDS,
        )
    return counted(
        "{n} layer is what fits with {cache:bytes} of cache into the {room:bytes} that may be used on "
        "{device}",
        "{n} layers are what fits with {cache:bytes} of cache into the {room:bytes} that may be used on "
        "{device}",
        n=layers,
        cache=filling.memory.cache,
        room=place.budget,
        device=place.name,
    )


def _size(place: Place, filling: Filling) -> str:
    return said(
        "{weights:bytes} of weights with {cache:bytes} of cache fit into the {room:bytes} that may be used "
        "on {device}",
        weights=filling.memory.weights,
        cache=filling.memory.cache,
        room=place.budget,
        device=place.name,
    )


def regret(place: Place, shape: ModelShape, wishes: HostSettings, layers: LayerRange | None) -> str:
    """Why the wanted layers do not fit, or not a single one. One sentence."""
    precision = next(iter(allowed(place, shape, wishes)), None)
    if precision is None:
        return said(
            "{device} cannot keep weights in {precision}: choose another precision.",
            device=place.name,
            precision=wishes.precision,
        )
    start, end = layers or _smallest(shape)
    least = short_chat_bytes(shape, shape.layers[start:end], place.precision)
    if wishes.cache_bytes is not None and wishes.cache_bytes < least:
        return said(
            "A cache of {cache:bytes} holds no chat with {model}: allow {least:bytes} or more.",
            cache=wishes.cache_bytes,
            model=shape.name,
            least=1.05 * least,  # whatever is rounded off
        )
    wanted = plan_memory(
        place, shape, start, (precision,) * (end - start), least_tokens(shape), wishes.cache_bytes
    )
    return said(
        "{what}: {needed:bytes} needed, {room:bytes} may be used on {device}; {advice}.",
        what=_no_fit(shape, wanted=layers is not None),
        needed=wanted.total,
        room=place.budget,
        device=place.name_and_holder,
        advice=_advice(is_limit=place.budget == wishes.memory_of(place.key)),
    )


def _no_fit(shape: ModelShape, wanted: bool) -> str:
    if wanted:
        return said("The layers you chose do not fit into memory")
    return said("Not even one layer of {model} fits into memory", model=shape.name)


def _advice(is_limit: bool) -> str:
    return said("allow more") if is_limit else said("close other programs")


def no_room(models: Iterable[ModelShape]) -> str:
    """Why what fits into memory is not served either."""
    layer = min((layer for shape in models for layer in shape.layers), key=lambda layer: layer.stored_bytes)
    return said(
        "The disk has no room for a layer, which takes {size:bytes} at least: free some space, or raise the "
        "limit with `potluck-engine layers limit`.",
        size=layer.stored_bytes,
    )


def _smallest(shape: ModelShape) -> LayerRange:
    at = min(range(shape.n_layers), key=lambda index: shape.layers[index].values)
    return at, at + 1


def left_alone(in_use: Sequence[str]) -> str:
    """Why the CPU does nothing."""
    return said(
        "The CPU is left alone, because {device} serves: it would be slower, and chats need it.",
        device=in_use[0],
    )


def served_elsewhere(device: str) -> str:
    return said("The layers you chose are served on {device} already.", device=device)
