"""This computer's place in the swarm: a peer id, streams to other peers, and a share of the DHT."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.api.sentences import said
from engine.errors import PeerUnreachable, SwarmUnreachable
from engine.membership.key import Purpose, SwarmKey
from engine.network._hivemind import DHTNode, Multiaddr, P2PDaemonError, PeerID, StreamInfo
from engine.network.addresses import in_words
from engine.network.bounds import StreamBounds
from engine.network.daemon import NO_PEER_ANSWERS, Daemon, DaemonSettings
from engine.network.identity import Identity, load_or_create
from engine.network.joining import Joining
from engine.network.ports import stable_listen
from engine.network.proof import StreamProof
from engine.network.reach import ReachServer, dialled_back_by
from engine.network.sealing import CallSeal
from engine.network.stream import PeerStream
from engine.network.traffic import Traffic
from engine.network.validator import SpanValidator
from engine.settings import is_loopback
from engine.wire.reach import REACH_PROTOCOL

__all__ = ["Node", "NodeSettings", "PeerStream"]

logger = logging.getLogger("potluck.network")

START_SECONDS = 9.5
REJOIN_SECONDS = 20.0  # a node that has lost everybody looks for its initial peers this often
ADDRESSES_SECONDS = 10.0  # between two looks at where others reach this node
MAX_RELAYS = 16  # that are asked to pass on what comes for a node that nobody reaches directly
DHT_ANSWER_SECONDS = 3.0  # a DHT peer that is silent for longer counts as gone

Handler = Callable[[PeerStream], Awaitable[None]]


@dataclass(frozen=True)
class NodeSettings:
    """No initial peers: a swarm's first node. Addresses are multiaddrs; initial peers' end in /p2p/ID."""

    initial_peers: tuple[str, ...] = ()
    listen: tuple[str, ...] = ("/ip4/127.0.0.1/tcp/0",)  # none: reached through relays alone
    identity: Path | None = None  # key file; None: a new key at each start, kept nowhere
    client_only: bool = False  # stores nothing for others in the DHT
    remembered_peers: tuple[str, ...] = ()  # of this swarm, for when no initial peer answers
    port_file: Path | None = None  # keeps the port that stands for any; None: another one at each start
    announce: tuple[str, ...] = ()  # what peers are told instead of where it listens
    swarm_key: SwarmKey | None = None  # of a private swarm; None: the public one


class Node:
    """Started with `start`, ended with `stop`. Its p2pd ends with this process, however that ends."""

    def __init__(self, settings: NodeSettings, identity: Identity, daemon: Daemon, dht: DHTNode) -> None:
        self._daemon = daemon
        self._proof = _stream_proof(settings, identity)
        self._looks_for_swarm = False
        self._joining = Joining(daemon, dht)
        self._streams: set[PeerStream] = set()
        self._handlers: set[asyncio.Task[None]] = set()
        self._bounds = StreamBounds()
        self._stopping: asyncio.Task[None] | None = None
        self._background = (
            asyncio.create_task(self._watch_daemon()),
            asyncio.create_task(self._stay_joined()),
            asyncio.create_task(self._follow_addresses()),
        )
        self.settings = settings
        self.identity = identity
        self.peer_id = identity.peer
        self.addresses: tuple[str, ...] = ()
        self.own_peers: Collection[str] = ()  # other nodes of this computer
        self.traffic = Traffic()
        self.remembered_peers = settings.remembered_peers
        self.dht = dht  # for the directory only

    @classmethod
    async def start(cls, settings: NodeSettings) -> "Node":
        """Raises SwarmUnreachable within 10 s if nobody answers, EngineError if p2pd cannot run.

        Without initial peers there is nobody to ask: the node is the first of its swarm. A private swarm's
        member may be the first one of the day: it starts alone and looks for the others from time to time.
        """
        initial_peers = _parse_peers(settings.initial_peers)
        identity = load_or_create(settings.identity) if settings.identity else Identity.generate()
        listen = stable_listen(settings.listen, settings.port_file) if settings.port_file else settings.listen
        daemon_settings = DaemonSettings(
            listen,
            settings.client_only,
            settings.announce,
            relays=(*settings.initial_peers, *settings.remembered_peers)[:MAX_RELAYS],
        )
        try:
            async with asyncio.timeout(START_SECONDS):
                daemon = await Daemon.start(daemon_settings, identity, _call_seal(settings, identity))
                return await cls._join(settings, identity, daemon, initial_peers)
        except TimeoutError as error:
            raise SwarmUnreachable(NO_PEER_ANSWERS) from error

    @classmethod
    async def _join(
        cls, settings: NodeSettings, identity: Identity, daemon: Daemon, initial_peers: Sequence[Multiaddr]
    ) -> "Node":
        try:
            dht = await _start_dht(daemon, settings.client_only)
            met = await _meet_swarm(Joining(daemon, dht), settings, initial_peers)
            addresses = await daemon.visible_addresses()
        except BaseException:
            await daemon.stop()
            raise
        node = cls(settings, identity, daemon, dht)
        node._looks_for_swarm = not met
        node.addresses = addresses
        reach = ReachServer(dialled_back_by(settings.listen))
        await node.serve(REACH_PROTOCOL, reach.handle)
        return node

    async def open(
        self,
        peer: str,
        protocol: str,
        addresses: Sequence[str] = (),
        timeout: float = 5.0,  # noqa: ASYNC109 (p2pd needs to know it)
    ) -> PeerStream:
        """A stream for `protocol` to `peer`, which is found through the swarm where no address leads to it.

        Raises PeerUnreachable, after at most `timeout` seconds.
        """
        try:
            async with asyncio.timeout(timeout):
                reader, writer = await self._dial(PeerID.from_base58(peer), protocol, addresses, timeout)
                traffic = None if peer in self.own_peers else self.traffic
                stream = PeerStream(peer, reader, writer, self._streams.discard, traffic=traffic)
                self._track(stream)
                await self._prove(stream, protocol)
        except (P2PDaemonError, OSError, EOFError, ValueError, TimeoutError) as error:
            raise PeerUnreachable(
                said(
                    "{peer} cannot be reached ({reason}): try another server.",
                    peer=peer,
                    reason=_reason(error),
                )
            ) from error
        return stream

    async def _prove(self, stream: PeerStream, protocol: str) -> None:
        """In a private swarm, that both ends of a stream that was just opened are members."""
        if self._proof is None:
            return
        try:
            await self._proof.open(stream, protocol)
        except BaseException:
            stream.close()
            raise

    async def _dial(
        self, peer: PeerID, protocol: str, addresses: Sequence[str], seconds: float
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if known := _dialable(peer, addresses):
            try:
                await self._daemon.connect(peer, known, seconds)
            except P2PDaemonError as error:
                logger.debug("No way to %s by its addresses: %s", peer, error)
        return await self._daemon.open_stream(peer, protocol, seconds)

    async def serve(self, protocol: str, handler: Handler) -> None:
        """Have `handler` called with every stream that a peer opens for `protocol`."""

        async def on_stream(
            info: StreamInfo, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            peer, address = info.peer_id.to_base58(), in_words(info.addr)
            if not self._bounds.take(peer, protocol):
                writer.close()
                return
            traffic = None if is_loopback(address) else self.traffic  # this computer's own chats
            stream = self._track(PeerStream(peer, reader, writer, self._streams.discard, address, traffic))
            task = asyncio.create_task(self._handle(stream, protocol, handler))
            self._handlers.add(task)
            task.add_done_callback(self._handlers.discard)
            task.add_done_callback(lambda _: self._bounds.give_back(peer, protocol))

        await self._daemon.p2p.add_binary_stream_handler(protocol, on_stream)

    async def _handle(self, stream: PeerStream, protocol: str, handler: Handler) -> None:
        try:
            if self._proof is not None:
                await self._proof.accept(stream, protocol)
            await handler(stream)
        except PeerUnreachable as error:
            logger.debug("Serving %s ended: %s", protocol, error)
        except Exception:
            logger.exception("Serving %s to %s failed", protocol, stream.peer)
        finally:
            stream.close()

    def _track(self, stream: PeerStream) -> PeerStream:
        self._streams.add(stream)
        return stream

    async def peers(self) -> int:
        """How many peers this node is connected to now; 0 where it works no more."""
        try:
            return len(await self._daemon.p2p.list_peers())
        except (OSError, EOFError):
            return 0

    async def connected(self) -> tuple[str, ...]:
        """The ids of the peers that this node is connected to now. Raises OSError or EOFError."""
        return tuple(peer.peer_id.to_base58() for peer in await self._daemon.p2p.list_peers())

    async def wait_ended(self) -> None:
        """Return when the node works no more: after `stop`, or because its p2pd ended by itself."""
        await self._daemon.wait()

    async def stop(self) -> None:
        """Cancel the handlers, close the streams, end p2pd and reap it. Idempotent."""
        if self._stopping is None:
            self._stopping = asyncio.create_task(self._stop())
        await asyncio.shield(self._stopping)

    async def _stop(self) -> None:
        self.dht.is_alive = False
        tasks = (*self._background, *self._handlers)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for stream in tuple(self._streams):
            stream.close()
        await self._daemon.stop()

    async def _watch_daemon(self) -> None:
        await self._daemon.wait()
        logger.error("The network process ended by itself: this computer has left the swarm")

    @property
    def is_alone(self) -> bool:
        """Whether no other node of its swarm is known."""
        return self._joining.is_alone

    async def meet(self, addresses: Sequence[str]) -> bool:
        """Make the peers at these addresses, and their swarm, part of this node's. Whether one answered."""
        try:
            await self._joining.join(_readable(addresses), ())
        except SwarmUnreachable:
            return False
        return True

    async def _follow_addresses(self) -> None:
        """A port mapping or a relay is found some time after the start, and may be lost again."""
        while True:
            await asyncio.sleep(ADDRESSES_SECONDS)
            with suppress(OSError, EOFError):
                self.addresses = await self._daemon.visible_addresses()

    async def _stay_joined(self) -> None:
        """The DHT forgets peers that do not answer: after an outage nobody would be left to ask."""
        initial_peers = _parse_peers(self.settings.initial_peers)
        while initial_peers or self.settings.swarm_key:
            await asyncio.sleep(REJOIN_SECONDS)
            if self._looks_for_swarm or self._joining.is_alone:
                with suppress(SwarmUnreachable):
                    await self._joining.join(initial_peers, _readable(self.remembered_peers))
                    self._looks_for_swarm = False


