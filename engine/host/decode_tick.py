"""The next token of several sessions, computed from one block of memory on the device.

Nothing in it depends on numbers that Python knows but the count of rows and of cache blocks: so it can be
captured once and run again for other sessions, and whoever runs it copies to the device but once.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.host.budget import BLOCK_TOKENS, blocks_for
from engine.host.copies import is_pinned_for
from engine.host.kv_cache import PooledCache, SessionCache, Slots
from engine.model.masks import MaskBuilder
from engine.model.span import Span

_INTEGER = torch.int64.itemsize


def blocks_of(sessions: Sequence[SessionCache]) -> int:
    """Of the longest one, its next token included."""
    return max(blocks_for(session.length + 1) for session in sessions)


class TickInputs:
    """What a tick of at most so many rows, of at most so many cache blocks each, reads."""

    def __init__(
        self, rows: int, blocks: int, hidden_size: int, dtype: torch.dtype, device: torch.device
    ) -> None:
        size = rows * ((1 + blocks) * _INTEGER + hidden_size * dtype.itemsize)
        self._here = torch.empty(size, dtype=torch.uint8, pin_memory=is_pinned_for(device))
        self._there = torch.empty(size, dtype=torch.uint8, device=device)
        self._shape = rows, blocks, hidden_size, dtype
        self.table, self.hidden = self._views(self._there)

    def _views(self, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Length and blocks `[rows, 1 + blocks]`, hidden states `[rows, 1, hidden]`."""
        rows, blocks, hidden_size, dtype = self._shape
        end = rows * (1 + blocks) * _INTEGER
        table = memory[:end].view(torch.int64).view(rows, 1 + blocks)
        return table, memory[end:].view(dtype).view(rows, 1, hidden_size)

    def fill(self, sessions: Sequence[SessionCache], hidden: Tensor) -> None:
        """With these sessions' new `[rows, 1, hidden]`. Rows that are left over repeat the first one: what
        they write is the same.

        The device must be done with what was filled in before.
        """
        table, states = self._views(self._here)
        table[: len(sessions)] = torch.tensor([self._row(session) for session in sessions])
        states[: len(sessions)] = hidden
        table[len(sessions) :], states[len(sessions) :] = table[0], states[0]
        self._there.copy_(self._here, non_blocking=True)

    def _row(self, session: SessionCache) -> list[int]:
        held = session.table.blocks[: blocks_for(session.length + 1)]
        return [session.length, *held, *held[:1] * (self._shape[1] - len(held))]


@torch.inference_mode()
def run_tick(span: Span, pool: PooledCache, masks: MaskBuilder, inputs: TickInputs) -> Tensor:
    """`[rows, 1, hidden]`. The sessions' lengths stay as they are."""
    position, slots = inputs.table[:, :1], _slots_of(inputs.table[:, 1:])
    keys = slots.shape[1]
    # Instead of what a row has not written, its first slot: always written, hence finite, and masked out.
    written = torch.arange(keys, device=slots.device) <= position
    seen = torch.where(written, slots, slots[:, :1])
    pool.read_and_write(Slots(slots.gather(1, position).view(-1), seen), longest=keys - 1)
    return span.forward(inputs.hidden, pool, position, masks.for_positions(position, keys, span.dtype))


def _slots_of(blocks: Tensor) -> Tensor:
    """`[rows, blocks]` to the pool's slots of all their positions, `[rows, blocks * BLOCK_TOKENS]`."""
    inside = torch.arange(BLOCK_TOKENS, device=blocks.device)
    return (blocks[:, :, None] * BLOCK_TOKENS + inside).flatten(1)
