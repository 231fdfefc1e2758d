"""Which parts make room for new ones. Plain data in, plain data out."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class PartUse:
    """One part that is here."""

    digest: str
    size: int  # bytes
    last_used: float  # Unix time, seconds
    orphan: bool = False  # no model needs it, and nobody is about to say that one does


@dataclass(frozen=True)
class Space:
    """What the store holds and may hold; bytes."""

    held: int  # by parts, and by those that are being written at their full size
    limit: int
    free: int  # on the disk for us; negative when others need it

    def excess(self, needed: int) -> int:
        """How much must go before `needed` bytes more fit under the limit and on the disk."""
        return max(0, self.held + needed - self.limit, self.excess_on_disk(needed))

    def excess_on_disk(self, needed: int) -> int:
        return max(0, needed - self.free)


def default_limit(held: int, free: int) -> int:
    """Half of what the disk would have free without the store; bytes.

    It does not move while the store fills, and it sinks when other programs fill the disk.
    """
    return max(0, held + free) // 2


def to_evict(parts: Iterable[PartUse], excess: int, pinned: Collection[str]) -> tuple[PartUse, ...]:
    """What goes to free `excess` bytes: orphans first, then the least recently used; never what is pinned.

    All that may go, if that is not enough.
    """
    chosen: list[PartUse] = []
    for part in sorted(parts, key=_order):
        if excess <= 0:
            break
        if part.digest not in pinned:
            chosen.append(part)
            excess -= part.size
    return tuple(chosen)


def _order(part: PartUse) -> tuple[bool, float, str]:
    return not part.orphan, part.last_used, part.digest
