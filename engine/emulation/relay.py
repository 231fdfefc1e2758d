"""TCP connections passed on byte for byte, each byte at the time that its lane gives."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import TypeAlias

from engine.emulation.lane import LARGEST_CHUNK, Conditions, Lane, chunk_bytes

MAX_CHUNKS = 64  # of a connection under way in one direction: 4 MiB at most

UnderWay: TypeAlias = "asyncio.Queue[tuple[float, bytes]]"  # when to bring it out, and what; empty: the end


class Gate:
    """Bytes pass while it is open."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()

    def set_open(self, is_open: bool) -> None:
        if is_open:
            self._open.set()
        else:
            self._open.clear()

    async def passed(self) -> None:
        await self._open.wait()


class Relay:
    """A listening port; whoever connects to it talks to the target, over two lanes."""

    def __init__(
        self,
        host: str,
        port: int,
        forth: Lane,
        back: Lane,
        conditions: Callable[[], Conditions],
        gate: Gate,
    ) -> None:
        self._target = host, port
        self._lanes = forth, back
        self._conditions = conditions
        self._gate = gate
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server

    @classmethod
    async def start(
        cls,
        host: str,
        port: int,
        forth: Lane,
        back: Lane,
        conditions: Callable[[], Conditions],
        gate: Gate,
    ) -> "Relay":
        """`forth` carries what the one who connects sends, `back` what the target at `host`:`port` sends."""
        relay = cls(host, port, forth, back, conditions, gate)
        relay._server = await asyncio.start_server(relay._accept, host, 0, limit=LARGEST_CHUNK)
        return relay

    @property
    def port(self) -> int:
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def connections(self) -> int:
        return len(self._connections)

    def cut(self) -> None:
        for connection in self._connections:
            connection.cancel()

    async def close(self) -> None:
        """Nothing is left: no port, no connection, no task."""
        self._server.close()
        self.cut()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._conditions().refuses:
            writer.transport.abort()
            return
        connection = asyncio.ensure_future(self._connect(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with _ended_with(writer):
            try:
                far_reader, far_writer = await asyncio.open_connection(*self._target, limit=LARGEST_CHUNK)
            except OSError:  # nobody listens there
                writer.transport.abort()
                return
            with _ended_with(far_writer):
                await self._pass_on(reader, writer, far_reader, far_writer)

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        far_reader: asyncio.StreamReader,
        far_writer: asyncio.StreamWriter,
    ) -> None:
        """Until both sides have ended, and all that they said has arrived; or until one breaks."""
        try:
            async with asyncio.TaskGroup() as duties:
                for lane, source, sink in zip(
                    self._lanes, (reader, far_reader), (far_writer, writer), strict=True
                ):
                    under_way: UnderWay = asyncio.Queue(MAX_CHUNKS)
                    duties.create_task(self._take_in(source, lane, under_way))
                    duties.create_task(self._bring_out(under_way, sink))
        except* OSError:
            writer.transport.abort()
            far_writer.transport.abort()

    async def _take_in(self, reader: asyncio.StreamReader, lane: Lane, under_way: UnderWay) -> None:
        clock = asyncio.get_running_loop().time
        ended = False
        while not ended:
            data = await reader.read(chunk_bytes(self._conditions()))
            ended = not data
            await under_way.put((lane.arrival(len(data), clock(), self._conditions()), data))
            await asyncio.sleep(lane.seconds_to_room(clock()))

    async def _bring_out(self, under_way: UnderWay, writer: asyncio.StreamWriter) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            arrival, data = await under_way.get()
            if (wait := arrival - clock()) > 0:
                await asyncio.sleep(wait)
            await self._gate.passed()
            if not data:
                return writer.write_eof()
            writer.write(data)
            await writer.drain()


@contextlib.contextmanager
def _ended_with(writer: asyncio.StreamWriter) -> Iterator[None]:
    """Whatever is written arrives, unless the block is left by an error or cancelled."""
    try:
        yield
    except BaseException:
        writer.transport.abort()
        raise
    writer.close()
