"""What there is to know about how this computer is connected: plain data."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from engine.membership.addresses import is_relayed
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
        return tuple(filter(is_relayed, self.visible))


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


def listening_ports(addresses: Iterable[str]) -> tuple[int, ...]:
    """The TCP ports of those multiaddrs that lead to a computer directly; 0 stands for any, and is none."""
    texts = (text.partition("/tcp/")[2].partition("/")[0] for text in addresses if not is_relayed(text))
    return tuple(dict.fromkeys(int(text) for text in texts if text.isdecimal() and int(text)))
