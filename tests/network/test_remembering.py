"""A memory that is kept while nodes run, and leads back into their swarm."""

from pathlib import Path

from engine.network.directory import Directory
from engine.network.node import Node
from engine.network.probe_server import ProbeServer
from engine.network.remembering import Remembering
from engine.peers.coordinates import NOWHERE
from engine.peers.memory_file import MemoryFile
from engine.peers.remembered import MISS_COUNTS_AFTER, Memory, ways_in
from engine.wire.probes import PROBE_PROTOCOL
from engine.wire.records import SpanRecord
from tests.network.records import MODEL, span


async def serve(node: Node) -> SpanRecord:
    await node.serve(PROBE_PROTOCOL, ProbeServer(lambda: NOWHERE).handle)
    record = span(node.peer_id, addresses=node.addresses)
    await Directory(node).announce(record)
    return record


class Keeper:
    """Notes who answers; `now` is its wall clock."""

    def __init__(self, node: Node, path: Path, now: float = 1e9) -> None:
        self.now = now
        self.answering: dict[str, SpanRecord] = {}
        self.file = MemoryFile(path)
        self._remembering = Remembering(
            node, lambda: self.answering, self.file, self.file.load(), lambda: self.now
        )

    async def note(self, *answering: SpanRecord) -> Memory:
        self.answering = {record.peer: record for record in answering}
        await self._remembering.note()
        return MemoryFile(self.file._path).load()


async def test_a_swarm_is_found_again_when_its_initial_peer_is_dead(start_node, tmp_path: Path) -> None:
    path = tmp_path / "peers.json"
    initial = await start_node()
    server = await start_node(initial)
    client = await start_node(initial)
    keeper = Keeper(client, path)
    await keeper.note(await serve(server))
    assert client.remembered_peers == server.addresses
    await client.stop()
    await initial.stop()
    remembered = ways_in(MemoryFile(path).load(), keeper.now)
    again = await start_node(initial, remembered_peers=remembered)
    assert [record.peer for record in await Directory(again).spans(MODEL)] == [server.peer_id]


async def test_those_that_are_gone_are_missed_once_somebody_answers(start_node, tmp_path: Path) -> None:
    path = tmp_path / "peers.json"
    client = await start_node()
    servers = [await start_node(client) for _ in range(3)]
    records = [await serve(server) for server in servers]
    await Keeper(client, path).note(*records)
    await servers[0].stop()
    later = Keeper(client, path, 1e9 + MISS_COUNTS_AFTER)
    assert [peer.misses for peer in await later.note()] == [0, 0, 0]  # this computer may be offline itself
    misses = {peer.peer: peer.misses for peer in await later.note(records[2])}
    assert misses == {records[0].peer: 1, records[1].peer: 0, records[2].peer: 0}
