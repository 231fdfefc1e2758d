"""The words of the exchange of parts: what is said arrives, and nothing else is taken for it."""

import asyncio
import struct
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import PeerUnreachable, ProtocolViolation
from engine.wire import frames
from engine.wire.parts import (
    MAX_CHUNKS,
    MAX_NAMES,
    NAME_BYTES,
    Answer,
    AskChunk,
    AskHashes,
    AskManifest,
    AskOffer,
    Found,
    PartsRefusal,
    Question,
    Refused,
    receive_answer,
    receive_question,
    split_names,
)
from tests.wire.bytes_stream import Bytes

MODEL, PART = "0f" * 32, "a1" * 32


def asked(data: bytes) -> tuple[Question, bytes]:
    return asyncio.run(receive_question(Bytes(data)))


def answered(data: bytes, max_payload: int = 1 << 20) -> tuple[Answer, bytes]:
    return asyncio.run(receive_answer(Bytes(data), max_payload))


def raw(fields: Any, payload: bytes = b"") -> bytes:
    header = msgpack.packb(fields)
    return struct.pack(">II", len(header), len(payload)) + header + payload


def frame(message: Question | Answer, payload: bytes = b"") -> bytes:
    return b"".join(bytes(buffer) for buffer in frames.encode(message, payload))


@pytest.mark.parametrize(
    ("question", "payload"),
    [
        (AskManifest(model=MODEL), b""),
        (AskOffer(model=MODEL), bytes(NAME_BYTES * 3)),
        (AskOffer(model=MODEL), b""),
        (AskHashes(model=MODEL, part=PART), b""),
        (AskChunk(model=MODEL, part=PART, index=0), b""),
        (AskChunk(model=MODEL, part=PART, index=MAX_CHUNKS - 1), b""),
    ],
)
def test_questions_arrive_as_asked(question: Question, payload: bytes) -> None:
    assert asked(frame(question, payload)) == (question, payload)


@pytest.mark.parametrize("code", PartsRefusal)
def test_refusals_arrive_as_said(code: PartsRefusal) -> None:
    assert answered(frame(Refused(code=code))) == (Refused(code=code), b"")


@given(payload=st.binary(max_size=300))
def test_what_was_found_arrives(payload: bytes) -> None:
    assert answered(frame(Found(), payload)) == (Found(), payload)


@pytest.mark.parametrize(
    "fields",
    [
        None,
        [],
        "chunk",
        {},
        {"type": "open"},
        {"type": "manifest"},
        {"type": "manifest", "model": "0f"},
        {"type": "manifest", "model": MODEL.upper()},
        {"type": "manifest", "model": "../" + MODEL[3:]},
        {"type": "manifest", "model": MODEL, "more": 1},
        {"type": "hashes", "model": MODEL},
        {"type": "hashes", "model": MODEL, "part": bytes(32)},
        {"type": "chunk", "model": MODEL, "part": PART},
        {"type": "chunk", "model": MODEL, "part": PART, "index": -1},
        {"type": "chunk", "model": MODEL, "part": PART, "index": MAX_CHUNKS},
        {"type": "chunk", "model": MODEL, "part": PART, "index": 2**63},
        {"type": "chunk", "model": MODEL, "part": PART, "index": 0.0},
        {"type": "chunk", "model": MODEL, "part": PART, "index": "0"},
        {"type": "chunk", "model": MODEL, "part": PART, "index": True},
        {"type": "found"},
        {"type": "refused", "code": "missing"},
    ],
)
def test_other_questions_break_the_protocol(fields: Any) -> None:
    with pytest.raises(ProtocolViolation):
        asked(raw(fields))


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "found", "size": 5},
        {"type": "refused"},
        {"type": "refused", "code": "tired"},
        {"type": "refused", "code": 1},
        {"type": "manifest", "model": MODEL},
    ],
)
def test_other_answers_break_the_protocol(fields: Any) -> None:
    with pytest.raises(ProtocolViolation):
        answered(raw(fields))


@pytest.mark.parametrize(
    "question",
    [
        AskManifest(model=MODEL),
        AskHashes(model=MODEL, part=PART),
        AskChunk(model=MODEL, part=PART, index=0),
    ],
)
def test_only_an_offer_brings_bytes(question: Question) -> None:
    with pytest.raises(ProtocolViolation, match="32 bytes that do not belong"):
        asked(frame(question, bytes(32)))


def test_half_a_name_breaks_the_protocol() -> None:
    with pytest.raises(ProtocolViolation, match="33 bytes"):
        asked(frame(AskOffer(model=MODEL), bytes(33)))


def test_a_refusal_brings_no_bytes() -> None:
    with pytest.raises(ProtocolViolation, match="A refusal brings 1 bytes"):
        answered(frame(Refused(code=PartsRefusal.BUSY), b"!"))


@pytest.mark.parametrize("length", [MAX_NAMES * NAME_BYTES + 1, 2**32 - 1])
def test_a_question_that_is_too_large_is_not_read(length: int) -> None:
    stream = Bytes(struct.pack(">II", 10, length) + bytes(1000))
    with pytest.raises(ProtocolViolation, match="too large"):
        asyncio.run(receive_question(stream))
    assert stream.most_asked_for == 8


@pytest.mark.parametrize("lengths", [(10, 101), (2**32 - 1, 0), (frames.MAX_HEADER + 1, 0)])
def test_an_answer_that_is_too_large_is_not_read(lengths: tuple[int, int]) -> None:
    stream = Bytes(struct.pack(">II", *lengths) + bytes(10_000))
    with pytest.raises(ProtocolViolation, match="too large"):
        asyncio.run(receive_answer(stream, 100))
    assert stream.most_asked_for == 8


@given(data=st.binary(max_size=200))
def test_noise_is_never_taken_for_a_message(data: bytes) -> None:
    header = struct.pack(">II", len(data), 0) + data
    with pytest.raises(ProtocolViolation):
        asked(header)
    with pytest.raises((ProtocolViolation, PeerUnreachable)):
        answered(data)


def test_a_stream_that_ends_in_a_payload_is_unreachable() -> None:
    with pytest.raises(PeerUnreachable):
        answered(frame(Found(), bytes(100))[:-1])


def test_names_are_split() -> None:
    assert split_names(bytes.fromhex(MODEL + PART)) == [MODEL, PART]
    assert split_names(b"") == []
