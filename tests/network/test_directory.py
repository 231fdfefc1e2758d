"""The directory between real nodes, some of them hostile."""

import asyncio
import time

import pytest

from engine.network._hivemind import DHTID, DictionaryDHTValue, MSGPackSerializer
from engine.network.directory import Directory, latest
from engine.network.identity import Identity
from engine.network.node import DHT_ANSWER_SECONDS, Node
from engine.network.signing import INDEX_KEY, Place, index_place, model_key, model_place, seal
from engine.wire.records import ServerState, SpanRecord
from tests.network.records import MODEL, OTHER_MODEL, span

KEY = model_key(MODEL)
KEY_ID = DHTID.generate(KEY)


async def accepts(rogue: Node, key: bytes, value: object, expires: float, subkey: object = None) -> bool:
    """Whether the swarm's honest nodes store what `rogue` asks them to, its own checks being off."""
    rogue.dht.protocol.record_validator = None
    return await rogue.dht.store(key, value, expires, subkey=subkey, exclude_self=True)


async def plant(rogue: Node, record: SpanRecord) -> None:
    """Have `rogue` answer look-ups with a record, whatever the others think of it."""
    rogue.dht.protocol.record_validator = None
    rogue.dht.protocol.storage.store(
        KEY_ID,
        MSGPackSerializer.dumps(seal(record, model_place(record), rogue.identity)),
        record.expires,
        subkey=record.peer,
    )


