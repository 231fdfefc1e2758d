"""Who holds which cache blocks: pure accounting, no tensors.

A block is `BLOCK_TOKENS` consecutive positions of one session, in every layer of the span at once.
Source: Kwon et al. 2023, "PagedAttention", section 4. Blocks that follow each other are preferred, because
such a session is read without a copy.
"""

from dataclasses import dataclass, field
from itertools import pairwise

BLOCK_TOKENS = 64


class NoRoom(Exception):
    """The budget has no free block left."""


def blocks_for(tokens: int) -> int:
    """Blocks of keys and values alone."""
    return -(-tokens // BLOCK_TOKENS)


@dataclass(frozen=True)
class BlockSize:
    """What a block stands for, and what a session takes of it."""

    bytes: int = 1
    tokens: int = BLOCK_TOKENS  # positions of one session
    session_blocks: int = 0  # that a session takes beside those for its positions

    def blocks(self, tokens: int) -> int:
        """For a session of so many positions."""
        return self.session_blocks + -(-tokens // self.tokens) if tokens > 0 else 0

    def room(self, blocks: int) -> int:
        """Positions that a session can have in so many blocks."""
        return max(0, blocks - self.session_blocks) * self.tokens

    def total(self, budget_bytes: int) -> int:
        """Blocks in a budget; at least one session always has room."""
        return max(self.session_blocks + 1, budget_bytes // self.bytes)


PAGED = BlockSize()


@dataclass
class BlockTable:
    """One session's blocks, in the order of its positions."""

    blocks: list[int] = field(default_factory=list)

    @property
    def consecutive(self) -> bool:
        return all(after == before + 1 for before, after in pairwise(self.blocks))


class BlockBudget:
    """Hands out at most `total` blocks."""

    def __init__(self, total: int, size: BlockSize = PAGED) -> None:
        if total < 1:
            raise ValueError("a cache budget holds at least one block")
        self.total = total
        self.size = size
        self._free: set[int] = set(range(total))

    @property
    def free(self) -> int:
        return len(self._free)

    @property
    def used(self) -> int:
        return self.total - len(self._free)

    def grow(self, table: BlockTable, tokens: int) -> None:
        """Give `table` room for `tokens` positions in all. Raises NoRoom, changing nothing, if it cannot."""
        wanted = self.size.blocks(tokens) - len(table.blocks)
        if wanted > len(self._free):
            raise NoRoom
        for _ in range(wanted):
            block = self._next_after(table)
            self._free.remove(block)
            table.blocks.append(block)

    def lacking(self, table: BlockTable, tokens: int) -> int:
        """Blocks that are not free, but needed for `tokens` positions in all."""
        return max(0, self.size.blocks(tokens) - len(table.blocks) - self.free)

    def shrink(self, table: BlockTable, tokens: int) -> None:
        """Take back the blocks beyond `tokens` positions."""
        keep = self.size.blocks(tokens)
        self._free.update(table.blocks[keep:])
        del table.blocks[keep:]

    def _next_after(self, table: BlockTable) -> int:
        if table.blocks:
            following = table.blocks[-1] + 1
            return following if following in self._free else min(self._free)
        return self._start_of_widest_gap()

    def _start_of_widest_gap(self) -> int:
        """Where a new session can grow longest without meeting another.

        That is halfway into the widest free run, or its start if nothing lies before it.
        """
        runs = _runs(sorted(self._free))
        start, length = max(runs, key=lambda run: run[1])
        touches_other = start > 0
        return start + length // 2 if touches_other else start


def _runs(ordered: list[int]) -> list[tuple[int, int]]:
    """Consecutive runs of `ordered` as (start, length)."""
    runs: list[tuple[int, int]] = []
    for block in ordered:
        if runs and runs[-1][0] + runs[-1][1] == block:
            start, length = runs[-1]
            runs[-1] = (start, length + 1)
        else:
            runs.append((block, 1))
    return runs
