"""Gathers the facts: looks at this computer, and asks peers what they see of it."""

import asyncio
import ipaddress
import shutil
import socket
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import psutil

from engine.doctor.facts import Disk, Facts, InitialPeer, Interfaces, NodeFacts, listening_ports
from engine.errors import SwarmError
from engine.membership.addresses import peer_of
from engine.network.reach import Dialler, View, ask, ask_all, connect_briefly, host_of
from engine.settings import SwarmSettings

PEERS_ASKED = 4
PORTS_ASKED = 2
# Reserved for documentation: nothing is ever sent there, it only shows which way packets would take.
_FAR_AWAY = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


class ExaminedNode(Dialler, Protocol):
    @property
    def addresses(self) -> tuple[str, ...]: ...

    async def connected(self) -> tuple[str, ...]: ...


async def collect(
    node: ExaminedNode | None,
    failure: str | None,
    swarm: SwarmSettings,
    store: Path,
    giving: Sequence[str] = (),
) -> Facts:
    """`failure` says why there is no node; `giving` is where a block server says that it is reached. Takes
    some seconds where peers do not answer.
    """
    interfaces = read_interfaces()
    disk = read_disk(store)
    if node is None:
        return Facts(interfaces, NodeFacts(swarm.listen, failure=failure), disk)
    checks = asyncio.gather(*(_check(node, address) for address in swarm.initial_peers))
    initial, (peers, views) = await asyncio.gather(checks, _seen(node, giving or node.addresses))
    facts = NodeFacts(swarm.listen, node.addresses, tuple(giving), peers)
    return Facts(interfaces, facts, disk, tuple(initial), views)


async def _seen(node: ExaminedNode, doors: Sequence[str]) -> tuple[int, tuple[View, ...]]:
    """How many peers it is connected to, and what some of them see."""
    connected = await _connected(node)
    return len(connected), await _ask_round(node, connected, doors)


async def _connected(node: ExaminedNode) -> tuple[str, ...]:
    try:
        return await node.connected()
    except (OSError, EOFError):  # the network process has just ended
        return ()


async def _ask_round(node: ExaminedNode, peers: Sequence[str], doors: Sequence[str]) -> tuple[View, ...]:
    ports: Sequence[int | None] = listening_ports(doors)[:PORTS_ASKED] or (None,)
    answers = await asyncio.gather(*(ask_all(node, peers[:PEERS_ASKED], port) for port in ports))
    return tuple(view for views in answers for view in views)


async def _check(node: ExaminedNode, address: str) -> InitialPeer:
    try:
        await ask(node, peer_of(address), None, (address,))
    except SwarmError:
        return InitialPeer(address, answers=False, door_opens=await _door_opens(address))
    return InitialPeer(address, answers=True)


async def _door_opens(address: str) -> bool:
    host, ports = host_of(address), listening_ports((address,))
    if host is None or not ports:
        return False
    try:
        await connect_briefly(str(host), ports[0])
    except OSError:
        return False
    return True


def read_disk(path: Path) -> Disk:
    """Of the nearest folder above that exists."""
    folder = next(folder for folder in (path, *path.parents) if folder.exists())
    return Disk(str(path), shutil.disk_usage(folder).free)


def read_interfaces() -> Interfaces:
    found = [
        ipaddress.ip_address(entry.address.partition("%")[0])
        for entries in psutil.net_if_addrs().values()
        for entry in entries
        if entry.family in (socket.AF_INET, socket.AF_INET6)
    ]
    useful = [host for host in found if not (host.is_loopback or host.is_link_local)]
    return Interfaces(
        ipv4=tuple(str(host) for host in useful if host.version == 4),
        ipv6=tuple(str(host) for host in useful if host.version == 6),
        leaves_by=tuple(_ways_out()),
    )


def _ways_out() -> Iterable[str]:
    for family, far_away in _FAR_AWAY:
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((far_away, 9))  # sends nothing
            yield str(probe.getsockname()[0])
