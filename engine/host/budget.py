"""Who holds which cache blocks: pure accounting, no tensors.

A block is `BLOCK_TOKENS` consecutive positions of one session, in every layer of the span at once.
Source: Kwon et al. 2023, "PagedAttention", section 4. Blocks that follow each other are preferred, because
such a session is read without a copy.

Sessions that begin alike may hold the same blocks. Whoever writes into one that others hold as well gets
another one in its place, and with it a copy of what stood before.
"""

from collections import Counter
from collections.abc import Mapping
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
class BlockCopy:
    """The first `tokens` positions of a block that others hold too, to be copied before the next forward."""

    source: int  # held until the copy is done
    target: int
    tokens: int
    is_done: bool = False


@dataclass
class BlockTable:
    """One session's blocks, in the order of its positions."""

    blocks: list[int] = field(default_factory=list)
    copy: BlockCopy | None = None

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
        self._more_holders: Counter[int] = Counter()  # beyond the first one; of blocks that have several

    @property
    def free(self) -> int:
        return len(self._free)

    @property
    def used(self) -> int:
        return self.total - len(self._free)

    def grow(self, table: BlockTable, tokens: int, start: int | None = None) -> None:
        """Give `table` room for `tokens` positions in all. Raises NoRoom, changing nothing, if it cannot.

        From position `start` on nobody else holds its blocks then; None: nothing is shared.
        """
        if self.lacking(table, tokens, start):
            raise NoRoom
        self.settle(table)
        keep = self._kept(table, start)
        shared = table.blocks[keep] if keep < len(table.blocks) else None
        inside = start % BLOCK_TOKENS if start is not None and keep == start // BLOCK_TOKENS else 0
        if shared is not None and inside:
            self._more_holders[shared] += 1  # until it is copied
        self._drop(table, keep)
        while len(table.blocks) < self.size.blocks(tokens):
            block = self._next_after(table)
            self._free.remove(block)
            table.blocks.append(block)
        if shared is not None and inside:
            table.copy = BlockCopy(shared, table.blocks[keep], inside)

    def lacking(self, table: BlockTable, tokens: int, start: int | None = None) -> int:
        """Blocks that are not free, but needed for `tokens` positions in all, of which those from `start` on
        are to be written.
        """
        keep = self._kept(table, start)
        dropped = sum(not self._more_holders[block] for block in table.blocks[keep:])
        return max(0, self.size.blocks(tokens) - keep - dropped - self.free)

    def shrink(self, table: BlockTable, tokens: int) -> None:
        """Take back the blocks beyond `tokens` positions."""
        self.settle(table)
        self._drop(table, self.size.blocks(tokens))

    # --- blocks that several hold

    def fork(self, table: BlockTable, tokens: int) -> BlockTable:
        """Another session's table that begins with the same `tokens` positions, and takes no block for it."""
        blocks = table.blocks[: self.size.blocks(tokens)]
        if table.copy is not None and not table.copy.is_done:  # its target holds nothing yet
            source = table.copy.source
            blocks = [source if block == table.copy.target else block for block in blocks]
        self._more_holders.update(blocks)
        return BlockTable(blocks)

    def settle(self, table: BlockTable) -> None:
        """Let go of what has been copied."""
        if table.copy is not None and table.copy.is_done:
            self._end_copy(table, table.copy)

    def shared(self, table: BlockTable) -> Mapping[int, int]:
        """The blocks that others hold, too, and how many hold each."""
        return {block: 1 + more for block in table.blocks if (more := self._more_holders[block])}

    def _kept(self, table: BlockTable, start: int | None) -> int:
        """How many blocks stay: those before the first one to be written that others hold, too."""
        if start is None or not self._more_holders:
            return len(table.blocks)
        written = range(start // BLOCK_TOKENS, len(table.blocks))
        return next((at for at in written if self._more_holders[table.blocks[at]]), len(table.blocks))

    def _drop(self, table: BlockTable, keep: int) -> None:
        dropped = table.blocks[keep:]
        del table.blocks[keep:]
        for block in dropped:
            self._let_go(block)
        if table.copy is not None and table.copy.target in dropped:
            self._end_copy(table, table.copy)

    def _end_copy(self, table: BlockTable, copy: BlockCopy) -> None:
        table.copy = None
        self._let_go(copy.source)

    def _let_go(self, block: int) -> None:
        if (more := self._more_holders.pop(block, 0)) > 1:
            self._more_holders[block] = more - 1
        elif not more:
            self._free.add(block)

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
