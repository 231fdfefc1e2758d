"""What goes over streams is counted in both directions."""

import asyncio

from engine.network.stream import PeerStream
from engine.network.traffic import Traffic


async def test_streams_add_up_what_they_bring_and_take() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(7))
        writer.close()

    traffic = Traffic()
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        for _ in range(2):
            ends = await asyncio.open_connection("127.0.0.1", port)
            async with PeerStream("peer", *ends, traffic=traffic) as stream:
                await stream.send(b"four", b"ish")
                assert await stream.receive(5) == b"fouri"
    assert traffic == Traffic(sent=14, received=10)
