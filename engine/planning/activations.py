"""What the largest forward of a model takes beside weights and cache: an upper bound in bytes, pure.

The scheduler and the protocol say how large a forward may be; how often its numbers exist at once was
measured on several families (`tests/planning/test_activations.py`).
"""

from dataclasses import dataclass

from engine.host.schedule import MAX_COPIED_KEYS, MAX_PADDED_TOKENS, MAX_SCORES, MAX_TEXTS_TOKENS
from engine.host.tick_sizes import MAX_CAPTURED_ROWS, MOST_GRAPHS
from engine.planning.models import ModelShape
from engine.planning.weights import BYTES
from engine.precision import Native
from engine.wire.messages import MAX_MASK_BYTES, MAX_MASKED_TOKENS, MAX_STEP_TOKENS, text_limit

MAX_ROWS = 64  # of a forward of single tokens
# How often they exist at once: hidden states, with residuals and norms; the outputs of a layer's matrices;
# norms in float32; scores, and the same in float32 for the softmax.
HIDDEN_COPIES, ROW_COPIES, FLOAT32_COPIES = 12, 1.5, 4
SCORE_COPIES, SCORE_FLOAT32_COPIES = 2, 2
USUAL_ROWS = 12  # times the hidden size: outputs of all matrices of a layer, where they are not counted
MASKS, MASK_COPIES = 4, 2  # of a token and a key: as truth values, and as numbers that are added
# Of a captured tick: slots of its keys, in whole numbers of 8 bytes, with truth values beside them; how much
# larger than its tensors its memory is, which ticks of several sizes share; and what the operations of each
# take of the driver (assumed: what they do take is seen, and kept within the sum).
SLOT_BYTES = 48
SHARED_POOL = 1.5
GRAPH_BYTES = 4 << 20
# Share of a layer's matrices that is unpacked at once: up and gate, kept as one, have down as a counterpart.
LARGEST_MATRIX = 3 / 4


@dataclass(frozen=True)
class _Largest:
    """What the largest forwards of a model are, counted in tokens."""

    tokens: int  # new ones, of all rows
    keys: int  # of the longest session
    padded: int  # positions that are gathered for the rows of one forward
    scores: int  # pairs of a token and a key, of one head, that exist at once


def activation_bytes(
    shape: ModelShape, native: Native, fused: bool, cache_tokens: int, quantized: bool
) -> int:
    """At most, in any forward that the server accepts.

    `fused`: the device's attention makes no copy of keys that it can avoid.
    """
    largest, size = _largest(shape, cache_tokens), BYTES[native]
    unpacked = largest_matrix(shape) * size if quantized else 0
    return _states(shape, largest.tokens, size) + _attention(shape, largest, size, fused) + unpacked


def captured_bytes(shape: ModelShape, native: Native, quantized: bool) -> int:
    """At most, of decode ticks that a card with fused attention has captured, beside all other forwards."""
    if shape.kind == "encoder" or not shape.batches:
        return 0
    size = BYTES[native]
    unpacked = largest_matrix(shape) * size if quantized else 0
    tick = _states(shape, MAX_CAPTURED_ROWS, size) + max(_captured_keys(shape, size), unpacked)
    return int(SHARED_POOL * tick) + MOST_GRAPHS * GRAPH_BYTES


def _captured_keys(shape: ModelShape, size: int) -> int:
    """Gathered, and once more for all heads, with their masks and slots."""
    kept = max(layer.cache_values for layer in shape.sizes)
    all_heads = max(kept, 2 * shape.keys_width)
    return MAX_COPIED_KEYS * ((kept + all_heads) * size + MASKS + MASK_COPIES * size + SLOT_BYTES)


def largest_matrix(shape: ModelShape) -> int:
    """Numbers in the largest matrix of a layer, at most."""
    share = int(LARGEST_MATRIX * max(layer.matrix_values for layer in shape.sizes))
    return min(share, shape.widest_matrix or share)


def _largest(shape: ModelShape, cache_tokens: int) -> _Largest:
    if shape.kind == "encoder":
        longest = min(shape.context, text_limit(shape.hidden_size))
        tokens = max(longest, MAX_TEXTS_TOKENS)
        return _Largest(tokens, longest, 0, tokens * longest)
    keys = min(shape.context, cache_tokens)
    padded = min(MAX_ROWS * keys, max(MAX_PADDED_TOKENS, keys))
    if shape.kind == "image_text":
        return _Largest(MAX_MASKED_TOKENS, keys, padded, min(MAX_MASKED_TOKENS * keys, MAX_MASK_BYTES))
    return _Largest(MAX_STEP_TOKENS, keys, padded, min(MAX_STEP_TOKENS * keys, max(MAX_SCORES, keys)))


def _states(shape: ModelShape, tokens: int, size: int) -> int:
    numbers = HIDDEN_COPIES * shape.hidden_size + ROW_COPIES * _rows(shape) + shape.expert_values
    return tokens * int(numbers * size + FLOAT32_COPIES * shape.hidden_size * 4)


def _rows(shape: ModelShape) -> int:
    """Outputs of a layer's matrices for a token. Where there are experts, it goes through a few of them."""
    usual = USUAL_ROWS * shape.hidden_size
    return usual if shape.expert_values else max(usual, *(layer.matrix_rows for layer in shape.sizes))


def _attention(shape: ModelShape, largest: _Largest, size: int, fused: bool) -> int:
    """Keys and values are copied together, and once more for all heads; masks exist whole, scores in part."""
    kept = max(layer.cache_values for layer in shape.sizes)
    all_heads = max(kept, 2 * shape.keys_width)
    again = 0 if fused else largest.keys * all_heads * max(4, size)
    gathered = max(largest.padded * kept * size, largest.keys * (kept + all_heads) * size + again)
    masks = largest.tokens * largest.keys * (MASKS + MASK_COPIES * size)
    scores = largest.scores * shape.most_heads * (SCORE_COPIES * size + SCORE_FLOAT32_COPIES * 4)
    return gathered + masks + scores
