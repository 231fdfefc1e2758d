"""What a span's layers are kept in, and how much cache stands beside them: pure.

All layers start in the precision in which they fit. Memory that is left over makes the cache as large as it
usually is; then it raises the precision of the layers that suffer most from a coarse one; and what is left
then makes the cache larger still.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.host.budget import BLOCK_TOKENS
from engine.planning.memory import most_tokens, plan_memory, token_bytes, usual_tokens
from engine.planning.models import ModelShape
from engine.planning.places import Place
from engine.planning.plans import MemoryPlan
from engine.planning.quality import sensitivity
from engine.precision import MAX_RUNS, Precision, at_least, runs_of


@dataclass(frozen=True)
class Filling:
    precisions: tuple[Precision, ...]  # of each layer
    cache_tokens: int
    memory: MemoryPlan


@dataclass(frozen=True)
class Filler:
    """Layers [start, end) of a model on a device. `cache_bytes`: what the owner wants."""

    place: Place
    shape: ModelShape
    start: int
    end: int
    cache_bytes: int | None = None

    def fill(self, precision: Precision, cache_tokens: int, may_raise: bool) -> Filling:
        """`cache_tokens`: at least so many, all layers in `precision` leaving room for them."""
        precisions: tuple[Precision, ...] = (precision,) * (self.end - self.start)
        tokens = self._grown(precisions, cache_tokens, usual_tokens(self.shape))
        if may_raise:
            precisions = self._raised(precision, tokens)
        if self._owners_tokens is None:
            tokens = self._grown(precisions, tokens, most_tokens(self.shape, self.place))
        else:
            tokens = self._owners_tokens
        return Filling(precisions, tokens, self._memory(precisions, tokens))

    @property
    def _owners_tokens(self) -> int | None:
        each = token_bytes(self.shape.layers[self.start : self.end], self.place.precision)
        return self.cache_bytes // each if self.cache_bytes and each else None

    def _memory(self, precisions: Sequence[Precision], tokens: int) -> MemoryPlan:
        return plan_memory(self.place, self.shape, self.start, precisions, tokens, self.cache_bytes)

    def _fits(self, precisions: Sequence[Precision], tokens: int) -> bool:
        owners = self._owners_tokens
        memory = self._memory(precisions, tokens if owners is None else owners)
        return memory.total <= memory.budget

    def _raised(self, base: Precision, tokens: int) -> tuple[Precision, ...]:
        n_layers = self.shape.n_layers
        order = sorted(range(self.start, self.end), key=lambda layer: -sensitivity(layer, n_layers))
        precisions: tuple[Precision, ...] = (base,) * len(order)
        for finer in self.place.precisions:
            if finer != base and at_least(finer, base):
                precisions = self._first_raised(precisions, order, finer, tokens)
        return precisions

    def _first_raised(
        self, precisions: tuple[Precision, ...], order: Sequence[int], finer: Precision, tokens: int
    ) -> tuple[Precision, ...]:
        """As many layers in `finer` as fit, those first in `order`."""

        def raised(count: int) -> tuple[Precision, ...]:
            chosen = {index - self.start for index in order[:count]}
            return tuple(finer if at in chosen else old for at, old in enumerate(precisions))

        count = _most(len(order), lambda layers: self._fits(raised(layers), tokens))
        while len(runs_of(raised(count))) > MAX_RUNS:
            count -= 1
        return raised(count)

    def _grown(self, precisions: Sequence[Precision], least: int, most: int) -> int:
        """Tokens, in whole blocks."""
        more = max(0, most - least) // BLOCK_TOKENS
        blocks = _most(more, lambda blocks: self._fits(precisions, least + blocks * BLOCK_TOKENS))
        return least + blocks * BLOCK_TOKENS


def _most(limit: int, fits: Callable[[int], bool]) -> int:
    """The largest number up to `limit` that fits, where more fit no better, or else all; 0 is not asked."""
    if limit > 0 and fits(limit):  # where no layer is left to be unpacked, a forward takes less
        return limit
    return bisect_left(range(1, limit + 1), True, key=lambda count: not fits(count))
