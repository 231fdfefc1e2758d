"""How much memory serving takes: upper bounds in bytes, term by term. Pure.

Weights, the scales of quantization included; the cache for a stated number of tokens; what the largest
forward takes beside them (`activations`); what loading takes beyond the weights; and what a device's
libraries take for themselves.
"""

from collections.abc import Collection, Sequence
from itertools import accumulate
from math import inf

from engine.host.budget import BLOCK_TOKENS
from engine.machine.speeds import MANY_SESSIONS
from engine.planning.activations import LARGEST_MATRIX, activation_bytes, captured_bytes
from engine.planning.models import LayerSize, ModelShape
from engine.planning.places import Place
from engine.planning.plans import MemoryPlan
from engine.planning.weights import BYTES, weights_bytes
from engine.precision import Native, Precision

# The cache holds eight sessions of up to 4,096 tokens, which are half-way on average: they share one pool,
# and each takes room as it grows.
SESSIONS = 8
SESSION_TOKENS = 4096
SHORT_CHAT = 512  # tokens: less than that, no cache should hold, whatever its owner wants
MOST_SESSIONS = 64  # where much memory is left over: as many as share one forward ...
MOST_IN_MAIN_MEMORY = 16  # ... but few on a CPU, which more do not make faster, and whose memory others want

CAPTURED_SHARE = 16  # captured decode ticks take at most one of so many parts of the room for layers
LAYERS_AT_ONCE = 2  # that are being loaded
PIECE_VALUES, PIECE_BYTES = 1 << 20, 24  # that are quantized at once, and of each of them in all its forms
PLAIN_BYTES = 12  # of each number in no matrix of such a layer: in pieces, in one, and cast


def plan_memory(
    place: Place,
    shape: ModelShape,
    start: int,
    precisions: Sequence[Precision],
    cache_tokens: int,
    cache_bytes: int | None = None,
) -> MemoryPlan:
    """Of layers from `start` on. `cache_bytes`: what the owner wants, instead of so many tokens."""
    layers = shape.layers[start : start + len(precisions)]
    native = place.precision
    cache = cache_bytes or max(1, cache_tokens * token_bytes(layers, native))
    return MemoryPlan(
        budget=place.budget,
        reserve=place.reserve,
        weights=sum(weights_bytes(p, layer, native) for p, layer in zip(precisions, layers, strict=True)),
        cache=cache,
        activations=_activations(shape, place, precisions, cache_tokens),
        captured=_captured(shape, place, precisions),
        loading=loading_bytes(shape, place, precisions),
        runtime=place.runtime,
        resting=min(place.resting, cache),
    )


def _activations(
    shape: ModelShape, place: Place, precisions: Collection[Precision], cache_tokens: int
) -> int:
    quantized = _is_quantized(place, precisions)
    forward = activation_bytes(shape, place.precision, place.fuses_attention, cache_tokens, quantized)
    return forward + _captured(shape, place, precisions)


def _captured(shape: ModelShape, place: Place, precisions: Collection[Precision]) -> int:
    """Nothing where layers would have to give way to it."""
    if not place.captures:
        return 0
    wanted = captured_bytes(shape, place.precision, _is_quantized(place, precisions))
    return wanted if wanted <= place.room // CAPTURED_SHARE else 0


def _is_quantized(place: Place, precisions: Collection[Precision]) -> bool:
    return any(precision != place.precision for precision in precisions)


# --- the cache


def token_bytes(layers: Sequence[LayerSize], native: Native) -> int:
    """That these layers keep of each token."""
    return sum(layer.cache_values for layer in layers) * BYTES[native]


def short_chat_bytes(shape: ModelShape, layers: Sequence[LayerSize], native: Native) -> int:
    """The least that a cache of these layers should have."""
    return _blocks(min(shape.context, SHORT_CHAT)) * token_bytes(layers, native)


def usual_tokens(shape: ModelShape) -> int:
    session = min(shape.context, SESSION_TOKENS)
    return _blocks(max(session, SESSIONS * session // 2))


def least_tokens(shape: ModelShape) -> int:
    """Of a single session."""
    return _blocks(min(shape.context, SESSION_TOKENS))


def rows_of(shape: ModelShape, cache_tokens: int) -> int:
    """How many sessions share a forward, when as many ask as the cache has room for."""
    if not shape.batches:
        return 1
    return min(max(1, MANY_SESSIONS * cache_tokens // usual_tokens(shape)), MANY_SESSIONS)


def most_tokens(shape: ModelShape, place: Place) -> int:
    if place.is_main_memory:
        return MOST_IN_MAIN_MEMORY // SESSIONS * usual_tokens(shape)
    return max(_blocks(shape.context), MOST_SESSIONS // SESSIONS * usual_tokens(shape))


def _blocks(tokens: int) -> int:
    """The same in whole blocks."""
    return -(-tokens // BLOCK_TOKENS) * BLOCK_TOKENS


# --- loading


def loading_bytes(shape: ModelShape, place: Place, precisions: Collection[Precision]) -> int:
    """What was read of a layer, and its largest matrix once more, while it is laid out.

    Of a layer that is quantized, only some rows at a time, and what lies in no matrix: as it comes, and cast.
    """
    return LAYERS_AT_ONCE * max(
        (_loading(layer, precision, place) for layer in shape.sizes for precision in set(precisions)),
        default=0,
    )


def _loading(layer: LayerSize, precision: Precision, place: Place) -> int:
    if precision != place.precision:
        plain = (layer.values - layer.matrix_values) * PLAIN_BYTES
        return plain + min(PIECE_VALUES, layer.matrix_values) * PIECE_BYTES
    read = layer.stored_bytes if place.is_main_memory else 0
    return read + int(LARGEST_MATRIX * weights_bytes(precision, layer, place.precision))


# --- how many layers fit


def longest(
    place: Place, shape: ModelShape, precision: Precision, cache_tokens: int, cache_bytes: int | None = None
) -> tuple[int, ...]:
    """For each first layer, how many in a row fit, all of them in one precision.

    `cache_bytes`: what the owner wants, for however many tokens that may be, if it holds a short chat.
    """
    native = place.precision
    keys = shape.context if cache_bytes else cache_tokens
    activations = _activations(shape, place, (precision,), keys)
    weights = [weights_bytes(precision, layer, native) for layer in shape.layers]
    caches = [0 if cache_bytes else cache_tokens * token_bytes((layer,), native) for layer in shape.layers]
    loaded = list(accumulate(weights, initial=0))
    served = list(accumulate((w + c for w, c in zip(weights, caches, strict=True)), initial=0))
    while_loading = place.room - loading_bytes(shape, place, (precision,))
    while_serving = place.room - activations - (cache_bytes or 1)
    short = list(accumulate((short_chat_bytes(shape, (layer,), native) for layer in shape.layers), initial=0))
    return reaches((loaded, while_loading), (served, while_serving), (short, cache_bytes or inf))


def reaches(*bounds: tuple[Sequence[float], float]) -> tuple[int, ...]:
    """From running sums and what they may grow by: how many layers from each on stay within all bounds."""
    found, end = [], 0
    last = len(bounds[0][0]) - 1
    for start in range(last):
        end = max(end, start)
        while end < last and all(sums[end + 1] - sums[start] <= room for sums, room in bounds):
            end += 1
        found.append(end - start)
    return tuple(found)
