"""Cache slots of layers that run on another computer: they follow the tokens, and store nothing."""

from collections.abc import Container
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import (
    Cache,
    CacheLayerMixin,
    DummyLayer,
    DynamicLayer,
    DynamicSlidingWindowLayer,
    EncoderDecoderCache,
    LinearAttentionCacheLayerMixin,
)

_KEYS_AND_VALUES = (DynamicLayer, DynamicSlidingWindowLayer, DummyLayer)


class LengthSlot(CacheLayerMixin):
    """Knows how many positions its layer holds elsewhere."""

    is_sliding = False
    is_compileable = False
    is_croppable = True

    def __init__(self, length: int = 0) -> None:
        super().__init__()
        self.length = length

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        self.is_initialized = True

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("the keys and values of this layer live on another computer")

    def get_seq_length(self) -> int:
        return self.length

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self.length + query_length, 0

    def get_max_length(self) -> int:
        return -1

    def advance(self, tokens: int) -> None:
        self.length += tokens

    def crop(self, tokens_to_remove: int) -> None:
        """Forget the last `-tokens_to_remove` positions."""
        self.length -= abs(tokens_to_remove)

    def reset(self) -> None:
        self.length = 0

    def reorder_cache(self, beam_idx: torch.LongTensor) -> None:
        """Rows are of one length."""


class StateSlot(LinearAttentionCacheLayerMixin):
    """Knows whether its layer has a state elsewhere."""

    is_compileable = False

    def lazy_initialization(self, *args: Any, **kwargs: Any) -> None:
        raise TypeError("the state of this layer lives on another computer")

    update_conv_state = update_recurrent_state = lazy_initialization

    def advance(self, tokens: int) -> None:
        self.has_previous_state = dict.fromkeys(self.has_previous_state, True)

    def crop(self, tokens_to_remove: int) -> None:
        """A state has no positions."""


class LengthAndStateSlot(StateSlot, LengthSlot):
    """Of a layer that has both keys and a state."""

    def __init__(self, number_of_states: int) -> None:
        LengthSlot.__init__(self)
        StateSlot.__init__(self, number_of_states)

    def advance(self, tokens: int) -> None:
        StateSlot.advance(self, tokens)
        LengthSlot.advance(self, tokens)

    crop = LengthSlot.crop

    def reset(self) -> None:
        StateSlot.reset(self)
        LengthSlot.reset(self)


def holds_only_keys_and_values(cache: Any) -> bool:
    """Whether what a cache holds can be cut at any position."""
    if isinstance(cache, EncoderDecoderCache):
        cache = cache.self_attention_cache
    slots = cache.layers if isinstance(cache, Cache) else [cache]
    return all(type(slot) in _KEYS_AND_VALUES or isinstance(slot, (LengthSlot, StateSlot)) for slot in slots)


def hand_out(cache: Any, n_layers: int, inside: Container[int]) -> Any:
    """Give the layers of an empty `cache` that are not `inside` slots that only follow. Changes `cache`.

    A cache that is no list of layers stays as it is.
    """
    if isinstance(cache, EncoderDecoderCache):
        hand_out(cache.self_attention_cache, n_layers, inside)
    elif isinstance(cache, Cache):
        if cache.layer_class_to_replicate is not None:  # grows while it is filled
            cache.layers += [cache.layer_class_to_replicate() for _ in range(n_layers - len(cache.layers))]
        cache.layers = [
            layer if index in inside else _following(layer) for index, layer in enumerate(cache.layers)
        ]
    return cache


def advance(cache: Any, layers: range, tokens: int) -> None:
    """Tell the following slots among `layers` of `tokens` new positions."""
    if isinstance(cache, EncoderDecoderCache):
        cache = cache.self_attention_cache
    slots = cache.layers[layers.start : layers.stop] if isinstance(cache, Cache) else ()
    for slot in slots:
        if isinstance(slot, (LengthSlot, StateSlot)):
            slot.advance(tokens)


def _following(layer: Any) -> Any:
    has_length = isinstance(layer, CacheLayerMixin)
    if isinstance(layer, LinearAttentionCacheLayerMixin):
        kind = LengthAndStateSlot if has_length else StateSlot
        slot: Any = kind(layer.number_of_states)
    elif has_length:
        slot = LengthSlot()
    else:
        return layer
    # Code around the layers may keep something of its own in a slot: what it expects there stays there.
    slot.__dict__ = vars(layer) | vars(slot)
    return slot
