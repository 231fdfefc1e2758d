"""A peer that opens streams without end takes no room from others."""

import asyncio

from engine.errors import PeerUnreachable
from engine.network.bounds import StreamBounds
from engine.network.node import PeerStream

PROTOCOL = "/test/bounds"


def test_bounds_of_a_peer_a_protocol_and_in_all() -> None:
    bounds = StreamBounds(in_all=5, of_a_peer=3, for_a_protocol=2)
    assert [bounds.take("a", "x") for _ in range(3)] == [True, True, False]
    assert [bounds.take("a", "y") for _ in range(2)] == [True, False]
    assert [bounds.take("b", "x") for _ in range(3)] == [True, True, False]
    assert not bounds.take("c", "x")
    bounds.give_back("a", "x")
    assert bounds.take("c", "x")
    assert not bounds.take("c", "x")


async def test_one_peer_streams_without_end_leave_room_for_others(start_node) -> None:
    server = await start_node()
    server._bounds = StreamBounds(in_all=20, for_a_protocol=10)
    greedy, other = await start_node(server), await start_node(server)

    async def wait_for_a_word(stream: PeerStream) -> None:
        await stream.send(b"!")
        await stream.receive(1)

    await server.serve(PROTOCOL, wait_for_a_word)
    opened = [await greedy.open(server.peer_id, PROTOCOL) for _ in range(15)]
    greeted = await asyncio.gather(*(stream.receive(1) for stream in opened), return_exceptions=True)
    assert greeted.count(b"!") == 10
    assert sum(isinstance(one, PeerUnreachable) for one in greeted) == 5
    assert await (await other.open(server.peer_id, PROTOCOL)).receive(1) == b"!"
    for stream in opened:
        stream.close()
    again = await _patiently(greedy, server.peer_id)
    assert again == b"!"


async def _patiently(node, peer: str) -> bytes:
    async with asyncio.timeout(30):
        while True:
            try:
                return await (await node.open(peer, PROTOCOL)).receive(1)
            except PeerUnreachable:
                await asyncio.sleep(0.02)
