"""How much memory serving takes: upper bounds in bytes, term by term. Pure.

Weights, the scales of quantization included; the cache for a stated number of tokens; what the largest
forward takes beside them, from what the scheduler and the protocol allow it to be; what loading takes beyond
the weights; and what a device's libraries take for themselves.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate

from engine.host.budget import BLOCK_TOKENS
from engine.host.schedule import MAX_PADDED_TOKENS, MAX_SCORES, MAX_TEXTS_TOKENS
from engine.machine.speeds import MANY_SESSIONS
from engine.planning.models import LayerSize, ModelShape
from engine.planning.places import Place
from engine.planning.plans import MemoryPlan
from engine.planning.weights import BYTES, weights_bytes
from engine.precision import Native, Precision
from engine.wire.messages import MAX_MASK_BYTES, MAX_MASKED_TOKENS, MAX_STEP_TOKENS, text_limit

# The cache holds eight sessions of up to 4,096 tokens, which are half-way on average: they share one pool,
# and each takes room as it grows.
SESSIONS = 8
SESSION_TOKENS = 4096
MOST_SESSIONS = 64  # where much memory is left over: as many as share one forward ...
MOST_IN_MAIN_MEMORY = 16  # ... but few on a CPU, which more do not make faster, and whose memory others want

LAYERS_AT_ONCE = 2  # that are being loaded
QUANTIZED_PIECE = 100_000_000  # bytes of what is quantized at once, in all its forms
# How often a step's numbers exist at once in a layer: hidden states with their residuals and norms, and the
# outputs of all matrices together. Measured on several families by `tests/planning/test_memory_bounds.py`.
HIDDEN_COPIES, ROW_COPIES, FLOAT32_COPIES = 12, 2, 4
USUAL_ROWS = 12  # times the hidden size: outputs of all matrices of a layer, where they are not counted
SCORE_COPIES, SCORE_FLOAT32_COPIES = 3, 2
# Share of a layer's matrices that is unpacked at once: up and gate, kept as one, have down as a counterpart.
LARGEST_MATRIX = 3 / 4


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
    return MemoryPlan(
        budget=place.budget,
        reserve=place.reserve,
        weights=sum(weights_bytes(p, layer, native) for p, layer in zip(precisions, layers, strict=True)),
        cache=cache_bytes or max(1, cache_tokens * token_bytes(layers, native)),
        activations=activation_bytes(shape, native, cache_tokens, is_quantized(precisions, native)),
        loading=loading_bytes(shape, place, precisions),
        runtime=place.runtime,
    )


def is_quantized(precisions: Sequence[Precision], native: Native) -> bool:
    return any(precision != native for precision in precisions)


# --- the cache


def token_bytes(layers: Sequence[LayerSize], native: Native) -> int:
    """That these layers keep of each token."""
    return sum(layer.cache_values for layer in layers) * BYTES[native]


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
    sessions = MOST_IN_MAIN_MEMORY if place.is_main_memory else MOST_SESSIONS
    return max(
        _blocks(shape.context), sessions * usual_tokens(shape) // SESSIONS // BLOCK_TOKENS * BLOCK_TOKENS
    )


def _blocks(tokens: int) -> int:
    """The same in whole blocks."""
    return -(-tokens // BLOCK_TOKENS) * BLOCK_TOKENS


# --- the largest forward


@dataclass(frozen=True)
class _Largest:
    """What the largest forwards of a model are, counted in tokens."""

    tokens: int  # new ones, of all rows
    keys: int  # of the longest session
    padded: int  # positions that are gathered for the rows of one forward
    scores: int  # pairs of a token and a key, in one head


def activation_bytes(shape: ModelShape, native: Native, cache_tokens: int, quantized: bool) -> int:
    """Beside weights and cache, at most, in any forward that the server accepts."""
    largest = _largest(shape, cache_tokens)
    size = BYTES[native]
    numbers = HIDDEN_COPIES * shape.hidden_size + ROW_COPIES * _rows(shape) + shape.expert_values
    states = largest.tokens * (numbers * size + FLOAT32_COPIES * shape.hidden_size * 4)
    unpacked = LARGEST_MATRIX * max(layer.matrix_values for layer in shape.layers) * size if quantized else 0
    return states + _attention_bytes(shape, largest, size) + int(unpacked)


def _rows(shape: ModelShape) -> int:
    """Outputs of a layer's matrices for a token. Where there are experts, it goes through a few of them."""
    counted = max(layer.matrix_rows for layer in shape.layers)
    usual = USUAL_ROWS * shape.hidden_size
    return usual if shape.expert_values else max(counted, usual)


