"""Which sizes of decode ticks a card runs by itself: pure."""

from dataclasses import dataclass

from engine.host.budget import BLOCK_TOKENS
from engine.host.schedule import MAX_COPIED_KEYS

OFTEN = 8  # ticks of one size, until it is worth capturing
MOST_GRAPHS = 16
MAX_CAPTURED_ROWS = 64


@dataclass(frozen=True)
class TickSize:
    """What a captured tick is for: layers [start, end), and rows and cache blocks of each at most."""

    start: int
    end: int
    rows: int
    blocks: int

    @property
    def is_bounded(self) -> bool:
        """Whether the memory that is planned for captured ticks is enough for it."""
        keys = self.rows * self.blocks * BLOCK_TOKENS
        return self.rows <= MAX_CAPTURED_ROWS and keys <= MAX_COPIED_KEYS


def rounded_up(count: int) -> int:
    """To 1, 2, 3, 4, 6, 8, 12, 16, 24, ...: less than half as much again."""
    step = max(1, (1 << (count - 1).bit_length()) // 4)
    return -(-count // step) * step
