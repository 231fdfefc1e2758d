"""A private swarm of real nodes, and outsiders who know every address of it."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from engine.errors import PeerUnreachable, ProtocolViolation, SwarmUnreachable
from engine.membership.key import SwarmKey
from engine.network._hivemind import DHTID, MSGPackSerializer, P2PHandlerError, PeerID, dht_pb2
from engine.network.directory import Directory
from engine.network.node import Node, PeerStream
from engine.network.signing import INDEX_KEY, index_place, model_key, seal
from engine.wire.records import SpanRecord
from tests.network.records import MODEL, span

HELLO = "/potluck/test/hello"
KEY, OTHER_KEY = SwarmKey.generate(), SwarmKey.generate()

StartNode = Callable[..., Awaitable[Node]]
OUTSIDERS = pytest.mark.parametrize("key", [None, OTHER_KEY], ids=["without a key", "with another key"])


def span_of(node: Node) -> SpanRecord:
    return span(node.peer_id, addresses=node.addresses)


async def hello(stream: PeerStream) -> None:
    await stream.send(b"hello from " + await stream.receive(9))


async def greet(node: Node, server: Node) -> bytes:
    async with await node.open(server.peer_id, HELLO, server.addresses, timeout=3) as stream:
        await stream.send(b"a sibling")
        return await stream.receive(20)


@pytest.fixture
async def server(start_node: StartNode) -> Node:
    node = await start_node(swarm_key=KEY)
    await node.serve(HELLO, hello)
    await Directory(node).announce(span_of(node))
    return node


async def test_members_read_the_directory_and_open_streams(start_node, server: Node) -> None:
    member = await start_node(server, swarm_key=KEY)
    newcomer = await start_node(member, swarm_key=KEY, client_only=True)
    for node in (member, newcomer):
        assert [record.peer for record in await Directory(node).spans(MODEL)] == [server.peer_id]
        assert [record.peer for record in await Directory(node).models()] == [server.peer_id]
        assert await greet(node, server) == b"hello from a sibling"


async def test_without_the_right_key_one_does_not_join(start_node, server: Node) -> None:
    for key in (None, OTHER_KEY):
        with pytest.raises(SwarmUnreachable, match=r"does not know the key.*: ask for an invite link"):
            await start_node(server, swarm_key=key)


async def test_a_public_swarm_is_not_joined_with_a_key(start_node) -> None:
    public = await start_node()
    with pytest.raises(SwarmUnreachable, match="does not know the key"):
        await start_node(public, swarm_key=KEY)


@OUTSIDERS
async def test_an_outsider_who_knows_the_address_gets_no_stream(
    start_node, server: Node, key: SwarmKey | None
) -> None:
    outsider = await start_node(swarm_key=key)
    with pytest.raises(PeerUnreachable) as caught:
        await greet(outsider, server)
    assert ("does not know the key of the swarm" in str(caught.value)) is (key is not None)
    assert await greet(await start_node(server, swarm_key=KEY), server) == b"hello from a sibling"


@OUTSIDERS
async def test_an_outsider_can_ask_a_dht_node_nothing(start_node, server: Node, key: SwarmKey | None) -> None:
    """Not even in hivemind's own words: neither read, nor store, nor become a neighbour."""
    outsider = await start_node(swarm_key=key)
    with pytest.raises(PeerUnreachable):
        await greet(outsider, server)  # connected by now
    dht, peer = outsider.dht.protocol, server.dht.peer_id
    for name in (INDEX_KEY, model_key(MODEL)):
        asked = dht_pb2.FindRequest(keys=[DHTID.generate(name).to_bytes()], peer=dht.node_info)
        with pytest.raises(P2PHandlerError, match="Only members of this private swarm"):
            await dht.get_stub(peer).rpc_find(asked, timeout=2)
    assert await dht.call_ping(peer) is None
    own = span_of(outsider)
    sealed = MSGPackSerializer.dumps(seal(own, index_place(own), outsider.identity))
    place = DHTID.generate(INDEX_KEY)
    subkey = index_place(own).subkey
    assert await dht.call_store(peer, [place], [sealed], [own.expires], subkeys=[subkey]) is None
    assert [record.peer for record in await Directory(server).models()] == [server.peer_id]
    assert server.dht.protocol.routing_table.uid_to_peer_id == {}


async def test_there_is_no_other_way_in(start_node, server: Node) -> None:
    """Whatever a later version of hivemind adds: each call that p2pd passes on is encrypted."""
    calls = server.dht.p2p._client.control.unary_handlers
    assert {name.partition(".rpc_")[2] for name in calls} == {"ping", "store", "find"}
    for answer in calls.values():
        with pytest.raises(ProtocolViolation, match="Only members of this private swarm"):
            await answer(dht_pb2.PingRequest().SerializeToString(), PeerID.from_base58(server.peer_id))
    streams = server.dht.p2p._client.control.handlers
    assert HELLO in streams
    assert all("Node.serve" in handle.__qualname__ for handle in streams.values())


async def test_two_private_swarms_beside_each_other_see_only_themselves(start_node, server: Node) -> None:
    """Though the nodes of both are connected to each other."""
    other = await start_node(swarm_key=OTHER_KEY)
    await other.serve(HELLO, hello)
    await Directory(other).announce(span_of(other))
    assert not await other.meet(server.addresses)
    assert not await server.meet(other.addresses)
    assert min(await other.peers(), await server.peers()) > 0
    for node, key in ((server, KEY), (other, OTHER_KEY)):
        reader = await start_node(node, swarm_key=key)
        assert [record.peer for record in await Directory(reader).models()] == [node.peer_id]
        assert [record.peer for record in await Directory(reader).spans(MODEL)] == [node.peer_id]


async def test_a_member_that_finds_nobody_starts_alone_and_finds_them_later(
    start_node, server: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own block server, which it meets meanwhile, does not count as the others."""
    monkeypatch.setattr("engine.network.node.REJOIN_SECONDS", 0.2)
    gone = await start_node(swarm_key=KEY)
    await gone.stop()
    early = await start_node(gone, swarm_key=KEY)
    await start_node(early, swarm_key=KEY)
    assert await Directory(early).models() == ()
    early.remembered_peers = server.addresses
    async with asyncio.timeout(30):
        while not await Directory(early).models():  # noqa: ASYNC110 (each look asks the network)
            await asyncio.sleep(0.05)


async def test_the_key_is_in_no_command_line_and_no_log(
    start_node, server: Node, caplog: pytest.LogCaptureFixture
) -> None:
    import psutil

    caplog.set_level("DEBUG")
    member = await start_node(server, swarm_key=KEY)
    assert await greet(member, server) == b"hello from a sibling"
    lines = [" ".join(process.cmdline()) for process in psutil.Process().children(recursive=True)]
    lines += [repr(member.settings), caplog.text]
    for secret in (KEY.to_text(), KEY.secret.hex(), repr(KEY.secret)):
        assert not any(secret in line for line in lines)
