"""What generate() holds instead of keys and values: the length of what the swarm has seen."""

from typing import Any

import torch
from transformers.cache_utils import Cache

from engine.model.cache_slots import LengthSlot
from engine.model.extras import StepExtras


class SwarmCache(Cache):
    """The cache of one generation through `walk`, a callable that sends hidden states through the swarm.

    `walk(hidden [1, tokens, hidden], position, extras) -> hidden`, called in generate()'s thread; `extras` is
    None for plain text.
    """

    def __init__(self, walk: Any, length: int = 0) -> None:
        self._walk = walk
        self.extras: StepExtras | None = None  # of the step to come
        super().__init__(layers=[LengthSlot(length)])

    @property
    def length(self) -> int:
        return self.layers[0].get_seq_length()

    def step(self, hidden: torch.Tensor) -> torch.Tensor:
        """`[1, tokens, hidden]` through the swarm, at the position that the cache has reached."""
        extras, self.extras = self.extras, None
        out = self._walk(hidden, self.length, extras or None)
        self.layers[0].advance(hidden.shape[1])
        return out

    def has_previous_state(self, *args: Any, **kwargs: Any) -> bool:
        """Of layers that keep a state: asked for by code around the layers."""
        return self.length > 0
