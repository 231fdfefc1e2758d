"""Notices that a server has gone, and when it is time to think again about what is served."""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable

from engine.duties import set_or_due
from engine.giving.losses import Losses, Word
from engine.giving.occasions import Occasions
from engine.settings import ReplanSettings
from engine.swarm_client import SwarmClient
from engine.wire.records import SpanRecord

GLANCE_SECONDS = 1.0  # between two glances at connections, which cost nobody anything


class Vigil:
    def __init__(self, settings: ReplanSettings, occasions: Occasions, wake: asyncio.Event) -> None:
        """`wake`: ends every wait."""
        self._settings = settings
        self._occasions = occasions
        self._wake = wake
        self._losses = Losses()

    @property
    def gone(self) -> frozenset[Word]:
        """Last words of servers that are there no more."""
        return self._losses.gone

    async def wait(
        self, swarm: Callable[[], SwarmClient | None], silent: Callable[[], Collection[str]]
    ) -> None:
        """Until it is time to look. `silent`: peers that do not answer this computer's block servers."""
        until = time.monotonic() + self._settings.look
        while (left := until - time.monotonic()) > 0 and not self._wake.is_set():
            await set_or_due(self._wake, min(left, GLANCE_SECONDS))
            if self._losses.peers and (joined := swarm()) is not None:
                await self._glance(joined, silent())
            if self._losses.is_in_doubt or self._occasions.is_due(time.monotonic()):
                return

    async def _glance(self, swarm: SwarmClient, silent: Collection[str]) -> None:
        book = swarm.book
        self._losses.suspect({peer for peer in self._losses.peers if peer in silent or book.is_avoided(peer)})
        try:
            connected = await swarm.node.connected()
        except (OSError, EOFError):
            return  # the node is ending
        self._losses.connected_to(frozenset(connected) - swarm.own_servers)

    def look(self, records: Iterable[SpanRecord]) -> None:
        """`records`: of other computers, about models that are served here."""
        now, known = time.monotonic(), list(records)
        self._losses.look(known, now)
        gone = {peer for peer, _ in self.gone}
        self._occasions.seen({record.peer for record in known if record.usable} - gone, now)
