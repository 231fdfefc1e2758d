"""A swarm on this computer alone: a client node and block server processes. For demo, bench and tests."""

import asyncio
import contextlib
import itertools
from collections import deque
from collections.abc import AsyncIterator, Sequence

from engine.api.schema import ServerPhase
from engine.errors import BlockServerFailed
from engine.host.orders import HostConfig, Order, Report
from engine.network.directory import Directory
from engine.network.node import Node, NodeSettings
from engine.supervisor.process import ProcessGroup
from engine.supervisor.supervisor import FIRM, HOST_COMMAND, POLITE
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore

LAST_WORDS = 5  # lines of a dead server's stderr that its failure quotes


class ServerProcess:
    """One block server process and what it last reported."""

    def __init__(self, config: HostConfig) -> None:
        self.config = config
        self.report = Report(phase=ServerPhase.STARTING)
        self._changed = asyncio.Event()
        self._complaints: deque[str] = deque(maxlen=LAST_WORDS)
        self._process: ProcessGroup
        self._ended: asyncio.Task[int]

    @classmethod
    async def start(cls, config: HostConfig, command: Sequence[str] = HOST_COMMAND) -> "ServerProcess":
        server = cls(config)
        server._process = await ProcessGroup.start(command, server._hear, server._overhear)
        server._ended = asyncio.create_task(server._process.wait())
        server._process.write(config.to_line())
        return server

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def last_words(self) -> tuple[str, ...]:
        """The last lines of its stderr."""
        return tuple(self._complaints)

    async def online(self) -> None:
        """Until it serves. Raises BlockServerFailed if it ends before."""
        while self.report.phase is not ServerPhase.ONLINE:
            self._changed.clear()
            change = asyncio.ensure_future(self._changed.wait())
            await asyncio.wait({change, self._ended}, return_when=asyncio.FIRST_COMPLETED)
            change.cancel()
            if self._ended.done():
                why = self.report.failure or " / ".join(self._complaints) or "it said nothing"
                raise BlockServerFailed(f"A block server ended before it was ready: {why}")

    async def stop(self) -> None:
        """Politely, then by force."""
        self._process.write(Order(order="stop").to_line())
        await self._process.end(POLITE, FIRM)
        await self._ended

    async def kill(self) -> None:
        """At once and without a word, like a computer that loses power."""
        self._process.kill()
        await self._ended

    def order(self, order: Order) -> None:
        self._process.write(order.to_line())

    def tell(self, config: HostConfig) -> None:
        """What to serve, to a server that has not begun to load."""
        self._process.write(config.to_line())

    async def ended(self) -> int:
        """The exit status, once it is gone."""
        return await asyncio.shield(self._ended)

    def _hear(self, line: bytes) -> None:
        self.report = Report.model_validate_json(line)
        self._changed.set()

    def _overhear(self, line: bytes) -> None:
        self._complaints.append(line.decode(errors="replace").strip())


class PrivateSwarm:
    """A client node that other nodes join through, and the servers that have joined."""

    def __init__(self, node: Node, store: LayerStore, manifest: Manifest) -> None:
        self.node = node
        self.directory = Directory(node)
        self.store = store
        self.manifest = manifest
        self.servers: list[ServerProcess] = []

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls, store: LayerStore, manifest: Manifest, client: NodeSettings | None = None
    ) -> AsyncIterator["PrivateSwarm"]:
        """Ends every process that it started, however the block is left. `client`: of the first node."""
        swarm = cls(await Node.start(client or NodeSettings()), store, manifest)
        try:
            yield swarm
        finally:
            await swarm._close()

    async def add(
        self,
        start: int,
        end: int,
        threads: int | None = None,
        command: Sequence[str] = HOST_COMMAND,
        **more: object,
    ) -> ServerProcess:
        """Start a server for layers [start, end); it comes online later."""
        config = HostConfig.model_validate(
            {
                "store": self.store.root,
                "manifest": self.manifest.digest,
                "start": start,
                "end": end,
                "threads": threads,
                "initial_peers": self.node.addresses,
                **more,
            }
        )
        server = await ServerProcess.start(config, command)
        self.servers.append(server)
        return server

    async def add_all(self, spans: Sequence[tuple[int, int]], threads: int | None = None) -> None:
        """Start servers for all spans at once, and wait until they are online."""
        servers = [await self.add(start, end, threads) for start, end in spans]
        await asyncio.gather(*(server.online() for server in servers))

    async def _close(self) -> None:
        await asyncio.gather(*(server.stop() for server in self.servers))
        await self.node.stop()


def even_spans(n_layers: int, servers: int) -> list[tuple[int, int]]:
    """`n_layers` cut into spans of as equal length as can be, longer ones first."""
    length, longer = divmod(n_layers, servers)
    borders = [0]
    for index in range(servers):
        borders.append(borders[-1] + length + (index < longer))
    return list(itertools.pairwise(borders))
