"""What a computer says of itself in its local network: parsed once from untrusted bytes, bounded."""

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from engine.errors import ProtocolViolation
from engine.membership.addresses import peer_of
from engine.wire.records import PeerIdText

SERVICE = "_potluck._tcp.local."
MAX_IPS = 8
MAX_PROPERTY = 128  # bytes


def _unicast(text: str) -> str:
    address = ipaddress.ip_address(text)
    if address.is_multicast or address.is_unspecified or address.is_link_local:
        raise ValueError("not the address of one computer")
    return address.compressed


UnicastIp = Annotated[str, StringConstraints(max_length=45), AfterValidator(_unicast)]


class LanPeer(BaseModel):
    """`swarm` tells swarms apart and opens none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    peer: PeerIdText
    swarm: str = Field(pattern=r"^[a-z0-9-]{1,64}$")
    ips: tuple[UnicastIp, ...] = Field(min_length=1, max_length=MAX_IPS)
    port: int = Field(ge=1, le=65535)

    @property
    def name(self) -> str:
        """Of its service."""
        return f"{self.peer}.{SERVICE}"

    @property
    def properties(self) -> dict[str, str]:
        return {"peer": self.peer, "swarm": self.swarm}

    @property
    def addresses(self) -> tuple[str, ...]:
        """As multiaddrs."""
        return tuple(
            f"/ip{ipaddress.ip_address(ip).version}/{ip}/tcp/{self.port}/p2p/{self.peer}" for ip in self.ips
        )


def parse_lan_peer(properties: Mapping[bytes, bytes | None], ips: Iterable[str], port: int | None) -> LanPeer:
    """What somebody announces. Raises ProtocolViolation."""
    try:
        fields = {name: _text(properties, name) for name in ("peer", "swarm")}
        few = [ip for ip in ips if _is_unicast(ip)][:MAX_IPS]
        return LanPeer.model_validate({**fields, "ips": few, "port": port})
    except (ValidationError, UnicodeDecodeError) as error:
        raise ProtocolViolation("A computer's announcement in the local network is malformed.") from error


def as_lan_peer(peer: str, swarm: str, addresses: Iterable[str], loopback: bool) -> LanPeer | None:
    """How a peer with these multiaddrs announces itself; None where nobody could come that way."""
    direct = [parts for address in addresses if peer_of(address) == peer and (parts := _ip_and_port(address))]
    fit = [(ip, port) for ip, port in direct if _is_unicast(ip) and _is_loopback(ip) == loopback]
    if not fit:
        return None
    port = fit[0][1]
    ips = [ip for ip, its_port in fit if its_port == port]
    return LanPeer(peer=peer, swarm=swarm, ips=tuple(ips[:MAX_IPS]), port=port)


def _text(properties: Mapping[bytes, bytes | None], name: str) -> str:
    return (properties.get(name.encode()) or b"")[: MAX_PROPERTY + 1].decode()


def _ip_and_port(address: str) -> tuple[str, int] | None:
    """Of /ip4/…/tcp/…/p2p/… and nothing longer."""
    match address.split("/"):
        case ["", "ip4" | "ip6", ip, "tcp", port, "p2p", _] if port.isdecimal() and 0 < int(port) < 65536:
            return ip, int(port)
    return None


def _is_unicast(ip: str) -> bool:
    try:
        _unicast(ip)
    except ValueError:
        return False
    return True


def _is_loopback(ip: str) -> bool:
    return ipaddress.ip_address(ip).is_loopback
