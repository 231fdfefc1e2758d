"""Records of the directory with anything in them: read or dropped, and never believed."""

import random

import msgpack

from engine.network._hivemind import DHTID
from engine.network.directory import Directory, valid_records
from engine.network.identity import Identity
from engine.network.lookup import Entry
from engine.network.signing import model_key, model_place, seal
from engine.network.validator import DHTRecord, SpanValidator
from tests.host.malformed import JUNK
from tests.network.records import MODEL, span

RECORDS = 4_000
KEY_ID = DHTID.generate(model_key(MODEL)).to_bytes()


def spoiled(rng: random.Random, sealed: bytes) -> object:
    data = bytearray(sealed)
    kind = rng.randrange(6)
    if kind == 0:
        return rng.choice(JUNK)
    if kind == 1:
        return bytes(data[: rng.randrange(len(data))])
    if kind == 2:
        return bytes(data) + rng.randbytes(rng.choice((1, 10, 5000)))
    if kind == 3:
        return rng.randbytes(rng.randrange(1, 300))
    for at in rng.sample(range(len(data)), rng.choice((1, 2, 8))):
        data[at] ^= 1 << rng.randrange(8)
    return bytes(data)


def test_no_record_but_the_signed_one_is_believed() -> None:
    rng, identity = random.Random(11), Identity.generate()
    record = span(identity.peer, seconds=300.0)
    expires = record.expires
    sealed = seal(record, model_place(record), identity)
    honest = Entry(identity.peer, msgpack.packb(sealed), expires)
    entries = [_false(rng, honest, sealed) for _ in range(RECORDS)]
    assert list(valid_records(KEY_ID, entries)) == []
    assert list(valid_records(KEY_ID, [*entries, honest])) == [record]
    validator = SpanValidator()
    for entry in entries[:500]:
        value = entry.value if isinstance(entry.value, bytes) else b""
        assert not validator.validate(DHTRecord(KEY_ID, msgpack.packb(identity.peer), value, expires))


def _false(rng: random.Random, honest: Entry, sealed: bytes) -> Entry:
    """Spoiled within its packing, or outside of it; half of the time in a false place as well."""
    within = rng.random() < 0.6
    value = msgpack.packb(spoiled(rng, sealed)) if within else spoiled(rng, honest.value)
    return Entry(
        rng.choice((*[honest.subkey] * len(JUNK), *JUNK)),
        value,
        rng.choice(
            (*[honest.expires] * 6, honest.expires + 1, float("nan"), float("inf"), -1.0, "soon", None)
        ),
    )


async def test_an_answer_with_values_of_other_kinds_hides_nobody(start_node) -> None:
    server = await start_node()
    rogue, client = await start_node(server), await start_node(server)
    record = span(server.peer_id)
    await Directory(server).announce(record)
    rogue.dht.protocol.record_validator = None
    for number, junk in enumerate(([1, 2], {"a": 1}, None, 7, "text")):
        rogue.dht.protocol.storage.store(
            DHTID.generate(model_key(MODEL)), junk, record.expires, subkey=str(number)
        )
    assert await Directory(client).spans(MODEL) == (record,)
