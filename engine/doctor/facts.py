"""What there is to know about how this computer is connected: plain data."""

import ipaddress
from dataclasses import dataclass

from engine.network.reach import View


@dataclass(frozen=True)
class Interfaces:
    """Addresses of this computer that are neither loopback nor link-local."""

    ipv4: tuple[str, ...] = ()
    ipv6: tuple[str, ...] = ()
    leaves_by: tuple[str, ...] = ()  # those of them that packets to the internet leave by

    @property
    def all(self) -> frozenset[str]:
        return frozenset((*self.ipv4, *self.ipv6))

    @property
    def public_ipv6(self) -> tuple[str, ...]:
        return tuple(text for text in self.ipv6 if ipaddress.ip_address(text).is_global)


@dataclass(frozen=True)
class NodeFacts:
    listen: tuple[str, ...]  # as it was told to, multiaddrs
    visible: tuple[str, ...] = ()  # what it tells others, multiaddrs
    giving: tuple[str, ...] = ()  # what its block server tells others, multiaddrs
    peers: int = 0
    failure: str | None = None  # why there is no node, one sentence

    @property
    def relayed(self) -> tuple[str, ...]:
        return tuple(address for address in self.visible if "/p2p-circuit" in address)


@dataclass(frozen=True)
class InitialPeer:
    address: str
    answers: bool
    door_opens: bool = False  # somebody takes connections there, though not as this peer


@dataclass(frozen=True)
class Disk:
    path: str
    free: int  # bytes


@dataclass(frozen=True)
class Facts:
    interfaces: Interfaces
    node: NodeFacts
    disk: Disk
    initial_peers: tuple[InitialPeer, ...] = ()
    views: tuple[View, ...] = ()
