"""The daemon's node among others: what it remembers over restarts, and whom it finds without an address."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from engine import neighbours
from engine.cli import parse
from engine.cli.running import settings_of
from engine.errors import SwarmUnreachable
from engine.neighbours import Remembered
from engine.network import remembering
from engine.network.directory import Directory
from engine.network.identity import Identity
from engine.network.node import Node, NodeSettings
from engine.network.probe_server import ProbeServer
from engine.peers.coordinates import NOWHERE
from engine.settings import Paths, Settings, SwarmSettings
from engine.swarm_client import SwarmClient, join_swarm
from engine.transfers.board import TransferBoard
from engine.weights.store.layer_store import LayerStore
from engine.wire.probes import PROBE_PROTOCOL
from tests.network.records import MODEL, span
from tests.waiting import until

HERE = ("127.0.0.1",)
LOOPBACK = "/ip4/127.0.0.1/tcp/0"

Join = Callable[..., Awaitable[SwarmClient]]


@pytest.fixture
async def join(tmp_path: Path) -> AsyncIterator[Join]:
    """`join(name, …)`: the daemon's part in a swarm, of the computer with this name. It looks around."""
    duties: dict[SwarmClient, asyncio.Task[None]] = {}

    async def join_(name: str, *peers: str, **more: object) -> SwarmClient:
        home = tmp_path / name
        swarm = SwarmSettings(peers, **{"listen_asked": (LOOPBACK,), **more})
        settings = Settings(Paths(home / "data", home / "cache", home / "logs"), swarm=swarm)
        client = await join_swarm(settings, LayerStore(home / "layers"), TransferBoard(lambda: None))
        duties[client] = asyncio.create_task(client.look_around())
        return client

    yield join_
    for client, duty in duties.items():
        await leave(client, duty)


async def leave(client: SwarmClient, *duties: asyncio.Task[None]) -> None:
    for duty in duties:
        duty.cancel()
    await asyncio.gather(*duties, return_exceptions=True)
    await client.stop()


@pytest.fixture
async def start_server() -> AsyncIterator[Callable[..., Awaitable[Node]]]:
    """A node that announces a span and answers probes, as a block server does."""
    nodes: list[Node] = []

    async def start(*peers: str, **more: object) -> Node:
        node = await Node.start(NodeSettings(peers, **more))
        nodes.append(node)
        await node.serve(PROBE_PROTOCOL, ProbeServer(lambda: NOWHERE).handle)
        record = span(node.peer_id, seconds=300.0, addresses=node.addresses, end=1, n_layers=1)
        await Directory(node).announce(record)
        return node

    yield start
    for node in nodes:
        await node.stop()


async def served_by(client: SwarmClient) -> list[str]:
    assert isinstance(client.node, Node)
    return [record.peer for record in await Directory(client.node).spans(MODEL)]


async def test_a_swarm_is_joined_again_through_a_server_that_is_remembered(
    join: Join, start_server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembering, "NOTE_SECONDS", 0.1)
    initial = await start_server()
    server = await start_server(
        *initial.addresses, identity=tmp_path / "donor.key", port_file=tmp_path / "donor.port"
    )
    first = await join("client", *initial.addresses)
    await until(lambda: set(server.addresses) <= set(first.node.remembered_peers))
    await first.stop()
    await initial.stop()
    await server.stop()
    with pytest.raises(SwarmUnreachable, match=r"^No computer of the swarm answers"):
        await join("client", *initial.addresses)
    again = await start_server(identity=tmp_path / "donor.key", port_file=tmp_path / "donor.port")
    assert again.addresses == server.addresses
    assert await served_by(await join("client", *initial.addresses)) == [again.peer_id]
    with pytest.raises(SwarmUnreachable):
        await join("newcomer", *initial.addresses)


async def test_what_is_remembered_of_one_swarm_leads_into_no_other(
    join: Join, start_server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembering, "NOTE_SECONDS", 0.1)
    server = await start_server()
    client = await join("client", *server.addresses)
    await until(lambda: set(server.addresses) <= set(client.node.remembered_peers))
    with pytest.raises(SwarmUnreachable):
        await join("client", f"/ip4/127.0.0.1/tcp/1/p2p/{Identity.generate().peer}")
    assert await served_by(await join("client")) == []  # no peers asked for: this computer alone


async def test_a_computer_joins_who_is_found_in_the_local_network(
    join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await join("first", lan=True, lan_interfaces=HERE)
    assert isinstance(first.node, Node)
    await Directory(first.node).announce(span(first.node.peer_id, end=1, n_layers=1))
    monkeypatch.setattr(neighbours, "LAN_SECONDS", 60.0)
    second = await join("second", lan=True, lan_interfaces=HERE)
    assert await served_by(second) == [first.node.peer_id]


def test_whoever_looks_in_the_local_network_can_be_reached_from_there() -> None:
    asked = settings_of(parse(["run", "--lan"])).swarm
    assert asked.looks_in_lan
    assert not asked.private
    assert asked.listen == ("/ip4/0.0.0.0/tcp/0",)
    assert not settings_of(parse(["run"])).swarm.looks_in_lan


async def test_without_a_network_to_search_a_computer_is_alone_and_works(
    join: Join, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def unplugged(*_: object, **__: object) -> None:
        raise OSError("no such device")

    monkeypatch.setattr(neighbours.Lan, "open", unplugged)
    client = await join("client", lan=True, lan_interfaces=HERE)
    assert client.node.addresses
    assert "The local network cannot be searched (no such device)" in caplog.text


async def test_what_is_known_of_peers_is_kept_over_restarts(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "data", tmp_path / "cache", tmp_path / "logs")
    peer = Identity.generate().peer
    before = Remembered(paths, SwarmSettings())
    for _ in range(10):
        before.book.note_round_trip(peer, 0.25)
        before.book.note_step(peer, layers=1, tokens=1, compute_seconds=0.01, seconds=0.3)
    before.save_book()
    assert Remembered(paths, SwarmSettings()).book.round_trip(peer) == 0.25
    assert [path.name for path in paths.data.iterdir()] == [paths.peer_book.name]
