"""What generate() holds instead of keys and values: the length of what the swarm has seen."""

import copy
from typing import Any

import torch
from transformers.cache_utils import Cache, EncoderDecoderCache

from engine.model.cache_slots import LengthSlot, advance, hand_out, holds_only_keys_and_values
from engine.model.extras import StepExtras


class SwarmCache(Cache):
    """The cache of one generation through `walk`, a callable that sends hidden states through the swarm.

    `walk(hidden [1, tokens, hidden], position, extras) -> hidden`, called in generate()'s thread; `extras` is
    None for plain text.
    """

    def __init__(self, walk: Any, length: int = 0) -> None:
        self._walk = walk
        self.length = length
        self.extras: StepExtras | None = None  # of the step to come
        self.goes_back = False  # positions can be forgotten; known when the model's own code has run
        self._fitted = False
        super().__init__(layers=[LengthSlot(length)])

    def step(self, hidden: torch.Tensor) -> torch.Tensor:
        """`[1, tokens, hidden]` through the swarm, at the position that the cache has reached."""
        extras, self.extras = self.extras, None
        out = self._walk(hidden, self.length, extras or None)
        self.length += hidden.shape[1]
        advance(self, range(len(self.layers)), hidden.shape[1])
        return out

    def fit(self, pattern: Any) -> None:
        """Have the slots of the empty cache that a model makes by itself: its code may look into them."""
        self.goes_back = self.goes_back or holds_only_keys_and_values(pattern)
        if self._fitted or not isinstance(pattern, Cache) or isinstance(pattern, EncoderDecoderCache):
            return
        twin = hand_out(copy.deepcopy(pattern), n_layers=1, inside=())
        advance(twin, range(len(twin.layers)), self.length)
        self.layers, self._fitted = twin.layers, True

    def get_seq_length(self, layer_idx: int = 0) -> int:
        return self.length

    def get_mask_sizes(self, query_length: int, layer_idx: int) -> tuple[int, int]:
        return self.length + query_length, 0

    def has_previous_state(self, *args: Any, **kwargs: Any) -> bool:
        """Of layers that keep a state: asked for by code around the layers."""
        return self.length > 0

    def crop(self, tokens_to_remove: int) -> None:
        """Forget the last `-tokens_to_remove` positions; the next step overwrites them on the servers."""
        self.length -= abs(tokens_to_remove)
        super().crop(tokens_to_remove)
