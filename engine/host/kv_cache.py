"""Keys and values of all sessions in one pool of blocks, read and written through transformers' cache
interface.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor
from transformers.cache_utils import Cache, CacheLayerMixin

from engine.host.budget import BLOCK_TOKENS, BlockBudget, BlockTable
from engine.host.copies import to_device

_PARTS: tuple[Literal["keys", "values"], ...] = ("keys", "values")


@dataclass
class SessionCache:
    """What one session holds: its blocks, and how many positions are filled."""

    length: int = 0
    table: BlockTable = field(default_factory=BlockTable)
    own: Any = None  # its own cache, where the pool cannot hold what the model remembers
    resting: Any = None  # what it holds, in main memory (`engine.host.main_memory`); then it has no blocks
    is_broken: bool = False  # what it holds could not be brought back


@dataclass(frozen=True)
class KeptPart:
    """One layer's keys or values, as the pool keeps them: `[tokens, heads, width]` of a session."""

    layer: int  # of the model's cache
    part: Literal["keys", "values"]
    heads: int
    width: int
    dtype: torch.dtype

    @property
    def bytes_per_token(self) -> int:
        return self.heads * self.width * self.dtype.itemsize


@dataclass(frozen=True)
class Slots:
    """Where the rows of one forward lie in the pool; the same for every layer."""

    new: Tensor | slice  # slots of the new tokens, row by row: [rows * tokens]
    seen: Tensor | slice  # slots of all tokens up to the longest row: [rows, longest]


