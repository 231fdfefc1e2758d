"""What generate() holds instead of keys and values: the length of what the swarm has seen."""

from typing import Any

import torch
from transformers.cache_utils import Cache, CacheLayerMixin

from engine.model.extras import StepExtras


class _LengthLayer(CacheLayerMixin):
    """Knows how many positions the swarm holds. Stores nothing."""

    is_sliding = False
    is_compileable = False
    is_croppable = True

    def __init__(self) -> None:
        super().__init__()
        self.length = 0

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        self.is_initialized = True

    def update(self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("the keys and values of a swarm session live on its servers")

    def get_seq_length(self) -> int:
        return self.length

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self.length + query_length, 0

    def get_max_length(self) -> int:
        return -1

    def crop(self, tokens_to_remove: int) -> None:
        """Forget the last `-tokens_to_remove` positions; the next step overwrites them on the servers."""
        self.length -= abs(tokens_to_remove)


class SwarmCache(Cache):
    """The cache of one generation through `walk`, a callable that sends hidden states through the swarm.

    `walk(hidden [1, tokens, hidden], position, extras) -> hidden`, called in generate()'s thread; `extras` is
    None for plain text.
    """

    def __init__(self, walk: Any, length: int = 0) -> None:
        self._walk = walk
        layer = _LengthLayer()
        layer.length = length
        super().__init__(layers=[layer])

    @property
    def length(self) -> int:
        return self.layers[0].get_seq_length()

    def step(self, hidden: torch.Tensor, extras: StepExtras | None = None) -> torch.Tensor:
        """`[1, tokens, hidden]` through the swarm, at the position that the cache has reached."""
        out = self._walk(hidden, self.length, extras or None)
        self.layers[0].length += hidden.shape[1]
        return out
