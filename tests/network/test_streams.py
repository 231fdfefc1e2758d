"""Bytes between two real nodes."""

import asyncio
import logging
import time

import psutil
import pytest

from engine.errors import PeerUnreachable
from engine.network.identity import Identity
from engine.network.node import Node, PeerStream

ECHO = "/potluck/test/echo"
MEBIBYTE = 1 << 20


async def echo(stream: PeerStream) -> None:
    while True:
        size = await stream.receive(4)
        await stream.send(size, await stream.receive(int.from_bytes(size, "big")))


async def ask(stream: PeerStream, data: bytes) -> bytes:
    await stream.send(len(data).to_bytes(4, "big"), memoryview(data))
    return await stream.receive(int.from_bytes(await stream.receive(4), "big"))


async def test_a_stream_carries_bytes_both_ways(start_node) -> None:
    server = await start_node()
    await server.serve(ECHO, echo)
    client = await start_node(server)
    async with await client.open(server.peer_id, ECHO) as stream:
        assert stream.peer == server.peer_id
        for size in (0, 1, 65_535, 65_536, MEBIBYTE, 4 * MEBIBYTE + 1):
            data = bytes(range(256)) * (size // 256) + bytes(size % 256)
            assert await ask(stream, data) == data


async def test_streams_are_independent_and_know_who_calls(start_node) -> None:
    server = await start_node()
    callers: list[str] = []

    async def handler(stream: PeerStream) -> None:
        callers.append(stream.peer)
        await echo(stream)

    await server.serve(ECHO, handler)
    clients = [await start_node(server), await start_node(server, client_only=True)]
    streams = [await client.open(server.peer_id, ECHO) for client in clients for _ in range(3)]
    answers = await asyncio.gather(*(ask(stream, bytes([i]) * 100_000) for i, stream in enumerate(streams)))
    assert answers == [bytes([i]) * 100_000 for i in range(6)]
    assert sorted(callers) == sorted(client.peer_id for client in clients for _ in range(3))
    for stream in streams:
        stream.close()


async def test_a_peer_is_found_by_its_id_through_a_third(start_node) -> None:
    first = await start_node()
    server, client = await start_node(first), await start_node(first, client_only=True)
    await server.serve(ECHO, echo)
    async with await client.open(server.peer_id, ECHO) as stream:
        assert await ask(stream, b"found") == b"found"
    assert await client.peers() == 2


async def test_a_peer_of_another_swarm_is_reached_by_its_address(start_node) -> None:
    server, client = await start_node(), await start_node()
    await server.serve(ECHO, echo)
    with pytest.raises(PeerUnreachable):
        await client.open(server.peer_id, ECHO, timeout=2.0)
    with_noise = ("no address", "/ip4/127.0.0.1/tcp/1", *server.addresses)
    async with await client.open(server.peer_id, ECHO, with_noise) as stream:
        assert await ask(stream, b"reached") == b"reached"


async def test_an_unserved_protocol_is_refused_in_one_line(start_node) -> None:
    server = await start_node()
    client = await start_node(server)
    with pytest.raises(PeerUnreachable, match=f"^{server.peer_id} cannot be reached .*: try another[^\n]*$"):
        await client.open(server.peer_id, "/potluck/test/unknown")


@pytest.mark.parametrize(
    "peer",
    ["", "not a peer id", "0OIl", Identity.generate().peer],
    ids=["empty", "words", "other letters", "nobody"],
)
async def test_an_unknown_peer_is_unreachable(start_node, peer: str) -> None:
    node = await start_node()
    with pytest.raises(PeerUnreachable):
        await node.open(peer, ECHO, timeout=2.0)


async def test_a_silent_address_costs_no_more_than_the_timeout(start_node, silent_address: str) -> None:
    node = await start_node()
    began = time.monotonic()
    with pytest.raises(PeerUnreachable, match="no answer in time"):
        await node.open(Identity.generate().peer, ECHO, (silent_address,), timeout=0.5)
    assert time.monotonic() - began < 4.5  # less than the usual timeout


async def test_what_was_sent_before_closing_arrives_then_the_stream_ends(start_node) -> None:
    server = await start_node()
    received = asyncio.get_running_loop().create_future()

    async def handler(stream: PeerStream) -> None:
        received.set_result(await stream.receive(2 * MEBIBYTE))
        await stream.send(b"x" * MEBIBYTE)

    await server.serve(ECHO, handler)
    client = await start_node(server)
    async with await client.open(server.peer_id, ECHO) as stream:
        await stream.send(b"y" * (2 * MEBIBYTE))
        assert await stream.receive(MEBIBYTE) == b"x" * MEBIBYTE
        with pytest.raises(PeerUnreachable, match="broke off"):
            await stream.receive(1)
    assert await received == b"y" * (2 * MEBIBYTE)


async def test_closing_one_side_ends_the_other(start_node) -> None:
    server = await start_node()
    ended = asyncio.Event()

    async def handler(stream: PeerStream) -> None:
        try:
            await stream.receive(1)
        except PeerUnreachable:
            ended.set()

    await server.serve(ECHO, handler)
    client = await start_node(server)
    stream = await client.open(server.peer_id, ECHO)
    stream.close()
    stream.close()
    await asyncio.wait_for(ended.wait(), 30)
    with pytest.raises(PeerUnreachable):
        await stream.receive(1)


async def test_a_slow_reader_slows_the_writer(start_node) -> None:
    server = await start_node()
    reading = asyncio.Event()

    async def handler(stream: PeerStream) -> None:
        await reading.wait()
        await stream.receive(64 * MEBIBYTE)
        await stream.send(b"!")

    await server.serve(ECHO, handler)
    client = await start_node(server)
    async with await client.open(server.peer_id, ECHO) as stream:
        sending = asyncio.create_task(stream.send(bytes(64 * MEBIBYTE)))
        await asyncio.sleep(1.0)
        assert not sending.done()
        reading.set()
        await sending
        assert await stream.receive(1) == b"!"


async def test_what_is_small_leaves_at_once_unless_something_waits(start_node) -> None:
    server = await start_node()
    reading = asyncio.Event()

    async def handler(stream: PeerStream) -> None:
        assert await stream.receive(5) == b"hello"
        await reading.wait()
        await stream.receive(64 * MEBIBYTE)
        await stream.send(b"!")

    await server.serve(ECHO, handler)
    client = await start_node(server)
    async with await client.open(server.peer_id, ECHO) as stream:
        assert not stream.send_now(bytes(MEBIBYTE))
        assert stream.send_now(b"hel", memoryview(b"lo"))
        sending = asyncio.create_task(stream.send(bytes(64 * MEBIBYTE)))
        await asyncio.sleep(0)
        assert not stream.send_now(b"too soon")
        reading.set()
        await sending
        assert await stream.receive(1) == b"!"
    assert not stream.send_now(b"too late")


async def test_a_failing_handler_is_logged_and_the_node_lives(start_node, expected_logs) -> None:
    expected_logs.append(f"Serving {ECHO}/broken to")
    server = await start_node()
    await server.serve(ECHO, echo)
    await server.serve(f"{ECHO}/broken", _fail)
    client = await start_node(server)
    async with await client.open(server.peer_id, f"{ECHO}/broken") as stream:
        with pytest.raises(PeerUnreachable):
            await stream.receive(1)
    async with await client.open(server.peer_id, ECHO) as stream:
        assert await ask(stream, b"alive") == b"alive"


async def _fail(stream: PeerStream) -> None:
    raise ZeroDivisionError("handler at fault")


async def test_stopping_cancels_handlers_and_breaks_streams(start_node) -> None:
    server = await start_node()
    cancelled = asyncio.Event()

    async def handler(stream: PeerStream) -> None:
        await stream.send(b"!")
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    await server.serve(ECHO, handler)
    client = await start_node(server)
    stream = await client.open(server.peer_id, ECHO)
    await stream.receive(1)
    await asyncio.gather(server.stop(), server.stop())
    assert cancelled.is_set()
    with pytest.raises(PeerUnreachable):
        await asyncio.wait_for(stream.receive(1), 30)
    with pytest.raises(PeerUnreachable):
        await server.open(client.peer_id, ECHO)
    await client.stop()
    await client.stop()


async def test_failed_dials_leave_no_open_file(start_node) -> None:
    server = await start_node()
    client = await start_node(server)
    await _fail_to_dial(client, server)
    await asyncio.sleep(0.05)
    before = psutil.Process().num_fds()
    await _fail_to_dial(client, server)
    async with asyncio.timeout(30):
        while psutil.Process().num_fds() > before:  # noqa: ASYNC110 (sockets are closed a little later)
            await asyncio.sleep(0.05)


async def _fail_to_dial(client: Node, server: Node) -> None:
    for _ in range(20):
        with pytest.raises(PeerUnreachable):
            await client.open(server.peer_id, "/potluck/test/unknown")


async def test_nothing_is_said_above_debug(start_node, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    node = await start_node()
    await start_node(node)
    await node.stop()
    assert [record.getMessage() for record in caplog.records] == []
