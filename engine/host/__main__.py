"""`python -m engine.host`: one block server process, driven by lines (see `engine.host.orders`)."""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from pydantic import ValidationError

from engine.api.schema import ServerPhase
from engine.daemon_thread import in_daemon_thread
from engine.duties import until_first_ends
from engine.errors import EngineError, PotluckError
from engine.event_loop import new_event_loop
from engine.host.orders import HostConfig, Order, Report, ToldLine

if TYPE_CHECKING:
    from engine.host.process import LoadedSpan

log = logging.getLogger("potluck.host")

Say = Callable[[Report], None]
Lines = AsyncIterator[HostConfig | Order]


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    say = _own_stdout()
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            return runner.run(_run(say))
    except PotluckError as error:
        say(Report(phase=ServerPhase.STARTING, failure=str(error), failure_code=error.code))
    return 1


async def _run(say: Say) -> int:
    say(Report(phase=ServerPhase.STARTING))
    lines = _lines(await _stdin())
    config = await _first_config(lines)
    loading = _loading_of(config, say)
    from engine.network.directory import Directory
    from engine.network.node import Node, NodeSettings

    node = await Node.start(
        NodeSettings(
            config.initial_peers,
            config.listen,
            config.identity,
            announce=config.announce,
            port_file=config.port_file,
            swarm_key=config.swarm_key,
        )
    )
    try:
        await _live(config, node, Directory(node), loading, lines, say)
    finally:
        await node.stop()
    return 0


async def _live(config: HostConfig, node, directory, loading, lines: Lines, say: Say) -> None:
    """Say what will be served, then serve it; an order to leave counts at any time."""
    from engine.host.intent import StatedIntent

    intent = StatedIntent(config, node, directory, say)
    ready = asyncio.create_task(_until_loaded(config, intent, loading, lines, say))
    try:
        await until_first_ends(intent.announce_forever(), asyncio.wait({ready}))
        told = ready.result()
    except BaseException:
        ready.cancel()
        await intent.withdraw()
        raise
    if told is None:
        await intent.withdraw()
        return
    from engine.host.process import BlockServer

    config, loaded, orders = told
    await BlockServer(config, loaded, node, directory, say).serve(orders)


async def _until_loaded(config: HostConfig, intent, loading, lines: Lines, say: Say):
    """The config in the end, the span, and the orders from then on. None: told to leave."""
    while config.intent != "serving":
        line = await anext(lines, None)
        if not isinstance(line, HostConfig):
            return None
        config = line
        intent.change(config)
        if config.intent == "serving":
            loading = _loading_of(config, say)
    orders = _orders_of(lines)
    first = asyncio.ensure_future(anext(orders, None))
    await asyncio.wait({loading, first}, return_when=asyncio.FIRST_COMPLETED)
    return None if first.done() else (config, loading.result(), _resumed(first, orders))


async def _orders_of(lines: Lines) -> AsyncIterator[Order]:
    """Without configs, which come too late."""
    async for line in lines:
        if isinstance(line, Order):
            yield line


async def _resumed(first: "asyncio.Future[Order | None]", rest: AsyncIterator[Order]) -> AsyncIterator[Order]:
    order = await first
    if order is not None:
        yield order
        async for following in rest:
            yield following


def _loading_of(config: HostConfig, say: Say) -> "asyncio.Future[LoadedSpan | None]":
    """A span that will be there, or only what it takes to load one."""
    if config.intent != "serving":
        return in_daemon_thread(_import_heavy_parts, "importing")
    say(Report(phase=ServerPhase.LOADING))
    return in_daemon_thread(lambda: _load(config), "loading")


def _import_heavy_parts() -> None:
    import engine.host.loading
    import engine.host.process  # noqa: F401


def _load(config: HostConfig) -> "LoadedSpan":
    """The slow part, imports included."""
    from engine.host.loading import load_span

    return load_span(config)


async def _first_config(lines: Lines) -> HostConfig:
    line = await anext(lines)
    if not isinstance(line, HostConfig):
        raise EngineError("A block server is first told what to serve: start it through Potluck's engine.")
    return line


async def _stdin() -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer
    )
    return reader


async def _lines(stdin: asyncio.StreamReader) -> Lines:
    """What the daemon says until stdin ends, which means that it is gone."""
    while line := await stdin.readline():
        try:
            yield ToldLine.validate_json(line)
        except ValidationError:
            log.warning("a line is not readable: %r", line[:200])


def _own_stdout() -> Say:
    """Keep stdout for reports alone: whatever else prints goes to stderr."""
    channel = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)

    def say(report: Report) -> None:
        try:
            channel.write(report.to_line())
        except BrokenPipeError:
            log.info("the daemon is gone")

    return say


if __name__ == "__main__":
    status = main()
    logging.shutdown()
    # Without waiting for a thread that loads, or for torch to tidy up memory that the system takes back
    # anyway.
    os._exit(status)
