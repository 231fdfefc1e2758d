"""Computers of the same swarm in the local network find each other, without any address typed (DNS-SD)."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from zeroconf import InterfaceChoice, IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from engine.duties import set_or_due
from engine.errors import ProtocolViolation
from engine.wire.lan import SERVICE, LanPeer, as_lan_peer, parse_lan_peer

log = logging.getLogger("potluck.network")

MAX_FOUND = 64  # peers; in a larger local network the first ones lead to the others
QUESTIONS_AT_ONCE = 8
ANSWER_MS = 3000.0
LOOK_SECONDS = 10.0  # between two looks at whether all is as announced, and others are still met
PUBLIC = "public"  # the swarm of those that belong to no private one


class Meeting(Protocol):
    """The part of a node that others are found for."""

    peer_id: str
    addresses: tuple[str, ...]

    @property
    def is_alone(self) -> bool: ...

    async def meet(self, addresses: Sequence[str]) -> bool: ...


class Lan:
    """Tells others of a node, and the node of others with the same `swarm`."""

    def __init__(self, zeroconf: AsyncZeroconf, swarm: str, loopback: bool) -> None:
        self._zeroconf = zeroconf
        self._swarm = swarm
        self._loopback = loopback
        self._browser: AsyncServiceBrowser | None = None
        self._running: asyncio.Task[None] | None = None
        self._found: dict[str, LanPeer] = {}  # by the name of its service
        self._asking: dict[str, asyncio.Task[None]] = {}  # by the same
        self._turns = asyncio.Semaphore(QUESTIONS_AT_ONCE)
        self._news = asyncio.Event()
        self._met: set[str] = set()  # peers
        self._has_met = asyncio.Event()
        self._announced: LanPeer | None = None

    @classmethod
    async def open(cls, swarm: str, interfaces: Sequence[str] = (), loopback: bool = False) -> "Lan":
        """On all interfaces, or those with these IP addresses. Raises OSError where there is no network.

        Who listens on `loopback` alone is announced only where that is asked for: nobody else can come.
        """
        zeroconf = AsyncZeroconf(
            interfaces=list(interfaces) or InterfaceChoice.All,
            ip_version=IPVersion.V4Only if interfaces else None,
        )
        return cls(zeroconf, swarm, loopback)

    def start(self, node: Meeting, looks: bool = True) -> None:
        """Announce the node where it can be reached; meet others if it `looks` for them."""
        if looks:
            self._browser = AsyncServiceBrowser(self._zeroconf.zeroconf, SERVICE, handlers=[self._on_change])
        self._running = asyncio.create_task(self._run(node))

    async def _run(self, node: Meeting) -> None:
        while True:
            try:
                await self._announce(node)
                await self._meet(node)
            except Exception as error:  # interfaces come and go
                log.warning("The local network cannot be used at the moment: %r", error)
            self._news.clear()
            await set_or_due(self._news, LOOK_SECONDS)

    async def has_met(self, seconds: float) -> bool:
        """Whether somebody is met within this time."""
        try:
            async with asyncio.timeout(seconds):
                return await self._has_met.wait()
        except TimeoutError:
            return False

    async def close(self) -> None:
        """Take the announcement back, and stop looking. Idempotent."""
        tasks = [*self._asking.values(), *([self._running] if self._running else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._browser is not None:
            await self._browser.async_cancel()
        await self._zeroconf.async_unregister_all_services()
        await self._zeroconf.async_close()

    # --- telling

    async def _announce(self, node: Meeting) -> None:
        peer = as_lan_peer(node.peer_id, self._swarm, node.addresses, self._loopback)
        if peer == self._announced:
            return
        if self._announced is not None:
            await self._zeroconf.async_unregister_all_services()
        self._announced = peer
        if peer is not None:
            await (await self._zeroconf.async_register_service(_service(peer)))

    # --- finding

    def _on_change(
        self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        if state_change is ServiceStateChange.Removed:
            self._found.pop(name, None)
        elif name not in self._asking and len(self._found | self._asking) < MAX_FOUND:
            self._asking[name] = asyncio.create_task(self._ask(name))

    async def _ask(self, name: str) -> None:
        """What the service is that was heard of."""
        try:
            async with self._turns:
                service = AsyncServiceInfo(SERVICE, name)
                if await service.async_request(self._zeroconf.zeroconf, ANSWER_MS):
                    self._take(name, service)
        except ProtocolViolation as violation:
            log.info("%r in the local network: %s", name[:80], violation)
        finally:
            del self._asking[name]

    def _take(self, name: str, service: AsyncServiceInfo) -> None:
        peer = parse_lan_peer(service.properties, service.parsed_addresses(), service.port)
        if peer.swarm == self._swarm and peer.name == name:
            self._found[name] = peer
            self._met.discard(peer.peer)
            self._news.set()

    async def _meet(self, node: Meeting) -> None:
        if node.is_alone:
            self._met.clear()
        new = [p for p in self._found.values() if p.peer != node.peer_id and p.peer not in self._met]
        for peer, met in zip(new, await asyncio.gather(*(node.meet(p.addresses) for p in new)), strict=True):
            if met:
                log.info("found peer %s in the local network", peer.peer)
                self._met.add(peer.peer)
                self._has_met.set()


def _service(peer: LanPeer) -> AsyncServiceInfo:
    return AsyncServiceInfo(
        SERVICE,
        peer.name,
        port=peer.port,
        properties=peer.properties,
        server=f"potluck-{peer.peer[-24:].lower()}.local.",
        parsed_addresses=list(peer.ips),
    )
