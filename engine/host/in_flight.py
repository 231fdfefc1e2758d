"""How many bytes of steps are on their way into the forward: bounded, so that nobody can fill the memory."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

SMALL_BYTES = 1 << 18  # a step of a few tokens, of which every session may have one


class InFlight:
    """Large steps take turns where there is no room for all of them; small ones pass."""

    def __init__(self, total: int = 512 << 20, of_a_peer: int = 128 << 20) -> None:
        self._total = total
        self._of_a_peer = of_a_peer
        self._held: Counter[str] = Counter()
        self._changed = asyncio.Condition()

    @property
    def held(self) -> int:
        """Bytes of large steps."""
        return self._held.total()

    @asynccontextmanager
    async def hold(self, peer: str, size: int) -> AsyncIterator[None]:
        """Wait until `size` bytes of this peer fit. One step always does, however large."""
        if size <= SMALL_BYTES:
            yield
            return
        async with self._changed:
            await self._changed.wait_for(lambda: self._fits(peer, size))
            self._held[peer] += size
        try:
            yield
        finally:
            await self._let_go(peer, size)

    def _fits(self, peer: str, size: int) -> bool:
        theirs = self._held[peer]
        alone, first = not self.held, not theirs
        return (alone or self.held + size <= self._total) and (first or theirs + size <= self._of_a_peer)

    async def _let_go(self, peer: str, size: int) -> None:
        self._held[peer] -= size
        if not self._held[peer]:
            del self._held[peer]
        async with self._changed:
            self._changed.notify_all()
