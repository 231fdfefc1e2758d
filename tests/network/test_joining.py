"""Ways into a swarm whose initial peers may all be gone."""

import asyncio
import time

import pytest

from engine.errors import SwarmUnreachable
from engine.network.directory import Directory
from engine.network.identity import Identity
from engine.network.node import Node, NodeSettings
from tests.network.test_directory import MODEL, span

DEAD = f"/ip4/127.0.0.1/tcp/1/p2p/{Identity.generate().peer}"


def someone_at(address: str) -> str:
    return f"{address}/p2p/{Identity.generate().peer}"


async def joined(node: Node, seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if node.dht.protocol.routing_table.uid_to_peer_id:
            return True
        await asyncio.sleep(0.02)
    return False


async def test_remembered_peers_lead_into_a_swarm_whose_initial_peers_are_dead(start_node) -> None:
    server = await start_node()
    await Directory(server).announce(span(server.peer_id))
    client = await start_node(initial_peers=(DEAD,), remembered_peers=(DEAD, *server.addresses))
    assert [record.peer for record in await Directory(client).spans(MODEL)] == [server.peer_id]


async def test_silent_peers_hold_up_nobody_who_could_reach_another(
    start_node, silent_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for patience in ("joining.DIAL_SECONDS", "node.START_SECONDS"):
        monkeypatch.setattr(f"engine.network.{patience}", 60.0)
    server = await start_node()
    silent = tuple(someone_at(silent_address) for _ in range(5))
    async with asyncio.timeout(30):
        client = await start_node(initial_peers=silent, remembered_peers=(*silent, *server.addresses))
    assert await joined(client)


async def test_where_nobody_answers_it_is_said_in_time(silent_address: str) -> None:
    silent = tuple(someone_at(silent_address) for _ in range(50))
    async with asyncio.timeout(30):
        with pytest.raises(SwarmUnreachable, match=r"^No computer of the swarm answers: check"):
            await Node.start(NodeSettings(initial_peers=silent[:2], remembered_peers=silent[2:]))


async def test_what_was_remembered_badly_is_passed_over(start_node) -> None:
    server = await start_node()
    bad = ("", "/ip4/127.0.0.1/tcp/1", "/p2p/not-an-id", "/ip4/999.0.0.1/tcp/1/p2p/1")
    client = await start_node(initial_peers=(DEAD,), remembered_peers=(*bad, *server.addresses))
    assert await joined(client)


async def test_a_first_node_asks_nobody(start_node) -> None:
    other = await start_node()
    first = await start_node(remembered_peers=other.addresses)
    assert not await joined(first, 0.3)


async def test_a_node_that_lost_everybody_comes_back_through_remembered_peers(
    start_node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.network.node.REJOIN_SECONDS", 0.1)
    initial = await start_node()
    client = await start_node(initial)
    await initial.stop()
    client.dht.protocol.routing_table.uid_to_peer_id.clear()
    assert not await joined(client, 0.3)
    server = await start_node()
    client.remembered_peers = server.addresses
    assert await joined(client)


async def test_two_swarms_that_meet_are_one(start_node) -> None:
    first, second = await start_node(), await start_node()
    await Directory(first).announce(span(first.peer_id))
    assert await Directory(second).spans(MODEL) == ()
    assert not await second.meet((DEAD,))
    assert await second.meet(first.addresses)
    assert [record.peer for record in await Directory(second).spans(MODEL)] == [first.peer_id]
