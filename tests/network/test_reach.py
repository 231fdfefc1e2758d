"""What peers see of a computer, and the way to one that only relays reach."""

import ipaddress
import socket

import pytest

from engine.errors import SwarmError
from engine.network import reach
from engine.network._hivemind import Multiaddr, P2PDaemonError, PeerID
from engine.network.addresses import in_words, packed
from engine.network.reach import DialRate, ReachServer, ask, ask_all, dialled_back_by, host_of
from engine.wire import frames
from engine.wire.reach import AskReach, DialBack, receive_seen
from tests.in_memory_swarm import MemoryStream

PEER = "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp"


def port_of(address: str) -> int:
    return int(Multiaddr(address)["tcp"])


async def test_a_node_learns_what_a_peer_sees_of_it(start_node) -> None:
    first = await start_node()
    second = await start_node(first)
    view = await ask(second, first.peer_id, port_of(second.addresses[0]))
    assert view.peer == first.peer_id
    assert view.address.startswith("/ip4/127.0.0.1/tcp/")
    assert view.dial_back is DialBack.REACHED
    assert abs(view.clock_ahead) <= view.uncertainty + 1e-3
    assert await second.connected() == (first.peer_id,)


async def test_a_closed_port_is_not_reached(start_node, unused_tcp_port: int) -> None:
    first = await start_node()
    second = await start_node(first)
    [view] = await ask_all(second, (first.peer_id, PEER), unused_tcp_port)  # nobody is the second one
    assert view.dial_back is DialBack.NOT_REACHED


@pytest.fixture
def unused_tcp_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


async def test_the_way_through_a_relay_is_asked_for(start_node) -> None:
    """The relay's answer proves that p2pd understands the address; places there are given minutes later."""
    relay = await start_node()
    hidden = await start_node(relay, listen=())
    caller = await start_node(relay, listen=())
    circuit = Multiaddr(f"{relay.addresses[0]}/p2p-circuit")
    with pytest.raises(P2PDaemonError, match="NO_RESERVATION"):
        await caller._daemon.connect(PeerID.from_base58(hidden.peer_id), [circuit], 5.0)


@pytest.mark.parametrize(
    "text",
    [
        "/ip4/127.0.0.1/tcp/1",
        f"/ip4/127.0.0.1/tcp/1/p2p/{PEER}",
        f"/ip6/::1/tcp/1/p2p/{PEER}/p2p-circuit",
        f"/dns4/relay.example/tcp/1/p2p/{PEER}/p2p-circuit/p2p/{PEER}",
    ],
)
def test_packed_addresses_hold_bare_peer_ids_and_read_as_before(text: str) -> None:
    address = packed(Multiaddr(text))
    assert in_words(Multiaddr(address)) == text
    assert address.count(bytes.fromhex("a50326002408011220")) == text.count("/p2p/")


def test_an_address_of_an_unknown_kind_is_no_failure() -> None:
    assert in_words(Multiaddr(b"\xff\xff\x03\x01")) == ""


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("/ip4/192.0.2.7/tcp/1", "192.0.2.7"),
        ("/ip6/2001:db8::7/tcp/1", "2001:db8::7"),
        ("/ip4/2001:db8::7/tcp/1", None),
        ("/dns4/example.org/tcp/1", None),
        (f"/ip4/192.0.2.7/tcp/1/p2p/{PEER}/p2p-circuit", None),
        ("", None),
        ("nonsense", None),
    ],
)
def test_the_host_of_an_address(address: str, host: str | None) -> None:
    assert host_of(address) == (host and ipaddress.ip_address(host))


@pytest.mark.parametrize(
    ("host", "public", "private"),
    [
        ("192.168.1.7", True, True),
        ("8.8.8.8", True, True),
        ("2a00:1450::7", True, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("0.0.0.0", False, False),
        ("169.254.1.1", False, False),
        ("224.0.0.1", False, False),
        ("::ffff:127.0.0.1", False, False),
    ],
)
def test_only_a_private_node_dials_its_own_computer(host: str, public: bool, private: bool) -> None:
    address = ipaddress.ip_address(host)
    assert dialled_back_by(("/ip4/0.0.0.0/tcp/0",))(address) is public
    assert dialled_back_by(("/ip4/127.0.0.1/tcp/0",))(address) is private
    assert dialled_back_by(())(address) is public


def test_dials_are_few_for_a_host_and_in_all() -> None:
    now = [0.0]
    rate = DialRate(lambda: now[0])
    one = ipaddress.ip_address("192.0.2.1")
    allowed = [rate.allows(one) for _ in range(reach.DIALS_OF_A_HOST + 3)]
    assert allowed == [True] * reach.DIALS_OF_A_HOST + [False] * 3
    others = [rate.allows(ipaddress.ip_address(f"192.0.2.{n}")) for n in range(2, 250)]
    assert others.count(True) == reach.DIALS - reach.DIALS_OF_A_HOST
    now[0] = reach.RATE_SECONDS + 0.1
    assert rate.allows(one)


class Asked:
    """A ReachServer at one end of a stream, and who it dialled."""

    def __init__(self, address: str) -> None:
        self.dialled: list[tuple[str, int]] = []
        self.server = ReachServer(dialled_back_by(("/ip4/0.0.0.0/tcp/0",)), self._connect)
        self._address = address

    async def _connect(self, host: str, port: int) -> None:
        self.dialled.append((host, port))

    async def send(self, *raw: bytes) -> MemoryStream:
        ours, theirs = MemoryStream.pair("server", "client")
        theirs.address = self._address
        await ours.send(*raw)
        await self.server.handle(theirs)
        theirs.close()
        return ours


async def test_only_the_host_that_is_seen_is_dialled() -> None:
    asked = Asked("/ip4/192.0.2.7/tcp/999")
    seen = await receive_seen(await asked.send(*frames.encode(AskReach(port=31337))))
    assert (seen.address, seen.dial_back) == ("/ip4/192.0.2.7/tcp/999", DialBack.REACHED)
    assert asked.dialled == [("192.0.2.7", 31337)]


@pytest.mark.parametrize(
    ("address", "port", "outcome"),
    [
        ("/ip4/192.0.2.7/tcp/999", None, DialBack.NOT_ASKED),
        ("/ip4/127.0.0.1/tcp/999", 1, DialBack.NOT_TRIED),
        (f"/ip4/192.0.2.7/tcp/1/p2p/{PEER}/p2p-circuit", 1, DialBack.NOT_TRIED),
        ("", 1, DialBack.NOT_TRIED),
    ],
)
async def test_nobody_is_dialled_unasked_or_elsewhere(address: str, port: int | None, outcome) -> None:
    asked = Asked(address)
    seen = await receive_seen(await asked.send(*frames.encode(AskReach(port=port))))
    assert seen.dial_back is outcome
    assert asked.dialled == []


VALID = b"".join(frames.encode(AskReach(port=1)))


@pytest.mark.parametrize("raw", [b"", b"\0" * 8, b"\xff" * 64, VALID[:-1], VALID.replace(b"reach", b"roach")])
async def test_nonsense_is_answered_with_nothing(raw: bytes) -> None:
    asked = Asked("/ip4/192.0.2.7/tcp/999")
    ours, theirs = MemoryStream.pair("server", "client")
    theirs.address = "/ip4/192.0.2.7/tcp/999"
    await ours.send(raw)
    ours.close()
    await asked.server.handle(theirs)
    assert asked.dialled == []
    with pytest.raises(SwarmError):
        await receive_seen(ours)