async def _meet_swarm(joining: Joining, settings: NodeSettings, initial_peers: Sequence[Multiaddr]) -> bool:
    """Whether others were met, or are not to be looked for. Raises SwarmUnreachable."""
    if not initial_peers and settings.swarm_key is None:
        return True
    try:
        await joining.join(initial_peers, _readable(settings.remembered_peers))
    except SwarmUnreachable:
        if settings.swarm_key is None or joining.met_strangers:
            raise
        return False
    return True


def _stream_proof(settings: NodeSettings, identity: Identity) -> StreamProof | None:
    key = settings.swarm_key
    return StreamProof(key.derived(Purpose.STREAMS), identity.peer) if key else None


def _call_seal(settings: NodeSettings, identity: Identity) -> CallSeal | None:
    key = settings.swarm_key
    return CallSeal(key.derived(Purpose.CALLS), identity.peer) if key else None


async def _start_dht(daemon: Daemon, client_only: bool) -> DHTNode:
    """Nothing is cached: the directory's records change too often, and a cache can be made to hide them."""
    dht = await DHTNode.create(
        p2p=daemon.p2p,
        wait_timeout=DHT_ANSWER_SECONDS,
        client_mode=client_only,
        record_validator=SpanValidator(),
        cache_locally=False,
        cache_nearest=0,
        cache_on_store=False,
        cache_refresh_before_expiry=0,
    )
    dht.protocol.cache = dht.protocol.storage  # what others ask us to cache joins the rest, never replaces it
    return dht


