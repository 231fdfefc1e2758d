"""Real nodes on loopback, ended with the test; a warning in the log that a test did not expect fails it."""

import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import psutil
import pytest

from engine.network.node import Node, NodeSettings

StartNode = Callable[..., Awaitable[Node]]


@pytest.fixture
def expected_logs() -> list[str]:
    """Texts of the warnings and errors that the test means to cause."""
    return []


@pytest.fixture(autouse=True)
def only_expected_logs(caplog: pytest.LogCaptureFixture, expected_logs: list[str]) -> Iterator[None]:
    yield
    loud = [record for record in caplog.get_records("call") if record.levelno >= logging.WARNING]
    texts = [record.getMessage() for record in loud]
    assert [text for text in texts if not any(expected in text for expected in expected_logs)] == []
    assert [expected for expected in expected_logs if not any(expected in text for text in texts)] == []


@pytest.fixture
async def start_node() -> AsyncIterator[StartNode]:
    """Starts nodes; `start_node(first)` joins the swarm of `first`."""
    nodes: list[Node] = []

    async def start(*bootstrap: Node, **settings: object) -> Node:
        initial_peers = tuple(address for node in bootstrap for address in node.addresses)
        nodes.append(await Node.start(NodeSettings(**{"initial_peers": initial_peers, **settings})))
        return nodes[-1]

    yield start
    for node in nodes:
        await node.stop()
    assert [child.name() for child in psutil.Process().children(recursive=True) if _runs(child)] == []


@pytest.fixture
def silent_address() -> Iterator[str]:
    """Where connections are accepted and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"/ip4/127.0.0.1/tcp/{server.getsockname()[1]}"


def _runs(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
