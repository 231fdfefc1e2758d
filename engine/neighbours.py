"""The daemon's eye on other computers: how they answer, whom to remember, who is in the local network."""

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import Any

from engine.duties import until_first_ends
from engine.network.directory import Directory
from engine.network.lan import PUBLIC, Lan
from engine.network.node import Node
from engine.network.remembering import Remembering
from engine.network.surroundings import Surroundings
from engine.peers.book import PeerBook
from engine.peers.book_file import BookFile
from engine.peers.memory_file import MemoryFile
from engine.peers.remembered import Memory, swarm_name, ways_in
from engine.settings import Paths, SwarmSettings

log = logging.getLogger("potluck.engine")

SAVE_SECONDS = 300.0  # between two savings of the book
LAN_SECONDS = 4.0  # that a start waits for somebody in the local network


class Remembered:
    """What was kept of earlier starts: the peers of this swarm, and the book on all peers."""

    def __init__(self, paths: Paths, swarm: SwarmSettings) -> None:
        name = swarm_name(swarm.tag, swarm.initial_peers)
        has_way_in = bool(swarm.tag or swarm.initial_peers)
        self.file = MemoryFile(paths.remembered_peers(name)) if has_way_in else None
        self.memory: Memory = self.file.load() if self.file else ()
        self.book = PeerBook()
        self._book_file = BookFile(paths.peer_book, time.time)
        self._book_file.load_into(self.book)

    @property
    def ways_in(self) -> tuple[str, ...]:
        """Addresses of peers of this swarm."""
        return ways_in(self.memory, time.time())

    def save_book(self) -> None:
        try:
            self._book_file.save(self.book)
        except OSError as error:
            log.warning("What is known of other computers cannot be written: %s", error)


async def enter_lan(node: Node, swarm: SwarmSettings) -> Lan | None:
    """Be found in the local network, and find others there where that is wanted; None without a network."""
    if swarm.private:
        return None
    try:
        lan = await Lan.open(swarm.tag or PUBLIC, swarm.lan_interfaces, loopback=bool(swarm.lan_interfaces))
    except OSError as error:
        log.warning("The local network cannot be searched (%s): other computers need an address", error)
        return None
    lan.start(node, looks=swarm.looks_in_lan)
    try:
        if swarm.lan and node.is_alone and not await lan.has_met(LAN_SECONDS):
            log.info("nobody is there in the local network yet: this computer waits for others")
    except BaseException:
        await lan.close()
        raise
    return lan


class Neighbours:
    """Looks around for as long as `run` runs."""

    def __init__(self, node: Node, directory: Directory, remembered: Remembered, lan: Lan | None) -> None:
        self._node = node
        self._remembered = remembered
        self._around = Surroundings(node, directory, remembered.book, lambda: directory.watched)
        self._lan = lan

    async def run(self) -> None:
        """Until cancelled."""
        duties: list[Coroutine[Any, Any, object]] = [self._around.run(), self._save_forever()]
        file, memory = self._remembered.file, self._remembered.memory
        if file is not None:
            duties.append(Remembering(self._node, lambda: self._around.answering, file, memory).run())
        await until_first_ends(*duties)

    async def _save_forever(self) -> None:
        try:
            while True:
                await asyncio.sleep(SAVE_SECONDS)
                self._remembered.save_book()
        finally:
            self._remembered.save_book()

    async def close(self) -> None:
        """Be found no more."""
        if self._lan is not None:
            await self._lan.close()
