"""Real sockets over an emulated line. What comes first is compared; how long it takes is only bounded from
below, which no slow machine can break.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from engine.emulation.lane import LARGEST_CHUNK, Conditions
from engine.emulation.line import Line
from engine.emulation.relay import MAX_CHUNKS

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def connect() -> AsyncIterator[Callable[[str], Awaitable[Connection]]]:
    writers: list[asyncio.StreamWriter] = []

    async def connected(address: str) -> Connection:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition("/")[2]))
        writers.append(writer)
        return reader, writer

    yield connected
    for writer in writers:
        writer.transport.abort()


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(LARGEST_CHUNK):
        writer.write(data)
        await writer.drain()
    writer.close()


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    """With a computer behind it that sends back what it gets."""
    async with Line.open() as line:
        async with await asyncio.start_server(echo, "127.0.0.1", line.own_port) as server:
            yield line
            server.close()
        await line.close()
        assert line.connections == 0


async def answer(connection: Connection, text: bytes) -> bytes:
    reader, writer = connection
    writer.write(text)
    return await reader.readexactly(len(text))


async def ended(reader: asyncio.StreamReader) -> bool:
    try:
        return await reader.read(1) == b""
    except ConnectionError:
        return True


async def test_bytes_arrive_unchanged_in_both_directions_and_are_counted(line, connect):
    sent = bytes(range(256)) * 4000
    assert await answer(await connect(line.announce), sent) == sent
    assert line.inward.bytes == line.outward.bytes == len(sent)


async def test_an_end_is_passed_on_once_all_before_it_has_arrived(line, connect):
    line.conditions = Conditions(delay_seconds=0.02)
    reader, writer = await connect(line.announce)
    writer.write(b"x" * 300_000)
    writer.write_eof()
    assert len(await reader.read(-1)) == 300_000


async def test_a_delay_is_kept_both_ways(line, connect):
    line.conditions = Conditions(delay_seconds=0.1)
    started = time.monotonic()
    await answer(await connect(line.announce), b"slow")
    assert time.monotonic() - started >= 0.2


async def test_what_another_line_brings_comes_before_what_is_delayed(line, connect):
    line.conditions = Conditions(delay_seconds=60.0)
    slow = asyncio.ensure_future(answer(await connect(line.announce), b"slow"))
    async with Line.open() as other, await asyncio.start_server(echo, "127.0.0.1", other.own_port):
        await answer(await connect(other.announce), b"quick")
    assert not slow.done()
    slow.cancel()


async def test_connections_share_the_rate_of_their_line(line, connect):
    line.conditions = Conditions(bytes_per_s=100_000.0)
    connections = [await connect(line.announce) for _ in range(2)]
    started = time.monotonic()
    await asyncio.gather(*(answer(connection, b"x" * 20_000) for connection in connections))
    assert time.monotonic() - started >= 40_000 / 100_000


async def test_a_line_that_gets_better_is_better_for_open_connections(line, connect):
    line.conditions = Conditions(delay_seconds=0.05)
    connection = await connect(line.announce)
    await answer(connection, b"a")
    line.conditions = Conditions(delay_seconds=60.0)
    line.conditions = Conditions()
    assert await answer(connection, b"b") == b"b"


async def test_a_line_that_hangs_brings_nothing_until_it_hangs_no_more(line, connect):
    connection = await connect(line.announce)
    await answer(connection, b"before")
    line.conditions = Conditions(hangs=True)
    waiting = asyncio.ensure_future(answer(connection, b"meanwhile"))
    done, _ = await asyncio.wait({waiting}, timeout=0.1)
    assert not done
    line.conditions = Conditions()
    assert await waiting == b"meanwhile"


async def test_a_sender_is_held_up_when_nobody_reads(line, connect):
    line.conditions = Conditions(hangs=True)
    _, writer = await connect(line.announce)
    sending = asyncio.ensure_future(_send_forever(writer))
    before = -1
    while line.inward.bytes != before:
        before = line.inward.bytes
        await asyncio.sleep(0.1)
    assert not sending.done()
    assert 0 < before <= (MAX_CHUNKS + 2) * LARGEST_CHUNK
    sending.cancel()


async def _send_forever(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"x" * LARGEST_CHUNK)
        await writer.drain()


async def test_a_cut_ends_both_sides_and_new_connections_come_through(line, connect):
    reader, writer = await connect(line.announce)
    await answer((reader, writer), b"before")
    line.cut()
    assert await ended(reader)
    again = await connect(line.announce)
    assert await answer(again, b"after") == b"after"


async def test_refusing_ends_new_connections_and_leaves_open_ones(line, connect):
    connection = await connect(line.announce)
    await answer(connection, b"before")
    line.conditions = Conditions(refuses=True)
    reader, _ = await connect(line.announce)
    assert await ended(reader)
    assert await answer(connection, b"still") == b"still"


async def test_a_dead_computer_behind_the_line_looks_dead(connect):
    async with Line.open() as line:
        reader, _ = await connect(line.announce)
        assert await ended(reader)


async def test_the_computer_behind_the_line_reaches_others_over_the_same_lanes(line, connect):
    async with Line.open() as home:
        connection = await connect(await home.way_to(line.own_port))
        assert await answer(connection, b"1234") == b"1234"
        assert (home.outward.bytes, home.inward.bytes) == (4, 4)
