"""What servers bring to each other: what is sent arrives, and nothing else is taken for it."""

import asyncio
import struct
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import PeerUnreachable, ProtocolViolation
from engine.wire import frames
from engine.wire.messages import MAX_SESSION_TOKENS, Message, RefusalCode
from engine.wire.pushes import (
    MAX_HEAD_WIDTH,
    MAX_HEADS,
    MAX_PIECE_BYTES,
    CachePiece,
    PushMessage,
    parse_push,
    receive_push,
)
from engine.wire.records import MAX_LAYERS
from tests.wire.bytes_stream import Bytes

TICKET = "0f" * 16
TENSOR = {"dtype": "float32", "tokens": 1, "hidden": 4}
OPEN = {"type": "open_push", "ticket": TICKET}
STEP = {"type": "step", "number": 3, "position": 0, "tensor": TENSOR}
BRING = {"type": "bring_cache", "start": 2, "end": 4, "length": 9}
PIECE = {
    "type": "cache_piece",
    "layer": 2,
    "part": "keys",
    "position": 0,
    "dtype": "float16",
    "tokens": 9,
    "heads": 2,
    "width": 8,
}
TAKEN = {"type": "cache_taken", "length": 9}
REFUSAL = {"type": "refusal", "code": str(RefusalCode.UNKNOWN_TICKET), "text": "No."}
PLAIN = [OPEN, {"type": "push_opened"}, STEP, BRING, PIECE, TAKEN, REFUSAL]


def received(data: bytes, max_payload: int = 1 << 20) -> tuple[PushMessage, bytes]:
    async def receive() -> tuple[PushMessage, bytes]:
        stream = Bytes(data)
        message = await receive_push(stream, max_payload)
        return message, await frames.receive_payload(stream, message)

    return asyncio.run(receive())


def frame(message: Message, payload: bytes = b"") -> bytes:
    return b"".join(bytes(buffer) for buffer in frames.encode(message, payload))


def raw(fields: Any, payload: bytes = b"") -> bytes:
    header = msgpack.packb(fields)
    return struct.pack(">II", len(header), len(payload)) + header + payload


@pytest.mark.parametrize("fields", PLAIN)
def test_what_is_sent_arrives(fields: dict[str, Any]) -> None:
    message = parse_push(fields)
    payload = b"x" * message.nbytes
    assert received(frame(message, payload)) == (message, payload)


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "open", "ticket": TICKET},
        OPEN | {"ticket": TICKET[1:]},
        OPEN | {"more": 1},
        STEP | {"number": 0},
        BRING | {"start": -1},
        BRING | {"end": MAX_LAYERS + 1},
        BRING | {"length": MAX_SESSION_TOKENS + 1},
        BRING | {"length": -1},
        PIECE | {"layer": MAX_LAYERS},
        PIECE | {"layer": -1},
        PIECE | {"part": "states"},
        PIECE | {"position": -1},
        PIECE | {"dtype": "int8"},
        PIECE | {"tokens": 0},
        PIECE | {"heads": MAX_HEADS + 1},
        PIECE | {"width": MAX_HEAD_WIDTH + 1},
        PIECE | {"width": 8.0},
        TAKEN | {"length": -1},
        {"type": "leaving"},  # is said on a session's stream alone
    ],
)
def test_values_out_of_bounds_are_violations(fields: dict[str, Any]) -> None:
    with pytest.raises(ProtocolViolation, match="breaks the protocol"):
        parse_push(fields)


@pytest.mark.parametrize("fields", PLAIN)
@pytest.mark.parametrize("off_by", [-1, 1, 100])
def test_a_payload_of_another_length_than_announced_is_not_even_read(
    fields: dict[str, Any], off_by: int
) -> None:
    length = max(0, parse_push(fields).nbytes + off_by)
    header = msgpack.packb(fields)
    stream = Bytes(struct.pack(">II", len(header), length) + header)
    if length == parse_push(fields).nbytes:
        assert asyncio.run(receive_push(stream)) == parse_push(fields)
    else:
        with pytest.raises(ProtocolViolation, match="announces"):
            asyncio.run(receive_push(stream))
    assert stream.most_asked_for <= len(header)


def test_a_piece_that_is_too_large_is_refused_by_its_length_alone() -> None:
    stream = Bytes(struct.pack(">II", 10, MAX_PIECE_BYTES + 1))
    with pytest.raises(ProtocolViolation, match="too large"):
        asyncio.run(receive_push(stream, MAX_PIECE_BYTES))
    assert stream.most_asked_for == 8


def test_a_piece_s_bytes_are_counted_in_its_precision() -> None:
    piece = parse_push(PIECE)
    assert isinstance(piece, CachePiece)
    assert piece.nbytes == 9 * 2 * 8 * 2


@given(st.sampled_from(PLAIN), st.data())
def test_mutated_frames_are_messages_or_are_refused(fields: dict[str, Any], data: st.DataObject) -> None:
    message = parse_push(fields)
    whole = bytearray(frame(message, bytes(message.nbytes)))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        again, payload = received(bytes(whole))
    except (ProtocolViolation, PeerUnreachable):
        return
    assert received(frame(again, payload)) == (again, payload)


FIELDS = sorted({key for fields in PLAIN for key in fields} - {"type"})


@given(
    st.sampled_from(PLAIN), st.dictionaries(st.sampled_from(FIELDS), st.integers(-(2**63), -1), min_size=1)
)
def test_fields_with_other_values_are_refused(fields: dict[str, Any], changes: dict[str, int]) -> None:
    with pytest.raises(ProtocolViolation):
        received(raw(fields | changes))
