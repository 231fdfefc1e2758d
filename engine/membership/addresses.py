"""How the address of a peer is written."""

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator

MAX_ADDRESS_LENGTH = 300

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_PEER = re.compile(r"/(ip[46]|dns[46]?)/[^/\s]+(/[A-Za-z0-9-]+)*/p2p/[1-9A-HJ-NP-Za-km-z]{40,80}")


def is_peer_address(text: str) -> bool:
    """Whether it is a multiaddr that ends in /p2p/ID."""
    match = _PEER.fullmatch(text) if len(text) <= MAX_ADDRESS_LENGTH else None
    return match is not None and (not match[1].startswith("ip") or ip_of(text) is not None)


def ip_of(address: str) -> IpAddress | None:
    """The IP address that a multiaddr begins with; None for names."""
    _, version, text, *_ = (*address.split("/", 3), "", "", "")
    try:
        host = ipaddress.ip_address(text)
    except ValueError:
        return None
    return host if version == f"ip{host.version}" else None


def is_relayed(address: str) -> bool:
    """Whether another peer passes on what comes for the one that the multiaddr leads to."""
    return "/p2p-circuit" in address


def peer_of(address: str) -> str:
    """The peer id that a peer's address ends in."""
    return address.rpartition("/p2p/")[2]


def _checked(text: str) -> str:
    if not is_peer_address(text):
        raise ValueError("not a peer's address")
    return text


PeerAddress = Annotated[str, AfterValidator(_checked)]
