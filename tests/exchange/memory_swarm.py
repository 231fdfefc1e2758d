"""Servers of parts in one process, on real streams over socket pairs.

Faults sit where real ones do: in a server's store (wrong bytes, lies), or on its stream (slow, silent).
"""

import asyncio
import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self

from engine.errors import PeerUnreachable
from engine.exchange.fetching import Fetcher, FetchSettings
from engine.exchange.serving import PartServer, PartSource, ServingLimits
from engine.network.stream import PeerStream
from engine.weights.manifest import Manifest, Part
from engine.weights.store.layer_store import LayerStore
from engine.wire import frames
from engine.wire.parts import PARTS_PROTOCOL
from engine.wire.records import ServerState, SpanRecord
from tests.exchange.small_parts import SmallModel

IMPATIENT = FetchSettings(
    answer_seconds=5.0,  # whoever is well may be slow
    idle_seconds=0.2,
    look_again_seconds=0.05,
    patience_seconds=0.8,
    busy_patience_seconds=6.0,
)


class Stream(Protocol):
    peer: str

    async def receive(self, n: int) -> bytes: ...
    async def send(self, *buffers: frames.Payload) -> None: ...
    def close(self) -> None: ...


async def stream_pair(left: str, right: str) -> tuple[PeerStream, PeerStream]:
    """The end that talks to `left`, and the one that talks to `right`."""
    ends = [await asyncio.open_connection(sock=end) for end in socket.socketpair()]
    return PeerStream(left, *ends[0]), PeerStream(right, *ends[1])


class FaultyStream:
    """A server's end; subclasses say what goes wrong when it sends."""

    def __init__(self, stream: Stream) -> None:
        self.peer = stream.peer
        self.receive = stream.receive
        self.close = stream.close
        self.stream = stream

    async def send(self, *buffers: frames.Payload) -> None:
        await self.stream.send(*buffers)


class Slow(FaultyStream):
    seconds = 0.01  # for each slice

    async def send(self, *buffers: frames.Payload) -> None:
        await asyncio.sleep(self.seconds)
        await super().send(*buffers)


class Silent(FaultyStream):
    async def send(self, *buffers: frames.Payload) -> None:
        await asyncio.Event().wait()


class DiesMidChunk(FaultyStream):
    """Offers and hash lists come; of the first chunk, a part."""

    async def send(self, *buffers: frames.Payload) -> None:
        if sum(map(len, buffers)) < 100_000:
            await super().send(*buffers)
        else:
            await super().send(*buffers[:-1], buffers[-1][:50_000])
            self.close()


class FaultyStore:
    """An honest store; tests override what goes wrong."""

    def __init__(self, store: LayerStore) -> None:
        self._store = store
        self.manifests = store.manifests
        self.has = store.has
        self.hashes_of = store.hashes_of
        self.read_chunk = store.read_chunk


@dataclass
class MemoryPeer:
    record: SpanRecord
    store: PartSource
    server: PartServer
    wrap: Callable[[Stream], Stream]
    reachable: bool = True
    dial_seconds: float = 0.0
    dialled: int = 0
    streams: list[Stream] = field(default_factory=list)

    @property
    def peer(self) -> str:
        return self.record.peer

    def vanish(self) -> None:
        self.reachable = False
        for stream in self.streams:
            stream.close()


class MemorySwarm:
    """What a fetcher sees as its node and as the directory."""

    peer_id = "Qm" + "z" * 30

    def __init__(self, folder: Path) -> None:
        self.peers: dict[str, MemoryPeer] = {}
        self.failures: list[BaseException] = []
        self._folder = folder
        self._handlers: set[asyncio.Task[None]] = set()
        self._streams: list[Stream] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for stream in self._streams:
            stream.close()
        for handler in self._handlers:
            handler.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)
        await asyncio.sleep(0)  # closed sockets are let go of
        assert not self.failures

    def add(
        self,
        model: SmallModel,
        parts: Collection[Part] | None = None,
        *,
        store: Callable[[LayerStore], PartSource] = lambda store: store,
        stream: Callable[[Stream], Stream] = lambda stream: stream,
        limits: ServingLimits | None = None,
        state: ServerState = ServerState.ONLINE,
    ) -> MemoryPeer:
        """A server of these parts, or of all; `store` and `stream` may put a fault before the honest ones."""
        number = len(self.peers)
        source = store(model.store_at(self._folder / f"peer{number}", parts))
        peer = MemoryPeer(_record(model.manifest, number, state), source, PartServer(source, limits), stream)
        self.peers[peer.peer] = peer
        return peer

    def fetcher(self, store: LayerStore, settings: FetchSettings = IMPATIENT) -> Fetcher:
        return Fetcher(self, self, store, settings)

    async def spans(self, model: str) -> Sequence[SpanRecord]:
        return [peer.record for peer in self.peers.values() if peer.record.model == model]

    async def open(self, peer: str, protocol: str, addresses: Sequence[str] = ()) -> PeerStream:
        assert protocol == PARTS_PROTOCOL
        server = self.peers[peer]
        server.dialled += 1
        await asyncio.sleep(server.dial_seconds)
        if not server.reachable:
            raise PeerUnreachable(f"{peer} cannot be reached.")
        ours, theirs = await stream_pair(peer, self.peer_id)
        self._streams += ours, theirs
        server.streams.append(theirs)
        self._start(server, server.wrap(theirs))
        return ours

    def _start(self, server: MemoryPeer, stream: Stream) -> None:
        """As `engine.network.node` does it."""

        async def handle() -> None:
            try:
                await server.server.handle(stream)
            except Exception as error:
                self.failures.append(error)
            finally:
                stream.close()

        handler = asyncio.create_task(handle())
        self._handlers.add(handler)
        handler.add_done_callback(self._handlers.discard)


def _record(manifest: Manifest, number: int, state: ServerState) -> SpanRecord:
    return SpanRecord(
        peer="Qm" + "abcdefghijkmnopqrstuvwxy"[number] * 30,
        model=manifest.digest,
        model_name=manifest.name,
        start=0,
        end=manifest.n_layers,
        n_layers=manifest.n_layers,
        state=state,
        expires=2e9,
    )
