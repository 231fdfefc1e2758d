"""What a DHT node accepts to store: sealed span records in their own places, and nothing else."""

import logging
import time

import msgpack

from engine.errors import ProtocolViolation
from engine.network._hivemind import DHTRecord, RecordValidatorBase
from engine.network.signing import MAX_SEALED_BYTES, Place, unseal
from engine.wire.records import SpanRecord

logger = logging.getLogger("potluck.network")

_PACKING_BYTES = 16  # what hivemind's packing of values and subkeys may add


class SpanValidator(RecordValidatorBase):
    """Runs on every node, on what others ask it to store and on what it stores itself."""

    def validate(self, record: DHTRecord) -> bool:
        try:
            subkey = _unpack(record.subkey)
            read_record(record.key, subkey, record.value, record.expiration_time)
        except ProtocolViolation as error:
            logger.debug("A record was refused: %s", error)
            return False
        return True


def read_record(key_id: bytes, subkey: object, value: object, expires: object) -> SpanRecord:
    """The record in a DHT entry as hivemind holds it. Raises ProtocolViolation unless it is valid now."""
    if not (isinstance(subkey, str) and isinstance(expires, float)):
        raise ProtocolViolation("The record lies in no place of the directory.")
    return unseal(_unpack(value), Place(key_id, subkey), expires, time.time())


def _unpack(packed: object) -> object:
    if not isinstance(packed, bytes) or len(packed) > MAX_SEALED_BYTES + _PACKING_BYTES:
        raise ProtocolViolation(f"A record is at most {MAX_SEALED_BYTES} bytes long.")
    try:
        return msgpack.unpackb(packed)
    except Exception as error:  # msgpack raises many kinds on foreign bytes
        raise ProtocolViolation("The record cannot be unpacked.") from error
