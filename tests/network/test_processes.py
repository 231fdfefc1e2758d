"""Starting and ending: nothing is left behind, whoever dies first."""

import asyncio
import contextlib
import os
import signal
import stat
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path

import psutil
import pytest

from engine.errors import EngineError, PeerUnreachable, SwarmUnreachable
from engine.network.daemon import DaemonSettings, command_line
from engine.network.directory import Directory
from engine.network.identity import Identity
from engine.network.node import Node, NodeSettings
from tests.network.records import span

REMOTE = """
import asyncio, sys
from engine.network.node import Node, NodeSettings

async def hold(stream):
    await stream.send(b"!")
    await asyncio.Event().wait()

async def main():
    node = await Node.start(NodeSettings(initial_peers=tuple(sys.argv[1:])))
    await node.serve("/potluck/test/hold", hold)
    print(node.peer_id, flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        print(await node.peers(), "peers while ending", flush=True)
        await node.stop()

try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("ended")
"""


class Remote:
    """A node in a process group of its own, as a terminal would start it."""

    def __init__(self, process: asyncio.subprocess.Process, peer: str) -> None:
        self.process = process
        self.peer = peer
        self.helpers = psutil.Process(process.pid).children(recursive=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    """For sockets, whose paths may be no longer than about 100 bytes."""
    with tempfile.TemporaryDirectory() as path:
        yield Path(path)


async def start_process(folder: Path, *addresses: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", REMOTE, *addresses),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        process_group=0,
        env={**os.environ, "TMPDIR": str(folder)},
    )


@pytest.fixture
async def remote(start_node, folder: Path) -> AsyncIterator[tuple[Node, Remote]]:
    """A node here, and one elsewhere that joined it."""
    node = await start_node()
    process = await start_process(folder, *node.addresses)
    assert process.stdout is not None
    peer = (await asyncio.wait_for(process.stdout.readline(), 60)).decode().strip()
    yield node, Remote(process, peer)
    if process.returncode is None:
        process.kill()
    await process.communicate()


def contents(folder: Path, pattern: str = "*") -> dict[str, int]:
    """Names and permissions."""
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.glob(pattern)}


def running(processes: Iterable[psutil.Process]) -> list[str]:
    names = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                names.append(process.name())
    return names


async def gone(processes: Iterable[psutil.Process], seconds: float = 30.0) -> bool:
    for _ in range(int(seconds / 0.02)):
        if not running(processes):
            return True
        await asyncio.sleep(0.02)
    return False


async def test_a_killed_process_takes_its_p2pd_along_and_breaks_its_streams(remote, folder: Path) -> None:
    node, other = remote
    assert sorted(running(other.helpers)) == ["p2pd", "sh", "sh"]
    stream = await node.open(other.peer, "/potluck/test/hold")
    assert await stream.receive(1) == b"!"
    other.process.kill()
    with pytest.raises(PeerUnreachable):
        await asyncio.wait_for(stream.receive(1), 30)
    stream.close()
    assert await gone(other.helpers)
    assert contents(folder) == {}
    with pytest.raises(PeerUnreachable):
        await node.open(other.peer, "/potluck/test/hold", timeout=2.0)


async def test_a_process_killed_while_it_starts_leaves_nothing(folder: Path) -> None:
    process = await start_process(folder)
    us = psutil.Process(process.pid)
    helpers: list[psutil.Process] = []
    for _ in range(6000):
        if helpers := us.children(recursive=True):
            break
        await asyncio.sleep(0.005)
    process.kill()
    await process.communicate()
    assert helpers
    assert await gone(helpers)
    assert contents(folder) == {}


async def test_ctrl_c_in_the_terminal_reaches_us_alone_and_ends_in_order(remote) -> None:
    _, other = remote
    os.killpg(other.process.pid, signal.SIGINT)
    out, err = await asyncio.wait_for(other.process.communicate(), 30)
    assert out.decode().splitlines() == ["1 peers while ending", "ended"]
    assert err.decode() == ""
    assert await gone(other.helpers)