async def test_a_span_is_seen_by_others_at_the_first_look(
    start_node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.network.directory.LOOKUP_SECONDS", 60.0)  # none is cut short
    server = await start_node()
    bystander, client = await start_node(server), await start_node(server, client_only=True)
    record = span(server.peer_id, addresses=server.addresses, state=ServerState.JOINING)
    await Directory(server).announce(record)
    async with asyncio.timeout(30):
        for node in (server, bystander, client):
            assert await Directory(node).spans(MODEL) == (record,)
            assert await Directory(node).models() == (record,)
            assert await Directory(node).spans(OTHER_MODEL) == ()


async def test_a_changed_state_is_seen_at_once(start_node) -> None:
    server = await start_node()
    client = await start_node(server, client_only=True)
    announced, seen = Directory(server), Directory(client)
    joining = span(server.peer_id, state=ServerState.JOINING)
    for state in (ServerState.JOINING, ServerState.ONLINE, ServerState.DRAINING):
        await announced.announce(joining.model_copy(update={"state": state}))
        assert [record.state for record in await seen.spans(MODEL)] == [state]
        assert [record.state for record in await seen.models()] == [state]


async def test_servers_and_models_stand_side_by_side(start_node) -> None:
    first = await start_node()
    second = await start_node(first)
    client = await start_node(second, client_only=True)
    await Directory(first).announce(span(first.peer_id))
    await Directory(second).announce(span(second.peer_id, start=3, end=6))
    await Directory(second).announce(span(second.peer_id, model=OTHER_MODEL, start=1))
    seen = Directory(client)
    assert {(r.peer, r.start) for r in await seen.spans(MODEL)} == {(first.peer_id, 0), (second.peer_id, 3)}
    assert [(r.peer, r.start) for r in await seen.spans(OTHER_MODEL)] == [(second.peer_id, 1)]
    assert {(r.peer, r.model) for r in await seen.models()} == {
        (first.peer_id, MODEL),
        (second.peer_id, MODEL),
        (second.peer_id, OTHER_MODEL),
    }


async def test_a_node_that_joins_later_sees_what_was_announced(start_node) -> None:
    server = await start_node()
    await Directory(server).announce(span(server.peer_id))
    assert len(await Directory(await start_node(server)).spans(MODEL)) == 1


async def test_a_withdrawn_span_is_gone_until_it_is_announced_again(start_node) -> None:
    server = await start_node()
    bystander, client = await start_node(server), await start_node(server, client_only=True)
    directory = Directory(server)
    await directory.withdraw(MODEL)
    await directory.announce(span(server.peer_id))
    await directory.withdraw(MODEL)
    for node in (server, bystander, client):
        assert await Directory(node).spans(MODEL) == ()
        assert await Directory(node).models() == ()
    await directory.announce(span(server.peer_id))
    assert len(await Directory(client).spans(MODEL)) == 1


async def test_a_span_expires(start_node) -> None:
    server = await start_node()
    client = await start_node(server, client_only=True)
    record = span(server.peer_id, seconds=4.0)
    await Directory(server).announce(record)
    assert len(await Directory(client).spans(MODEL)) == 1
    await asyncio.sleep(record.expires - time.time() + 0.1)
    assert await Directory(client).spans(MODEL) == ()
    assert await Directory(client).models() == ()


async def test_spans_outlive_a_server_of_the_directory(start_node) -> None:
    first = await start_node()
    server, client = await start_node(first), await start_node(first, client_only=True)
    await Directory(server).announce(span(server.peer_id))
    await first.stop()
    assert [record.peer for record in await Directory(client).spans(MODEL)] == [server.peer_id]


@pytest.mark.parametrize("seconds", [-1.0, 0.0, 700.0])
async def test_one_cannot_announce_for_too_long_or_too_late(start_node, seconds: float) -> None:
    node = await start_node()
    with pytest.raises(ValueError, match="expires within"):
        await Directory(node).announce(span(node.peer_id, seconds))
    assert await Directory(node).spans(MODEL) == ()


async def test_one_cannot_announce_for_another(start_node) -> None:
    node = await start_node()
    with pytest.raises(ValueError, match="is not this node"):
        await Directory(node).announce(span(Identity.generate().peer))


async def test_honest_nodes_store_a_rogues_own_valid_record(start_node) -> None:
    """The counterpart of the refusals below: they are not refused for another reason."""
    honest = await start_node()
    rogue = await start_node(honest)
    record = span(rogue.peer_id)
    sealed = seal(record, model_place(record), rogue.identity)
    assert await accepts(rogue, KEY, sealed, record.expires, rogue.peer_id)
    assert await Directory(honest).spans(MODEL) == (record,)


async def test_honest_nodes_refuse_what_is_not_a_peers_own(start_node) -> None:
    honest = await start_node()
    rogue = await start_node(honest)
    victim, own = span(honest.peer_id), span(rogue.peer_id)
    place, in_index = model_place(own), index_place(own)
    sealed = seal(own, place, rogue.identity)
    forged = seal(victim, model_place(victim), rogue.identity)
    far = span(rogue.peer_id, seconds=700.0)
    past = span(rogue.peer_id, seconds=-1.0)
    fat = seal(own.model_copy(update={"model_name": "m" * 5000}), place, rogue.identity)
    for value, key, subkey, expires in (
        (forged, KEY, honest.peer_id, victim.expires),  # speaks for another
        (forged, KEY, rogue.peer_id, victim.expires),  # names another than its subkey
        (sealed, KEY, honest.peer_id, own.expires),  # under another's name
        (sealed, model_key(OTHER_MODEL), rogue.peer_id, own.expires),  # replayed under another key
        (sealed, INDEX_KEY, in_index.subkey, own.expires),
        (sealed, b"elsewhere", rogue.peer_id, own.expires),
        (sealed, KEY, rogue.peer_id, own.expires + 1),  # kept alive
        (seal(far, place, rogue.identity), KEY, rogue.peer_id, far.expires),
        (seal(past, place, rogue.identity), KEY, rogue.peer_id, past.expires),
        (fat, KEY, rogue.peer_id, own.expires),
        (b"junk", KEY, rogue.peer_id, own.expires),
        ({"junk": 1}, KEY, rogue.peer_id, own.expires),
        (sealed, KEY, None, own.expires),  # would replace the whole dictionary
        (sealed, KEY, 7, own.expires),
    ):
        assert not await accepts(rogue, key, value, expires, subkey)
    assert len(honest.dht.protocol.storage) == 0


async def test_a_reader_drops_what_a_rogue_shows_and_keeps_the_rest(start_node) -> None:
    honest = await start_node()
    rogue = await start_node(honest)
    client = await start_node(honest, rogue, client_only=True)
    true_record = span(honest.peer_id)
    await Directory(honest).announce(true_record)
    await plant(rogue, true_record.model_copy(update={"end": 6, "expires": true_record.expires + 30}))
    await plant(rogue, span(Identity.generate().peer))
    await plant(rogue, span(rogue.peer_id, seconds=10_000.0))
    assert await Directory(client).spans(MODEL) == (true_record,)


@pytest.mark.parametrize("expires", [1e18, float("inf")])
async def test_an_answer_that_lasts_for_ever_hides_nobody(start_node, expires: float) -> None:
    honest = await start_node()
    rogue = await start_node(honest)
    client = await start_node(honest, rogue, client_only=True)
    await Directory(honest).announce(span(honest.peer_id))
    for value in (DictionaryDHTValue(), b"a plain value"):
        rogue.dht.protocol.record_validator = None
        del rogue.dht.protocol.storage[KEY_ID]
        rogue.dht.protocol.storage.store(KEY_ID, value, expires)
        assert [record.peer for record in await Directory(client).spans(MODEL)] == [honest.peer_id]


async def test_a_cached_record_hides_nobody(start_node) -> None:
    honest = await start_node()
    rogue, client = await start_node(honest), await start_node(honest, client_only=True)
    await Directory(honest).announce(span(honest.peer_id))
    own = span(rogue.peer_id, seconds=500.0)
    value = MSGPackSerializer.dumps(seal(own, model_place(own), rogue.identity))
    stored = await rogue.dht.protocol.call_store(
        honest.dht.peer_id, [KEY_ID], [value], [own.expires], subkeys=[rogue.peer_id], in_cache=True
    )
    assert stored == [True]
    await rogue.stop()
    seen = await Directory(client).spans(MODEL)
    assert {record.peer for record in seen} == {honest.peer_id, rogue.peer_id}


async def test_a_silent_rogue_cannot_stop_a_look_up(start_node) -> None:
    honest = await start_node()
    rogue = await start_node(honest)
    client = await start_node(honest, rogue, client_only=True)
    await Directory(honest).announce(span(honest.peer_id))

    async def say_nothing(data: bytes, peer: object) -> bytes:
        await asyncio.Event().wait()
        return b""

    handlers = rogue.dht.p2p._client.control.unary_handlers
    handlers.update(dict.fromkeys(handlers, say_nothing))
    assert [record.peer for record in await Directory(client).spans(MODEL)] == [honest.peer_id]
    began = time.monotonic()
    assert [record.peer for record in await Directory(client).spans(MODEL)] == [honest.peer_id]
    assert time.monotonic() - began < DHT_ANSWER_SECONDS  # it is not waited for again


def test_the_record_that_expires_last_counts() -> None:
    older, newer = span("A" * 30, seconds=10), span("A" * 30, seconds=20, start=1)
    other = span("B" * 30, seconds=5)
    for records in ([older, newer, other], [other, newer, older]):
        assert latest(records) == [newer, other]


def test_places_are_apart() -> None:
    record = span("A" * 30)
    places = {
        model_place(record),
        index_place(record),
        model_place(record.model_copy(update={"model": OTHER_MODEL})),
        index_place(record.model_copy(update={"model": OTHER_MODEL})),
    }
    assert len(places) == 4
    assert model_place(record) == Place(KEY_ID.to_bytes(), record.peer)
