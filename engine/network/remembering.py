"""Keeps the memory of peers true while this computer is in the swarm."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from engine.errors import PeerRefused, PeerUnreachable, ProtocolViolation
from engine.network.probing import Dialler, probe
from engine.peers.memory_file import MemoryFile
from engine.peers.remembered import Memory, RememberedPeer, after_meeting, after_missing, ways_in
from engine.wire.records import SpanRecord

NOTE_SECONDS = 5.0
VISIT_SECONDS = 6 * 3600.0  # between two visits to those that have not been met lately
PATIENCE_SECONDS = 3.0


class Joined(Dialler, Protocol):
    """The part of a node that comes back to its swarm by what is remembered."""

    remembered_peers: tuple[str, ...]


class Remembering:
    """`answering` gives the servers that answered a probe lately."""

    def __init__(
        self,
        node: Joined,
        answering: Callable[[], Mapping[str, SpanRecord]],
        file: MemoryFile,
        memory: Memory,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._node = node
        self._answering = answering
        self._file = file
        self._memory = memory
        self._wall_clock = wall_clock
        self._visited_at = float("-inf")

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(NOTE_SECONDS)
            await self.note()

    async def note(self) -> None:
        """Remember who answers now; once somebody does, see whether the others are still there."""
        answering = self._answering()
        self._memory = after_meeting(self._memory, answering.values(), self._wall_clock())
        if answering and time.monotonic() - self._visited_at > VISIT_SECONDS:
            self._visited_at = time.monotonic()
            await self._visit([peer for peer in self._memory if peer.peer not in answering])
        self._node.remembered_peers = ways_in(self._memory, self._wall_clock())
        self._file.save(self._memory)

    async def _visit(self, peers: list[RememberedPeer]) -> None:
        found = await asyncio.gather(*(self._is_there(peer) for peer in peers))
        missed = {peer.peer for peer, there in zip(peers, found, strict=True) if not there}
        self._memory = after_missing(self._memory, missed, self._wall_clock())

    async def _is_there(self, peer: RememberedPeer) -> bool:
        try:
            await probe(self._node, peer.peer, peer.addresses, PATIENCE_SECONDS, with_bulk=False)
        except PeerRefused:
            return True
        except (PeerUnreachable, ProtocolViolation):
            return False
        return True
