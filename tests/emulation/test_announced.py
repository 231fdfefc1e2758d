"""Nodes that announce their lines are reached through them, and in no other way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from engine.emulation.lane import Conditions
from engine.emulation.line import NOWHERE, Line, free_port
from engine.errors import PeerUnreachable
from engine.network.node import Node, NodeSettings
from engine.network.stream import PeerStream

ECHO = "/potluck/test/echo"
LOAD = 300_000  # bytes, far above what nodes tell each other beside it


async def echo(stream: PeerStream) -> None:
    await stream.send(await stream.receive(LOAD))


async def send_load(node: Node, peer: str, addresses: tuple[str, ...] = ()) -> None:
    async with await node.open(peer, ECHO, addresses) as stream:
        sending = asyncio.ensure_future(stream.send(bytes(LOAD)))
        assert len(await stream.receive(LOAD)) == LOAD
        await sending


def carried(*lines: Line) -> int:
    """Bytes that the busier direction of the lines has carried so far."""
    return max(sum(line.inward.bytes for line in lines), sum(line.outward.bytes for line in lines))


@asynccontextmanager
async def behind(line: Line, first: Node, port: int) -> AsyncIterator[Node]:
    """A node that reaches the first one, and is reached, through its line."""
    way = await line.way_to(port)
    settings = NodeSettings((f"{way}/p2p/{first.peer_id}",), (line.listen,), announce=(line.announce,))
    node = await Node.start(settings)
    try:
        await node.serve(ECHO, echo)
        yield node
    finally:
        await node.stop()


@pytest.fixture
async def swarm() -> AsyncIterator[tuple[Node, list[Node], list[Line]]]:
    """A first node, and two others behind lines of their own."""
    port = free_port()
    async with AsyncExitStack() as open_things:
        first = await Node.start(NodeSettings(listen=(f"/ip4/127.0.0.1/tcp/{port}",), announce=(NOWHERE,)))
        open_things.push_async_callback(first.stop)
        await first.serve(ECHO, echo)
        lines = [await open_things.enter_async_context(Line.open(seed=seed)) for seed in range(2)]
        nodes = [await open_things.enter_async_context(behind(line, first, port)) for line in lines]
        yield first, nodes, lines


async def test_what_is_announced_is_what_others_are_told(swarm):
    first, nodes, lines = swarm
    assert first.addresses == (f"{NOWHERE}/p2p/{first.peer_id}",)
    for node, line in zip(nodes, lines, strict=True):
        assert node.addresses == (f"{line.announce}/p2p/{node.peer_id}",)


async def test_every_byte_goes_over_a_line_also_where_the_swarm_finds_the_way(swarm):
    first, (a, b), lines = swarm
    for source, target, on_the_way in (
        (first, a, lines[:1]),
        (b, first, lines[1:]),
        (a, b, lines),
        (b, a, lines),
    ):
        before = carried(*on_the_way)
        await send_load(source, target.peer_id)
        assert carried(*on_the_way) - before >= LOAD


async def test_behind_a_line_that_is_gone_nobody_is_reached_nor_reaches_anybody(swarm):
    first, (a, b), lines = swarm
    await send_load(b, a.peer_id, a.addresses)
    for line in lines:
        line.conditions = Conditions(refuses=True)
        line.cut()
    for source, target in ((first, a), (a, first), (a, b), (b, a)):
        with pytest.raises(PeerUnreachable):
            await source.open(target.peer_id, ECHO, target.addresses, timeout=1.0)
