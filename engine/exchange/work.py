"""What all talks of one fetch share: the plan, the parts, and what has arrived and is not checked yet."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from engine.duties import set_or_due
from engine.exchange.plan import HASHES, FetchPlan, Piece
from engine.weights.content_hash import HASH_BYTES, chunk_count, chunk_range
from engine.weights.manifest import Part

UNCHECKED = 4  # arrivals that may wait for a thread; then peers are not read from


@dataclass(frozen=True)
class Arrival:
    peer: str
    piece: Piece
    data: bytes


class Work:
    """Of `parts`, in this order."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts
        self.plan = FetchPlan(len(parts))
        self.arrivals: asyncio.Queue[Arrival] = asyncio.Queue(UNCHECKED)
        self._hoping = 0
        self._bells: dict[str, asyncio.Event] = {}  # by peer

    def nbytes(self, piece: Piece) -> int:
        size = self.parts[piece.part].size
        if piece.chunk == HASHES:
            return HASH_BYTES * chunk_count(size)
        start, end = chunk_range(piece.chunk, size)
        return end - start

    def begin(self, part: int, missing: Sequence[int]) -> int:
        """Fetch these chunks of a part whose hash list is known. How many bytes of it are there already."""
        self.plan.begin(part, missing)
        self.ring_all()
        return self.parts[part].size - sum(self.nbytes(Piece(part, chunk)) for chunk in missing)

    @property
    def hopeful(self) -> bool:
        """Whether anything is on its way, or will be when the rate allows."""
        return self._hoping > 0 or self.plan.waits_for_answers

    @contextmanager
    def hoping(self) -> Iterator[None]:
        self._hoping += 1
        try:
            yield
        finally:
            self._hoping -= 1

    async def choice_for(self, peer: str, now: float, seconds: float) -> Piece | None:
        """What may be asked of this peer; None: nothing came up within `seconds`, or something just now."""
        bell = self._bells.setdefault(peer, asyncio.Event())
        bell.clear()
        if (piece := self.plan.choice(peer, now)) is None:
            await set_or_due(bell, seconds)
        return piece

    def ring(self, peer: str) -> None:
        """The peer may be asked something more."""
        if peer in self._bells:
            self._bells[peer].set()

    def ring_all(self) -> None:
        for bell in self._bells.values():
            bell.set()

    def leave(self, peer: str) -> None:
        """The peer is talked to no more: others get what it owes."""
        self._bells.pop(peer, None)
        self.plan.leave(peer)
        self.ring_all()
