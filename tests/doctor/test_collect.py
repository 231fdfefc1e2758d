"""Real nodes examined, and this computer."""

import asyncio
import socket
from pathlib import Path

import pytest

from engine.api.doctor_schema import Reach, Topic
from engine.doctor.collect import collect, read_disk, read_interfaces
from engine.doctor.diagnose import diagnose
from engine.doctor.facts import listening_ports
from engine.errors import PeerUnreachable
from engine.settings import SwarmSettings
from engine.wire.reach import DialBack
from tests.network.conftest import expected_logs, only_expected_logs, silent_address, start_node

__all__ = ["expected_logs", "only_expected_logs", "silent_address", "start_node"]

PEER = "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp"


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


async def test_two_nodes(start_node, tmp_path: Path, silent_address: str, closed_port: int) -> None:
    first = await start_node()
    second = await start_node(first)
    nobody = f"/ip4/127.0.0.1/tcp/{closed_port}/p2p/{PEER}"
    impostor = f"{silent_address}/p2p/{PEER}"
    swarm = SwarmSettings((*first.addresses, nobody, impostor))
    facts = await collect(second, None, swarm, tmp_path / "not" / "there")
    assert [(peer.answers, peer.door_opens) for peer in facts.initial_peers] == [
        (True, False),
        (False, False),
        (False, True),
    ]
    assert [view.peer for view in facts.views] == [first.peer_id]
    assert facts.views[0].dial_back is DialBack.REACHED
    assert (facts.node.peers, facts.node.visible) == (1, second.addresses)
    assert diagnose(facts).reach is Reach.DIRECT


async def test_of_a_computer_that_gives_the_block_servers_door_counts(
    start_node, tmp_path: Path, closed_port: int
) -> None:
    first = await start_node()
    second = await start_node(first)
    giving = (f"/ip4/127.0.0.1/tcp/{closed_port}/p2p/{PEER}",)
    facts = await collect(second, None, SwarmSettings(first.addresses), tmp_path, giving)
    assert [view.dial_back for view in facts.views] == [DialBack.NOT_REACHED]
    assert facts.node.giving == giving


async def test_a_lonely_node(start_node, tmp_path: Path) -> None:
    facts = await collect(await start_node(), None, SwarmSettings(), tmp_path)
    diagnosis = diagnose(facts)
    assert diagnosis.reach is Reach.PRIVATE
    assert diagnosis.is_good


async def test_without_a_node(tmp_path: Path) -> None:
    diagnosis = diagnose(await collect(None, "The network process is gone.", SwarmSettings(), tmp_path))
    assert diagnosis.findings[0].topic is Topic.NETWORK_PROCESS
    assert not diagnosis.is_good


class DyingNode:
    """Its network process has just ended."""

    addresses = ("/ip4/192.0.2.1/tcp/4001",)

    async def connected(self) -> tuple[str, ...]:
        raise EOFError

    async def open(self, peer: str, protocol: str, addresses: object = ()) -> None:
        raise PeerUnreachable("It is gone.")


async def test_a_node_that_dies_meanwhile_is_no_failure(tmp_path: Path, closed_port: int) -> None:
    swarm = SwarmSettings((f"/dns4/example.invalid/tcp/{closed_port}/p2p/{PEER}",), ("/ip4/0.0.0.0/tcp/0",))
    facts = await collect(DyingNode(), None, swarm, tmp_path)
    assert facts.views == ()
    assert not facts.initial_peers[0].answers
    assert diagnose(facts).reach is Reach.UNKNOWN


class WaitingNode(DyingNode):
    """Its initial peer is silent until others have been looked for."""

    def __init__(self) -> None:
        self.looked, self.was_released = asyncio.Event(), False

    async def connected(self) -> tuple[str, ...]:
        self.looked.set()
        return ()

    async def open(self, peer: str, protocol: str, addresses: object = ()) -> None:
        await self.looked.wait()
        self.was_released = True
        raise PeerUnreachable("It is gone.")


async def test_a_silent_peer_holds_up_no_other_question(tmp_path: Path, closed_port: int) -> None:
    node = WaitingNode()
    swarm = SwarmSettings((f"/ip4/127.0.0.1/tcp/{closed_port}/p2p/{PEER}",), ("/ip4/0.0.0.0/tcp/0",))
    facts = await collect(node, None, swarm, tmp_path)
    assert node.was_released
    assert not facts.initial_peers[0].answers


def test_this_computer() -> None:
    found = read_interfaces()
    assert set(found.leaves_by) <= found.all
    assert not {address for address in found.all if address.startswith("127.")}


def test_a_disk_is_that_of_the_nearest_folder(tmp_path: Path) -> None:
    assert read_disk(tmp_path / "a" / "b").free == read_disk(tmp_path).free > 0


def test_ports_that_lead_here_directly() -> None:
    addresses = (
        f"/ip4/1.2.3.4/tcp/31337/p2p/{PEER}",
        f"/ip6/::1/tcp/31337/p2p/{PEER}",
        f"/ip4/1.2.3.4/tcp/4/p2p/{PEER}/p2p-circuit/p2p/{PEER}",
        "/ip4/1.2.3.4/udp/5/quic",
        "/ip4/1.2.3.4/tcp/6",
    )
    assert listening_ports(addresses) == (31337, 6)
