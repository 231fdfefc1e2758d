"""Keys and values of sessions that rest, in main memory while their blocks on the device serve others."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.host.budget import BLOCK_TOKENS, blocks_for
from engine.host.kv_cache import KeptPart, PooledCache
from engine.host.orders import HostConfig


def main_memory_of(config: HostConfig) -> "MainMemory":
    """On a CPU the cache is in main memory already: nothing goes out of it."""
    device = torch.device(config.device).type
    return MainMemory(0 if device == "cpu" else config.resting_bytes, is_pinned=device == "cuda")


@dataclass(eq=False)
class Resting:
    """What one session has there: the bytes of each of its blocks, part by part."""

    length: int
    parts: tuple[KeptPart, ...]
    blocks: tuple[Tensor, ...]
    nbytes: int
    is_broken: bool = False  # it could not be copied

    def rows(self, block: int, tokens: int) -> list[tuple[KeptPart, Tensor]]:
        """The first `[tokens, heads, width]` of a block's parts."""
        found, start = [], 0
        for part in self.parts:
            end = start + BLOCK_TOKENS * part.bytes_per_token
            states = self.blocks[block][start:end].view(part.dtype).view(BLOCK_TOKENS, part.heads, part.width)
            found.append((part, states[:tokens]))
            start = end
        return found


class MainMemory:
    """At most `limit` bytes. `is_pinned`: for a device that copies such memory itself.

    Used in the event loop; `copy_out` and `copy_in` are for the device's thread.
    """

    def __init__(self, limit: int, is_pinned: bool = False) -> None:
        self.limit = limit
        self.used = 0
        self._is_pinned = is_pinned

    @property
    def room(self) -> int:
        return self.limit - self.used

    def size(self, parts: Sequence[KeptPart], length: int) -> int:
        """Bytes that so many positions take."""
        return blocks_for(length) * self._block_bytes(parts)

    def _block_bytes(self, parts: Sequence[KeptPart]) -> int:
        exact = BLOCK_TOKENS * sum(part.bytes_per_token for part in parts)
        return 1 << (exact - 1).bit_length() if self._is_pinned else exact  # as torch takes pinned memory

    def take(self, parts: tuple[KeptPart, ...], length: int) -> Resting | None:
        """Room for a session, or None where memory is short."""
        size = self._block_bytes(parts)
        try:
            blocks = tuple(
                torch.empty(size, dtype=torch.uint8, pin_memory=self._is_pinned)
                for _ in range(blocks_for(length))
            )
        except RuntimeError:
            return None
        self.used += size * len(blocks)
        return Resting(length, parts, blocks, size * len(blocks))

    def let_go(self, resting: Resting) -> None:
        self.used -= resting.nbytes
        resting.nbytes, resting.blocks = 0, ()


@torch.inference_mode()
def copy_out(pool: PooledCache, blocks: Sequence[int], resting: Resting) -> None:
    """What stands in these blocks of the pool."""
    for index, block in enumerate(blocks[: len(resting.blocks)]):
        for part, states in resting.rows(index, _filled(index, resting.length)):
            states.copy_(pool.block(part, block)[: len(states)], non_blocking=states.is_pinned())


@torch.inference_mode()
def copy_in(pool: PooledCache, blocks: Sequence[int], resting: Resting, length: int) -> None:
    """The first `length` positions, into these blocks of the pool."""
    for index, block in enumerate(blocks[: blocks_for(length)]):
        for part, states in resting.rows(index, _filled(index, length)):
            pool.block(part, block)[: len(states)].copy_(states, non_blocking=states.is_pinned())


def _filled(index: int, length: int) -> int:
    """Positions in a session's block."""
    return min(BLOCK_TOKENS, length - index * BLOCK_TOKENS)
