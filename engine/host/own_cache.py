"""A cache of its own for each session, for models that remember more than keys and values.

State-space, linear-attention and convolution layers keep a state that holds the whole past in one. It cannot
be cut at a position, nor lie in blocks beside another session's.
"""

from collections.abc import Iterator
from typing import Any

from torch import Tensor
from transformers.cache_utils import (
    Cache,
    DummyLayer,
    DynamicLayer,
    DynamicSlidingWindowLayer,
    EncoderDecoderCache,
)

from engine.model.cache_slots import LengthSlot, StateSlot
from engine.model.span import Span

_KEYS_AND_VALUES = (DynamicLayer, DynamicSlidingWindowLayer, DummyLayer)
_ELSEWHERE = (LengthSlot, StateSlot)


def holds_only_keys_and_values(span: Span) -> bool:
    """Whether a pool of blocks can hold what the span's layers remember."""
    cache = span.new_cache()
    if isinstance(cache, EncoderDecoderCache):
        cache = cache.self_attention_cache
    slots = cache.layers if isinstance(cache, Cache) else [cache]
    return all(type(slot) in _KEYS_AND_VALUES or isinstance(slot, _ELSEWHERE) for slot in slots)


def kept_bytes(cache: object) -> int:
    """Of the memory that a cache's tensors keep."""
    storages = [tensor.untyped_storage() for tensor in _tensors(cache)]
    return sum({storage.data_ptr(): storage.nbytes() for storage in storages}.values())


def _tensors(kept: Any) -> Iterator[Tensor]:
    if isinstance(kept, Tensor):
        yield kept
    elif isinstance(kept, dict):
        for value in kept.values():
            yield from _tensors(value)
    elif isinstance(kept, list | tuple):
        for value in kept:
            yield from _tensors(value)
    elif type(kept).__module__.startswith("transformers."):
        yield from _tensors(vars(kept))
