"""Clients say where the servers are that steps go to: no reason to knock on every door that they name."""

from collections.abc import Sequence
from typing import Protocol

from engine.host.pushing import Dialler, Stream
from engine.membership.addresses import ip_of


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
    host = ip_of(address)
    return host is not None and host.is_global
