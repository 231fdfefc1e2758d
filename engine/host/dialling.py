"""Clients say where the servers are that steps go to: no reason to knock on every door that they name."""

import ipaddress
from collections.abc import Sequence
from typing import Protocol

from engine.host.pushing import Dialler, Stream


class Placed(Dialler, Protocol):
    """A swarm node, and where others reach it."""

    @property
    def addresses(self) -> Sequence[str]: ...


class CautiousDialler:
    """Dials what `worth_dialling` leaves. A server without such an address is found through the swarm."""

    def __init__(self, node: Placed) -> None:
        self._node = node

    async def open(self, peer: str, protocol: str, addresses: Sequence[str] = ()) -> Stream:
        return await self._node.open(peer, protocol, worth_dialling(addresses, self._node.addresses))


def worth_dialling(named: Sequence[str], own: Sequence[str]) -> tuple[str, ...]:
    """For a server on the internet only addresses on the internet; in a network of its own any."""
    if not any(_is_on_the_internet(address) for address in own):
        return tuple(named)
    return tuple(address for address in named if _is_on_the_internet(address))


def _is_on_the_internet(address: str) -> bool:
    """Of a multiaddr: `/ip4/…` or `/ip6/…`, then what listens there. Names could lead anywhere."""
    _, kind, host, *_ = (*address.split("/"), "", "", "")
    try:
        return kind in ("ip4", "ip6") and ipaddress.ip_address(host).is_global
    except ValueError:
        return False