def _parse_peers(addresses: Sequence[str]) -> list[Multiaddr]:
    try:
        parsed = [Multiaddr(address) for address in addresses]
        for address in parsed:
            PeerID.from_base58(address["p2p"])
    except Exception as error:  # the parser raises many kinds on malformed text
        raise SwarmUnreachable(
            said(
                "“{addresses}” is not a list of swarm addresses: each looks like /ip4/…/tcp/…/p2p/…",
                addresses=", ".join(addresses),
            )
        ) from error
    return parsed


def _readable(addresses: Sequence[str]) -> list[Multiaddr]:
    """Those that lead to a peer, of addresses that nobody typed."""
    found = []
    for address in addresses:
        with suppress(SwarmUnreachable):
            found += _parse_peers([address])
    return found


def _dialable(peer: PeerID, addresses: Sequence[str]) -> list[Multiaddr]:
    """The well-formed ones of a stranger's addresses, without the peer's own id at the end."""
    found = []
    for address in addresses:
        try:
            found.append(Multiaddr(address.removesuffix(f"/p2p/{peer}")))
        except Exception as error:  # the parser raises many kinds on malformed text
            logger.debug("Address %r of %s cannot be read: %s", address, peer, error)
    return found


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return (str(error) or type(error).__name__).partition("\n")[0]  # p2pd goes on to list every address