def _largest(shape: ModelShape, cache_tokens: int) -> _Largest:
    if shape.kind == "encoder":
        longest = min(shape.context, text_limit(shape.hidden_size))
        tokens = max(longest, MAX_TEXTS_TOKENS)
        return _Largest(tokens, longest, 0, tokens * longest)
    keys = min(shape.context, cache_tokens)
    padded = min(MOST_SESSIONS * keys, max(MAX_PADDED_TOKENS, keys))
    if shape.kind == "image_text":
        return _Largest(MAX_MASKED_TOKENS, keys, padded, min(MAX_MASKED_TOKENS * keys, MAX_MASK_BYTES))
    return _Largest(MAX_STEP_TOKENS, keys, padded, min(MAX_STEP_TOKENS * keys, max(MAX_SCORES, keys)))


def _attention_bytes(shape: ModelShape, largest: _Largest, size: int) -> int:
    """Keys and values are copied together, and once more for each head; scores and masks exist whole."""
    kept = max(layer.cache_values for layer in shape.layers)
    gathered = max(largest.padded * kept, largest.keys * (kept + 2 * shape.keys_width)) * size
    scores = largest.scores * shape.most_heads * (SCORE_COPIES * size + SCORE_FLOAT32_COPIES * 4)
    return gathered + scores


# --- loading


def loading_bytes(shape: ModelShape, place: Place, precisions: Collection[Precision]) -> int:
    """What was read of a layer, and its largest matrix once more: while it is laid out, or quantized."""
    return LAYERS_AT_ONCE * max(
        (_loading(layer, precision, place) for layer in shape.layers for precision in set(precisions)),
        default=0,
    )


def _loading(layer: LayerSize, precision: Precision, place: Place) -> int:
    read = layer.stored_bytes if place.is_main_memory else 0
    kept = weights_bytes(precision, layer, place.precision)
    return read + int(LARGEST_MATRIX * kept) + (0 if precision == place.precision else QUANTIZED_PIECE)


# --- how many layers fit


def longest(
    place: Place, shape: ModelShape, precision: Precision, cache_tokens: int, cache_bytes: int | None = None
) -> tuple[int, ...]:
    """For each first layer, how many in a row fit, all of them in one precision.

    `cache_bytes`: what the owner wants, for however many tokens that may be.
    """
    native = place.precision
    keys = shape.context if cache_bytes else cache_tokens
    activations = activation_bytes(shape, native, keys, precision != native)
    weights = [weights_bytes(precision, layer, native) for layer in shape.layers]
    caches = [0 if cache_bytes else cache_tokens * token_bytes((layer,), native) for layer in shape.layers]
    loaded = list(accumulate(weights, initial=0))
    served = list(accumulate((w + c for w, c in zip(weights, caches, strict=True)), initial=0))
    while_loading = place.room - loading_bytes(shape, place, (precision,))
    while_serving = place.room - activations - (cache_bytes or 1)
    return _reaches((loaded, while_loading), (served, while_serving))


def _reaches(*bounds: tuple[Sequence[int], int]) -> tuple[int, ...]:
    """From running sums and what they may grow by: how many layers from each on stay within all bounds."""
    found, end = [], 0
    last = len(bounds[0][0]) - 1
    for start in range(last):
        end = max(end, start)
        while end < last and all(sums[end + 1] - sums[start] <= room for sums, room in bounds):
            end += 1
        found.append(end - start)
    return tuple(found)
