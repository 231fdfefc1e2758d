"""Finding a way into the swarm: initial peers first, and soon the peers that are remembered from last time.

All are dialled beside each other: a peer that is gone costs nobody time who could reach another.
"""

import asyncio
import logging
from collections.abc import Sequence

from engine.errors import SwarmUnreachable
from engine.network._hivemind import DHTNode, Multiaddr, P2PDaemonError, PeerID
from engine.network.daemon import KEY_UNKNOWN, NO_PEER_ANSWERS, Daemon

logger = logging.getLogger("potluck.network")

HEAD_START_SECONDS = 1.0  # of initial peers before remembered ones
STRAGGLER_SECONDS = 0.3  # for further peers, once one has answered
DIAL_SECONDS = 3.0
DIALS_AT_ONCE = 64


class Joining:
    """Makes other peers part of this node's DHT."""

    def __init__(self, daemon: Daemon, dht: DHTNode) -> None:
        self._daemon = daemon
        self._dht = dht
        self._turns = asyncio.Semaphore(DIALS_AT_ONCE)

    @property
    def is_alone(self) -> bool:
        return not self._dht.protocol.routing_table.uid_to_peer_id

    @property
    def met_strangers(self) -> bool:
        """Whether peers answered, but not as members of the same swarm."""
        return self._daemon.met_strangers

    async def join(self, initial: Sequence[Multiaddr], remembered: Sequence[Multiaddr]) -> None:
        """Return once peers have answered. Raises SwarmUnreachable if nobody does."""
        if not await self._any_answers(initial, remembered):
            raise SwarmUnreachable(KEY_UNKNOWN if self.met_strangers else NO_PEER_ANSWERS)
        await self._meet_neighbours()

    async def _any_answers(self, initial: Sequence[Multiaddr], remembered: Sequence[Multiaddr]) -> bool:
        first = self._dial(initial)
        second: list[asyncio.Task[bool]] = []
        try:
            if await _first_true(first, HEAD_START_SECONDS):
                return True
            second = self._dial(remembered)
            return await _first_true([*first, *second], None)
        finally:
            await _let_stragglers_finish([*first, *second])

    def _dial(self, addresses: Sequence[Multiaddr]) -> list[asyncio.Task[bool]]:
        return [asyncio.create_task(self.answers(*alike)) for alike in _by_peer(addresses)]

    async def answers(self, *addresses: Multiaddr) -> bool:
        """Whether the one peer at these addresses takes part in the DHT; from then on it is a neighbour."""
        peer = PeerID.from_base58(addresses[0]["p2p"])
        bare = [address.decapsulate(f"/p2p/{peer}") for address in addresses]
        try:
            async with self._turns, asyncio.timeout(DIAL_SECONDS):
                await self._daemon.connect(peer, bare, DIAL_SECONDS)
                return await self._dht.protocol.call_ping(peer, validate=True, strict=False) is not None
        except (P2PDaemonError, OSError, EOFError) as error:  # a timeout is an OSError, too
            logger.debug("Peer %s does not answer: %s", peer, error)
            return False

    async def _meet_neighbours(self) -> None:
        """Look for this node's own place, so that it knows its neighbours and they know it."""
        try:
            async with asyncio.timeout(self._dht.protocol.wait_timeout):
                await self._dht.find_nearest_nodes([self._dht.node_id])
        except TimeoutError:
            logger.debug("Not all neighbours were met in time")


def _by_peer(addresses: Sequence[Multiaddr]) -> list[list[Multiaddr]]:
    found: dict[str, list[Multiaddr]] = {}
    for address in addresses:
        found.setdefault(address["p2p"], []).append(address)
    return list(found.values())


async def _first_true(tasks: Sequence[asyncio.Task[bool]], seconds: float | None) -> bool:
    """Whether any of `tasks` comes out true within `seconds`; returns when one does."""
    try:
        async with asyncio.timeout(seconds):
            for task in asyncio.as_completed(tasks):
                if await task:
                    return True
    except TimeoutError:
        pass
    return False


async def _let_stragglers_finish(tasks: Sequence[asyncio.Task[bool]]) -> None:
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=STRAGGLER_SECONDS if any(map(_is_true, tasks)) else 0)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)


def _is_true(task: asyncio.Task[bool]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None and task.result()
