"""A plan in sentences for people: pure."""

from collections.abc import Iterable, Sequence

from engine.byte_sizes import size_in_words
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
        return f"All {shape.n_layers} layers of {shape.name} in {precisions}"
    noun = "Layer" if end - start == 1 else "Layers"
    return f"{noun} {layers_in_words([(start, end)])} of {shape.n_layers} of {shape.name} in {precisions}"


def why(place: Place, shape: ModelShape, start: int, filling: Filling, reason: str, way: Way) -> str:
    """One sentence. `reason`: why these layers."""
    layers = len(filling.precisions)
    said = what(shape, start, start + layers, in_words(filling.precisions))
    is_most = layers == way.longest[start] and start + layers < shape.n_layers
    limit = _limit(place, filling, way.fitting[start] > layers) if is_most else _size(place, filling)
    return f"{said}: {reason}, and {limit}."


def _limit(place: Place, filling: Filling, would_fit: bool) -> str:
    layers = len(filling.precisions)
    count = f"{layers} {'layer is' if layers == 1 else 'layers are'}"
    if would_fit:
        return f"{count} what {place.name} computes in {MOST_SECONDS:g} seconds for each token"
    cache = size_in_words(filling.memory.cache)
    return f"{count} what fits with {cache} of cache into {_room(place)}"


def _size(place: Place, filling: Filling) -> str:
    weights, cache = size_in_words(filling.memory.weights), size_in_words(filling.memory.cache)
    return f"{weights} of weights with {cache} of cache fit into {_room(place)}"


def _room(place: Place) -> str:
    return f"the {size_in_words(place.budget)} that may be used on {place.name}"


def regret(place: Place, shape: ModelShape, wishes: HostSettings, layers: LayerRange | None) -> str:
    """Why the wanted layers do not fit, or not a single one. One sentence."""
    precision = next(iter(allowed(place, shape, wishes)), None)
    if precision is None:
        return f"{place.name} cannot keep weights in {wishes.precision}: choose another precision."
    start, end = layers or _smallest(shape)
    least = short_chat_bytes(shape, shape.layers[start:end], place.precision)
    if wishes.cache_bytes is not None and wishes.cache_bytes < least:
        return (
            f"A cache of {size_in_words(wishes.cache_bytes)} holds no chat with {shape.name}: allow "
            f"{size_in_words(1.05 * least)} or more."  # whatever is rounded off
        )
    wanted = plan_memory(
        place, shape, start, (precision,) * (end - start), least_tokens(shape), wishes.cache_bytes
    )
    what = "The layers you chose do not fit" if layers else f"Not even one layer of {shape.name} fits"
    holder = f" ({place.holder})" if place.holder else ""
    advice = "allow more" if place.budget == wishes.memory_bytes else "close other programs"
    return (
        f"{what} into memory: {size_in_words(wanted.total)} needed, {size_in_words(place.budget)} may be "
        f"used on {place.name}{holder}; {advice}."
    )


def no_room(models: Iterable[ModelShape]) -> str:
    """Why what fits into memory is not served either."""
    layer = min((layer for shape in models for layer in shape.layers), key=lambda layer: layer.stored_bytes)
    return (
        f"The disk has no room for a layer, which takes {size_in_words(layer.stored_bytes)} at least: free "
        "some space, or raise the limit with `potluck-engine layers limit`."
    )


def _smallest(shape: ModelShape) -> LayerRange:
    at = min(range(shape.n_layers), key=lambda index: shape.layers[index].values)
    return at, at + 1


def left_alone(in_use: Sequence[str]) -> str:
    """Why the CPU does nothing."""
    return f"The CPU is left alone, because {in_use[0]} serves: it would be slower, and chats need it."


def served_elsewhere(device: str) -> str:
    return f"The layers you chose are served on {device} already."
