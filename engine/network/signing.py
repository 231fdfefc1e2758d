"""How a span record travels: sealed by its server for one place in the directory, opened by everybody else.

A place is a DHT key and a subkey. Each record has two: in the dictionary of its model, under its peer id, and
in the index of all models, under peer id and model. The seal covers place, expiry and payload, so that a
record can neither be changed, kept alive, nor shown anywhere else.
"""

import hashlib
import struct
from dataclasses import dataclass

import msgpack
from pydantic import ValidationError

from engine.errors import ProtocolViolation
from engine.network.identity import Identity, verify
from engine.wire.records import SpanRecord

MAX_SEALED_BYTES = 4096
SIGNATURE_BYTES = 64  # Ed25519
MAX_SECONDS_AHEAD = 600.0  # a record may not claim to be valid for longer
INDEX_KEY = b"potluck.models.1"
_DOMAIN = b"potluck.span.1"


@dataclass(frozen=True)
class Place:
    key_id: bytes  # 20 bytes: what DHT nodes know of a key
    subkey: str

    @classmethod
    def under(cls, key: bytes, subkey: str) -> "Place":
        return cls(hashlib.sha1(key, usedforsecurity=False).digest(), subkey)


def model_key(model: str) -> bytes:
    """DHT key of the dictionary of one model; `model` is its digest."""
    return b"potluck.spans.1:" + model.encode()


def model_place(record: SpanRecord) -> Place:
    return Place.under(model_key(record.model), record.peer)


def index_place(record: SpanRecord) -> Place:
    return Place.under(INDEX_KEY, f"{record.peer}/{record.model}")


def fitting(record: SpanRecord) -> SpanRecord:
    """With as many of its addresses, the first ones, as others take in one record: some are long, where
    relays stand in between."""
    while len(_pack([_payload(record), bytes(SIGNATURE_BYTES)])) > MAX_SEALED_BYTES and record.addresses:
        record = record.model_copy(update={"addresses": record.addresses[:-1]})
    return record


def _payload(record: SpanRecord) -> bytes:
    return record.model_dump_json().encode()


def seal(record: SpanRecord, place: Place, identity: Identity) -> bytes:
    payload = _payload(record)
    return _pack([payload, identity.sign(_signed_message(place, record.expires, payload))])


def unseal(sealed: object, place: Place, expires: float, now: float) -> SpanRecord:
    """The record in `sealed`, found at `place` with DHT expiry `expires` (Unix time, seconds).

    Raises ProtocolViolation unless its peer sealed it for this place and it is valid now.
    """
    if not now < expires <= now + MAX_SECONDS_AHEAD:
        raise ProtocolViolation("The record has expired, or claims to be valid for too long.")
    payload, signature = _unpack(sealed)
    peer = place.subkey.partition("/")[0]
    if not verify(peer, signature, _signed_message(place, expires, payload)):
        raise ProtocolViolation("The record is not signed by the peer that it speaks for.")
    record = _parse(payload)
    if (
        record.peer != peer
        or record.expires != expires
        or place not in (model_place(record), index_place(record))
    ):
        raise ProtocolViolation("The record belongs elsewhere.")
    return record


def _signed_message(place: Place, expires: float, payload: bytes) -> bytes:
    return _pack([_DOMAIN, place.key_id, place.subkey, struct.pack(">d", expires), payload])


def _pack(parts: list[bytes | str]) -> bytes:
    return bytes(msgpack.packb(parts))


def _unpack(sealed: object) -> tuple[bytes, bytes]:
    if not isinstance(sealed, bytes) or len(sealed) > MAX_SEALED_BYTES:
        raise ProtocolViolation(f"A record is at most {MAX_SEALED_BYTES} bytes long.")
    try:
        payload, signature = msgpack.unpackb(sealed, use_list=True)
    except Exception as error:  # msgpack raises many kinds on foreign bytes
        raise ProtocolViolation("The record cannot be unpacked.") from error
    canonical = isinstance(payload, bytes) and isinstance(signature, bytes)
    if not canonical or _pack([payload, signature]) != sealed:
        raise ProtocolViolation("The record is not packed in its one form.")
    return payload, signature


def _parse(payload: bytes) -> SpanRecord:
    try:
        return SpanRecord.model_validate_json(payload)
    except ValidationError as error:
        raise ProtocolViolation("The record's payload is not a span record.") from error