class _PoolLayer(CacheLayerMixin):
    """One layer's keys and values: `[slots, heads, dim]`, allocated when the first keys show their shape."""

    is_sliding = False
    is_compileable = False

    def __init__(self, view: "PooledCache") -> None:
        super().__init__()
        self._view = view

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        self.keys = self._allocate(key_states)
        self.values = self._allocate(value_states)
        self.is_initialized = True

    def _allocate(self, states: Tensor) -> Tensor:
        _, heads, _, dim = states.shape
        # On a CPU the system backs these pages with memory only once they are written.
        return torch.empty(self._view.slots, heads, dim, dtype=states.dtype, device=states.device)

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: object, **kwargs: object
    ) -> tuple[Tensor, Tensor]:
        """Write `[rows, heads, tokens, dim]`, give `[rows, heads, longest, dim]`."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        slots = self._view.current
        return _write_and_read(self.keys, key_states, slots), _write_and_read(
            self.values, value_states, slots
        )

    def get_seq_length(self) -> int:
        return self._view.longest

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self._view.longest + query_length, 0

    def get_max_length(self) -> int:
        return -1

    @property
    def bytes_per_token(self) -> int:
        return sum(t[0].numel() * t.element_size() for t in (self.keys, self.values))


def _write_and_read(pool: Tensor, states: Tensor, slots: Slots) -> Tensor:
    rows, heads, tokens, dim = states.shape
    pool[slots.new] = states.transpose(1, 2).reshape(rows * tokens, heads, dim)
    if isinstance(slots.seen, slice):
        return pool[slots.seen].unsqueeze(0).transpose(1, 2)
    # Six times as fast on a CPU as `pool[slots.seen]`, which goes number by number.
    seen = pool.index_select(0, slots.seen.view(-1))
    return seen.view(rows, -1, heads, dim).transpose(1, 2)


class PooledCache(Cache):
    """The pool, seen during one forward as the cache of the sessions that `point_at` named.

    Used by one thread at a time. `budget` decides who gets blocks; a session grows before its forward.
    """

    def __init__(self, n_layers: int, budget: BlockBudget) -> None:
        self.slots = budget.total * BLOCK_TOKENS
        self.longest = 0
        self.current = Slots(slice(0), slice(0))
        super().__init__(layers=[_PoolLayer(self) for _ in range(n_layers)])

    @property
    def bytes_per_token(self) -> int:
        """Bytes that one token takes in all layers; known after the first forward."""
        return sum(layer.bytes_per_token for layer in self.layers if layer.is_initialized)

    def parts(self, layers: Sequence[int]) -> tuple[KeptPart, ...]:
        """What these layers keep of a session; known after the first forward."""
        return tuple(
            KeptPart(index, part, *self._pool_of(index, part).shape[1:], self._pool_of(index, part).dtype)
            for index in layers
            if self.layers[index].is_initialized
            for part in _PARTS
        )

    def read(self, session: SessionCache, kept: KeptPart, start: int, end: int) -> Tensor:
        """`[end - start, heads, width]` of a session's positions."""
        return self._pool_of(kept.layer, kept.part)[_places(session, start, end)].cpu()

    @torch.inference_mode()
    def write(self, session: SessionCache, kept: KeptPart, start: int, states: Tensor) -> None:
        """`[tokens, heads, width]` into positions for which the session has room."""
        pool = self._pool_of(kept.layer, kept.part)
        pool[_places(session, start, start + len(states))] = states.to(pool.device)

    def block(self, kept: KeptPart, block: int) -> Tensor:
        """`[BLOCK_TOKENS, heads, width]` of the pool itself."""
        start = block * BLOCK_TOKENS
        return self._pool_of(kept.layer, kept.part)[start : start + BLOCK_TOKENS]

    @torch.inference_mode()
    def do_copies(self, sessions: Sequence[SessionCache]) -> None:
        """Of blocks that these sessions will write into, and others hold, too."""
        for copy in (session.table.copy for session in sessions):
            if copy is None or copy.is_done:
                continue
            source, target = copy.source * BLOCK_TOKENS, copy.target * BLOCK_TOKENS
            for layer in self.layers:
                for part in _PARTS if layer.is_initialized else ():
                    pool: Tensor = getattr(layer, part)
                    pool[target : target + copy.tokens] = pool[source : source + copy.tokens]
            copy.is_done = True

    def _pool_of(self, index: int, part: Literal["keys", "values"]) -> Tensor:
        pool: Tensor = getattr(self.layers[index], part)
        return pool

    def read_and_write(self, slots: Slots, longest: int) -> None:
        """Make the next forward write there and read from there; the longest row holds so many positions."""
        self.current, self.longest = slots, longest

    def point_at(self, sessions: Sequence[SessionCache], tokens: int, device: torch.device) -> None:
        """Make the next forward read and write these sessions, `tokens` new positions each."""
        longest = max(session.length for session in sessions)
        if len(sessions) == 1 and sessions[0].table.consecutive:
            self.read_and_write(_consecutive_slots(sessions[0], tokens), longest)
        else:
            self.read_and_write(_scattered_slots(sessions, tokens, longest + tokens, device), longest)


def _consecutive_slots(session: SessionCache, tokens: int) -> Slots:
    first = session.table.blocks[0] * BLOCK_TOKENS
    end = first + session.length + tokens
    return Slots(new=slice(end - tokens, end), seen=slice(first, end))


def _scattered_slots(
    sessions: Sequence[SessionCache], tokens: int, longest: int, device: torch.device
) -> Slots:
    per_row = [_slots_of(session, session.length + tokens) for session in sessions]
    new = torch.cat([row[-tokens:] for row in per_row])
    # Short rows are filled up with their own first slot: always written, hence finite, and masked out.
    seen = torch.stack([torch.cat([row, row[:1].expand(longest - len(row))]) for row in per_row])
    return Slots(to_device(new, device, new.dtype), to_device(seen, device, seen.dtype))


def _places(session: SessionCache, start: int, end: int) -> Tensor | slice:
    """Pool slots of positions [start, end)."""
    if session.table.consecutive:
        first = session.table.blocks[0] * BLOCK_TOKENS
        return slice(first + start, first + end)
    return _slots_of(session, end)[start:]


def _slots_of(session: SessionCache, length: int) -> Tensor:
    """Pool slots of the first `length` positions: `[length]`."""
    starts = torch.tensor(session.table.blocks) * BLOCK_TOKENS
    return (starts[:, None] + torch.arange(BLOCK_TOKENS)).flatten()[:length]
