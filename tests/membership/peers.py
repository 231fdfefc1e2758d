"""Addresses of peers for tests of membership."""

import base58
from hypothesis import strategies as st

_PEER_PREFIX = bytes.fromhex("002408011220")


def peer_id(seed: bytes) -> str:
    return base58.b58encode(_PEER_PREFIX + seed.ljust(32, b"\0")[:32]).decode()


ADDRESS = f"/ip4/192.0.2.7/tcp/31337/p2p/{peer_id(b'one')}"
OTHER_ADDRESS = f"/dns4/potluck.example/tcp/1/p2p/{peer_id(b'two')}"

_hosts = st.one_of(
    st.ip_addresses(v=4).map(lambda ip: f"/ip4/{ip}"),
    st.ip_addresses(v=6).map(lambda ip: f"/ip6/{ip}"),
    st.just("/dns/potluck.example"),
)
_transports = st.sampled_from(["/tcp/{}", "/udp/{}/quic-v1", "/tcp/{}/ws"])


@st.composite
def peer_addresses(draw: st.DrawFn) -> str:
    transport = draw(_transports).format(draw(st.integers(1, 65535)))
    return f"{draw(_hosts)}{transport}/p2p/{peer_id(draw(st.binary(min_size=32, max_size=32)))}"