async def test_stopping_reaps_everything_and_leaves_no_file(
    start_node, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    node = await start_node()
    helpers = psutil.Process().children(recursive=True)
    assert sorted(running(helpers)) == ["p2pd", "sh", "sh"]
    assert list(contents(folder).values()) == [0o700]
    assert {Path(name).suffix for name in contents(folder, "*/*")} == {".sock"}
    await node.stop()
    assert running(helpers) == []
    assert contents(folder) == {}


async def test_a_p2pd_that_ends_by_itself_is_noticed(start_node, expected_logs) -> None:
    expected_logs.append("The network process ended by itself")
    node = await start_node()
    (p2pd,) = [c for c in psutil.Process().children(recursive=True) if c.name() == "p2pd"]
    p2pd.kill()
    await asyncio.wait_for(node.wait_ended(), 30)
    with pytest.raises(PeerUnreachable):
        await node.open(Identity.generate().peer, "/potluck/test/hold")
    assert await node.peers() == 0
    await asyncio.wait_for(node.stop(), 30)


async def test_an_identity_outlives_its_node(start_node, tmp_path: Path) -> None:
    path = tmp_path / "donor.key"
    first = await start_node(identity=path)
    await first.stop()
    second = await start_node(identity=path)
    anonymous = await start_node()
    assert first.peer_id == second.peer_id != anonymous.peer_id
    assert all(address.endswith(f"/p2p/{second.peer_id}") for address in second.addresses)


async def test_a_dead_bootstrap_address_is_one_sentence_and_no_process(
    start_node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not waited for."""
    monkeypatch.setattr("engine.network.joining.DIAL_SECONDS", 60.0)
    monkeypatch.setattr("engine.network.node.START_SECONDS", 60.0)
    gone_node = await start_node()
    await gone_node.stop()
    began = time.monotonic()
    with pytest.raises(SwarmUnreachable, match=r"^No computer of the swarm answers: check [^.]*\.$"):
        await start_node(gone_node)
    assert time.monotonic() - began < 30.0
    assert running(psutil.Process().children(recursive=True)) == []


async def test_a_bootstrap_address_that_never_answers_is_given_up(silent_address: str) -> None:
    address = f"{silent_address}/p2p/{Identity.generate().peer}"
    async with asyncio.timeout(30):
        with pytest.raises(SwarmUnreachable):
            await Node.start(NodeSettings(initial_peers=(address,)))
    assert running(psutil.Process().children(recursive=True)) == []


async def test_one_living_bootstrap_peer_is_enough(start_node) -> None:
    living, dead = await start_node(), await start_node()
    await dead.stop()
    assert await (await start_node(dead, living)).peers() == 1


async def test_a_node_that_lost_everybody_finds_its_initial_peer_again(
    start_node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.network.node.REJOIN_SECONDS", 0.3)
    first = await start_node(identity=tmp_path / "first.key")
    server = await start_node(first)
    listen = (first.addresses[0].partition("/p2p/")[0],)
    await first.stop()
    record = span(server.peer_id, seconds=300.0, end=1, n_layers=1)
    await Directory(server).announce(record)
    again = await start_node(identity=tmp_path / "first.key", listen=listen)
    for _ in range(200):
        if await Directory(again).spans(record.model):
            break
        await asyncio.sleep(0.2)
    assert await Directory(again).spans(record.model) == (record,)


async def test_a_cancelled_start_leaves_nothing() -> None:
    for delay in (0.0, 0.001, 0.003, 0.01, 0.02, 0.05):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(Node.start(NodeSettings()), delay)
        assert await gone(psutil.Process().children(recursive=True))


@pytest.mark.parametrize(
    "address", ["", "nonsense", "/ip4/127.0.0.1/tcp/1", "/ip4/127.0.0.1/tcp/1/p2p/nobody"]
)
async def test_a_mistyped_bootstrap_address_is_named(address: str) -> None:
    with pytest.raises(SwarmUnreachable, match="is not a list of swarm addresses"):
        await Node.start(NodeSettings(initial_peers=(address,)))


async def test_a_listen_address_that_cannot_be_had_is_said() -> None:
    with pytest.raises(EngineError, match="check the listen addresses"):
        await Node.start(NodeSettings(listen=("/ip4/127.0.0.1/nonsense/0",)))


@pytest.mark.parametrize(
    ("listen", "client_only", "expected"),
    [
        ("/ip4/127.0.0.1/tcp/0", False, {"-natPortMap=0", "-autonat=0", "-autoRelay=0", "-dhtServer=1"}),
        ("/ip6/::1/tcp/0", False, {"-natPortMap=0", "-autonat=0", "-autoRelay=0", "-dhtServer=1"}),
        ("/ip4/0.0.0.0/tcp/0", False, {"-natPortMap=1", "-autonat=1", "-autoRelay=1", "-dhtServer=1"}),
        ("/ip4/0.0.0.0/tcp/0", True, {"-natPortMap=1", "-autonat=1", "-autoRelay=0", "-dhtClient=1"}),
        ("", False, {"-noListenAddrs=1", "-forceReachabilityPrivate=1", "-natPortMap=0", "-autoRelay=1"}),
    ],
)
def test_only_a_node_that_listens_to_the_world_or_nowhere_asks_for_a_way_in(
    listen: str, client_only: bool, expected: set[str]
) -> None:
    command = command_line(Path("/p2pd"), Path("/folder"), DaemonSettings(_some(listen), client_only))
    assert expected <= set(command)


@pytest.mark.parametrize(
    ("listen", "client_only", "asked"),
    [
        ("/ip4/127.0.0.1/tcp/0", False, False),
        ("/ip4/0.0.0.0/tcp/0", False, True),
        ("/ip4/0.0.0.0/tcp/0", True, False),
        ("", False, True),
        ("", True, False),
    ],
)
def test_who_asks_for_a_way_in_asks_the_relays_it_knows(listen: str, client_only: bool, asked: bool) -> None:
    settings = DaemonSettings(
        _some(listen), client_only, relays=("/ip4/192.0.2.1/tcp/1", "/ip4/192.0.2.2/tcp/1")
    )
    command = command_line(Path("/p2pd"), Path("/folder"), settings)
    assert ("-trustedRelays=/ip4/192.0.2.1/tcp/1,/ip4/192.0.2.2/tcp/1" in command) is asked
    assert ("-autoRelay=1" in command) is asked  # p2pd panics where it gets relays and may not use them


def _some(listen: str) -> tuple[str, ...]:
    return (listen,) if listen else ()


async def test_importing_the_package_is_light() -> None:
    code = "import sys, engine.network; sys.exit('hivemind' in sys.modules or 'torch' in sys.modules)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    assert await process.wait() == 0
