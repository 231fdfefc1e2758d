"""How many bytes of steps are on their way through a server: bounded, so that nobody can fill its memory."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from engine.host.signal import Signal

SMALL_BYTES = 1 << 16  # a step of a few tokens, of which every session may have some


class Held:
    """Bytes that count until everybody who has a share in them has let go."""

    def __init__(self, let_go: Callable[[], None] = lambda: None) -> None:
        self._let_go = let_go
        self._shares = 1

    def share(self) -> "Held":
        self._shares += 1
        return self

    def let_go(self) -> None:
        self._shares -= 1
        if not self._shares:
            self._let_go()


class InFlight:
    """Large steps take turns where there is no room for all of them; small ones pass."""

    def __init__(self, total: int = 512 << 20, of_a_peer: int = 128 << 20) -> None:
        self._total = total
        self._of_a_peer = of_a_peer
        self._held: Counter[str] = Counter()
        self._changed = Signal()

    @property
    def held(self) -> int:
        """Bytes of large steps."""
        return self._held.total()

    async def take(self, peer: str, size: int) -> Held:
        """Wait until `size` bytes of this peer fit. One step always does, however large."""
        if size <= SMALL_BYTES:
            return Held()
        await self._changed.until(lambda: self._fits(peer, size))
        self._held[peer] += size
        return Held(lambda: self._let_go(peer, size))

    @asynccontextmanager
    async def hold(self, peer: str, size: int) -> AsyncIterator[None]:
        """As `take`, until the end of the block."""
        held = await self.take(peer, size)
        try:
            yield
        finally:
            held.let_go()

    def _fits(self, peer: str, size: int) -> bool:
        theirs = self._held[peer]
        alone, first = not self.held, not theirs
        return (alone or self.held + size <= self._total) and (first or theirs + size <= self._of_a_peer)

    def _let_go(self, peer: str, size: int) -> None:
        self._held -= Counter({peer: size})  # forgets peers that hold nothing
        self._changed.send()
