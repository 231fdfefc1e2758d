"""What computers say of themselves in a local network, and what is made of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ProtocolViolation
from engine.wire.lan import MAX_IPS, LanPeer, as_lan_peer, parse_lan_peer

PEER = "12D3KooW" + "A" * 44
PROPERTIES: dict[bytes, bytes | None] = {b"peer": PEER.encode(), b"swarm": b"public"}


def test_what_is_announced_is_understood() -> None:
    peer = LanPeer(peer=PEER, swarm="public", ips=("192.168.1.7", "fd00::7"), port=4001)
    properties = {name.encode(): value.encode() for name, value in peer.properties.items()}
    assert parse_lan_peer(properties, peer.ips, peer.port) == peer
    assert peer.addresses == (
        f"/ip4/192.168.1.7/tcp/4001/p2p/{PEER}",
        f"/ip6/fd00::7/tcp/4001/p2p/{PEER}",
    )


def test_a_name_fits_into_a_dns_label() -> None:
    assert len(PEER) <= 63
    assert LanPeer(peer=PEER, swarm="public", ips=("10.0.0.1",), port=1).name.startswith(f"{PEER}._potluck.")


@pytest.mark.parametrize(
    ("properties", "ips", "port"),
    [
        ({}, ["10.0.0.1"], 1),
        ({b"peer": None, b"swarm": b"public"}, ["10.0.0.1"], 1),
        ({**PROPERTIES, b"peer": b"\xff\xfe"}, ["10.0.0.1"], 1),
        ({**PROPERTIES, b"peer": b"../../etc"}, ["10.0.0.1"], 1),
        ({**PROPERTIES, b"peer": b"1" * 10_000}, ["10.0.0.1"], 1),
        ({**PROPERTIES, b"swarm": b"\x1b[2J"}, ["10.0.0.1"], 1),
        (PROPERTIES, [], 1),
        (PROPERTIES, ["224.0.0.251", "0.0.0.0", "fe80::1", "fe80::1%eth0", "noise"], 1),
        (PROPERTIES, ["10.0.0.1"], 0),
        (PROPERTIES, ["10.0.0.1"], 70_000),
        (PROPERTIES, ["10.0.0.1"], None),
    ],
)
def test_malformed_announcements_are_refused(properties: Any, ips: list[str], port: Any) -> None:
    with pytest.raises(ProtocolViolation):
        parse_lan_peer(properties, ips, port)


def test_only_so_many_addresses_are_taken() -> None:
    assert len(parse_lan_peer(PROPERTIES, [f"10.0.0.{i}" for i in range(100)], 1).ips) == MAX_IPS


@given(
    st.dictionaries(st.sampled_from([b"peer", b"swarm", b"x"]), st.none() | st.binary(max_size=300)),
    st.lists(st.text(max_size=50), max_size=20),
    st.none() | st.integers(),
)
def test_noise_is_refused(properties: dict[bytes, bytes | None], ips: list[str], port: int | None) -> None:
    with pytest.raises(ProtocolViolation):
        parse_lan_peer(properties, ips, port)


OUTWARD = f"/ip4/192.168.1.7/tcp/4001/p2p/{PEER}"
LOOPBACK = f"/ip4/127.0.0.1/tcp/4001/p2p/{PEER}"
RELAYED = f"/ip4/1.2.3.4/tcp/1/p2p/{PEER[::-1]}/p2p-circuit/p2p/{PEER}"


@pytest.mark.parametrize(
    ("addresses", "loopback", "ips"),
    [
        ([LOOPBACK, OUTWARD, RELAYED], False, ("192.168.1.7",)),
        ([LOOPBACK, OUTWARD, RELAYED], True, ("127.0.0.1",)),
        (
            [OUTWARD, OUTWARD.replace("4001", "4002"), OUTWARD.replace("1.7", "1.8")],
            False,
            ("192.168.1.7", "192.168.1.8"),
        ),
        ([LOOPBACK], False, None),
        ([RELAYED], False, None),
        (["", "noise", OUTWARD.replace("tcp", "udp"), OUTWARD.replace("/4001", "/x")], False, None),
        ([OUTWARD.replace(PEER, PEER[::-1])], False, None),
        ([], False, None),
    ],
)
def test_a_node_announces_where_it_is_reached(
    addresses: list[str], loopback: bool, ips: tuple[str, ...] | None
) -> None:
    peer = as_lan_peer(PEER, "public", addresses, loopback)
    assert (peer.ips if peer else None) == ips
    assert peer is None or peer.port == 4001
