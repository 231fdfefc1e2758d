"""`python -m engine.host`: one block server process, driven by lines (see `engine.host.orders`)."""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable

from pydantic import ValidationError

from engine.api.schema import ServerPhase
from engine.daemon_thread import in_daemon_thread
from engine.errors import PotluckError
from engine.host.orders import HostConfig, Order, Report

log = logging.getLogger("potluck.host")

Say = Callable[[Report], None]


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    say = _own_stdout()
    try:
        return asyncio.run(_run(say))
    except PotluckError as error:
        say(Report(phase=ServerPhase.STARTING, failure=str(error), failure_code=error.code))
    return 1


async def _run(say: Say) -> int:
    say(Report(phase=ServerPhase.STARTING))
    lines = await _stdin()
    config = HostConfig.model_validate_json(await lines.readline())
    say(Report(phase=ServerPhase.LOADING))
    loading = in_daemon_thread(lambda: _load(config), "loading")
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
        await _serve(config, node, loading, _orders(lines), say)
    finally:
        await node.stop()
    return 0


async def _serve(config: HostConfig, node, loading, orders: AsyncIterator[Order], say: Say) -> None:
    """Serve once the span is loaded; an order to leave counts while it loads, too."""
    first = asyncio.ensure_future(anext(orders, None))
    await asyncio.wait({loading, first}, return_when=asyncio.FIRST_COMPLETED)
    if first.done():
        return
    from engine.host.process import BlockServer

    await BlockServer(config, loading.result(), node, say).serve(_resumed(first, orders))


async def _resumed(first: "asyncio.Future[Order | None]", rest: AsyncIterator[Order]) -> AsyncIterator[Order]:
    order = await first
    if order is not None:
        yield order
        async for following in rest:
            yield following


def _load(config: HostConfig):
    """The slow part, imports included."""
    from engine.host.loading import load_span

    return load_span(config)


async def _stdin() -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer
    )
    return reader


async def _orders(lines: asyncio.StreamReader) -> AsyncIterator[Order]:
    """Orders until stdin ends, which means that the daemon is gone."""
    while line := await lines.readline():
        try:
            yield Order.model_validate_json(line)
        except ValidationError:
            log.warning("an order is not readable: %r", line[:200])


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
