"""What this computer knows of those around it: it probes them, answers them, and finds its own place."""

import asyncio
from collections.abc import Callable, Collection, Mapping

from engine.network.directory import Directory
from engine.network.node import Node
from engine.network.probe_server import ProbeServer
from engine.network.prober import Prober, ProbeSettings
from engine.peers.book import PeerBook
from engine.wire.probes import PROBE_PROTOCOL
from engine.wire.records import Coordinates, SpanRecord


class Surroundings:
    """Writes what it finds into `book`. `in_use` says which models (digests) matter on this computer now."""

    def __init__(
        self,
        node: Node,
        directory: Directory,
        book: PeerBook,
        in_use: Callable[[], Collection[str]],
        settings: ProbeSettings | None = None,
    ) -> None:
        self._node = node
        self._book = book
        self._server = ProbeServer(lambda: book.coordinates)
        news: asyncio.Event = directory.watch_opened
        self._prober = Prober(node, node.peer_id, directory, book, in_use, news, settings)

    async def run(self) -> None:
        """Until cancelled."""
        await self._node.serve(PROBE_PROTOCOL, self._server.handle)
        await self._prober.run()

    @property
    def coordinates(self) -> Coordinates:
        """Of this computer."""
        return self._book.coordinates

    @property
    def upload_bytes_per_s(self) -> float:
        """Of this computer; 0: not measured."""
        return self._prober.upload_bytes_per_s

    @property
    def silent(self) -> tuple[str, ...]:
        """The servers that did not answer in the last round, while others did."""
        return self._prober.silent

    @property
    def answering(self) -> Mapping[str, SpanRecord]:
        """The servers that answered in the last round."""
        return self._prober.answering
