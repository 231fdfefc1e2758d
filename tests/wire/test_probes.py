"""The words of probes: what is said arrives, and nothing else is taken for it."""

import asyncio
import struct
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import PeerUnreachable, ProtocolViolation
from engine.wire import frames
from engine.wire.messages import Message
from engine.wire.probes import (
    MAX_BULK_BYTES,
    Bulk,
    Echo,
    Ping,
    Pong,
    ProbeRefusal,
    ProbeRefusalCode,
    receive_answer,
    receive_question,
)
from engine.wire.records import Coordinates
from tests.wire.bytes_stream import Bytes

NONCE = "0123456789abcdef"
PLACE = Coordinates(at=(0.1, -0.2, 0.0), height=0.01, error=0.5)
PONG = {"type": "pong", "nonce": NONCE, "coordinates": PLACE.model_dump()}


def frame(message: Message, payload: bytes = b"") -> bytes:
    return b"".join(bytes(buffer) for buffer in frames.encode(message, payload))


def raw(fields: Any, payload: bytes = b"") -> bytes:
    header = msgpack.packb(fields)
    return struct.pack(">II", len(header), len(payload)) + header + payload


def asked(data: bytes) -> Message:
    return asyncio.run(receive_question(Bytes(data)))


def answered(data: bytes) -> Message:
    return asyncio.run(receive_answer(Bytes(data)))


@pytest.mark.parametrize("question", [Ping(nonce=NONCE), Bulk(nonce=NONCE, size=3)])
def test_questions_arrive(question: Message) -> None:
    assert asked(frame(question, b"abc" if isinstance(question, Bulk) else b"")) == question


@pytest.mark.parametrize(
    "answer",
    [
        Pong(nonce=NONCE, coordinates=PLACE),
        Echo(nonce=NONCE, size=3),
        *(ProbeRefusal(code=code) for code in ProbeRefusalCode),
    ],
)
def test_answers_arrive(answer: Message) -> None:
    assert answered(frame(answer, b"abc" if isinstance(answer, Echo) else b"")) == answer


@pytest.mark.parametrize(
    "fields",
    [
        None,
        [],
        {"type": "pong", "nonce": NONCE},
        {"type": "ping"},
        {"type": "ping", "nonce": "0"},
        {"type": "ping", "nonce": NONCE, "more": 1},
        {"type": "bulk", "nonce": NONCE, "size": 0},
        {"type": "bulk", "nonce": NONCE, "size": "3"},
        {"type": "bulk", "nonce": NONCE, "size": MAX_BULK_BYTES + 1},
    ],
)
def test_malformed_questions_are_refused(fields: Any) -> None:
    with pytest.raises(ProtocolViolation):
        asked(raw(fields))


@pytest.mark.parametrize(
    "coordinates",
    [
        None,
        {"at": [0, 0], "height": 0, "error": 1},
        {"at": [0, 0, 61.0], "height": 0, "error": 1},
        {"at": [0, 0, float("nan")], "height": 0, "error": 1},
        {"at": [0, 0, 0], "height": -1, "error": 1},
        {"at": [0, 0, 0], "height": 0, "error": float("inf")},
    ],
)
def test_places_outside_of_the_space_are_refused(coordinates: Any) -> None:
    with pytest.raises(ProtocolViolation):
        answered(raw(PONG | {"coordinates": coordinates}))


@pytest.mark.parametrize("message", [Ping(nonce=NONCE), Bulk(nonce=NONCE, size=3)])
def test_a_question_brings_the_bytes_that_it_announces(message: Message) -> None:
    with pytest.raises(ProtocolViolation, match="announces"):
        asked(frame(message, b"four"))


def test_more_bytes_than_may_be_are_refused_before_they_are_read() -> None:
    header = msgpack.packb({"type": "bulk", "nonce": NONCE, "size": 1})
    with pytest.raises(ProtocolViolation, match="too large"):
        asked(struct.pack(">II", len(header), MAX_BULK_BYTES + 1) + header)


@given(st.binary(max_size=200))
def test_noise_is_refused_or_ends(data: bytes) -> None:
    for read in (asked, answered):
        with pytest.raises((ProtocolViolation, PeerUnreachable)):
            read(data)
