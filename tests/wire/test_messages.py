"""Messages and frames: what is sent arrives, and nothing else is taken for a message."""

import asyncio
import math
import struct
import tracemalloc
from typing import Any

import msgpack
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import PeerUnreachable, ProtocolViolation
from engine.model.extras import StepExtras
from engine.wire import frames
from engine.wire.messages import (
    DTYPE_BYTES,
    ENCODINGS,
    MAX_HIDDEN,
    MAX_NUMBER,
    MAX_PAYLOAD,
    MAX_SESSION_TOKENS,
    MAX_TEXT_TOKENS,
    Carry,
    ExtrasMeta,
    HandedOver,
    HandOver,
    Leaving,
    Message,
    OpenSession,
    PushFailed,
    PushTo,
    Refusal,
    RefusalCode,
    SessionMessage,
    SessionOpened,
    Step,
    StepOutput,
    TensorMeta,
    parse,
    text_limit,
)
from engine.wire.records import MAX_LAYERS
from engine.wire.tensors import pack, pack_extras, unpack, unpack_extras
from tests.wire.bytes_stream import Bytes

DIGEST = "0f" * 32


def received(data: bytes) -> tuple[SessionMessage, bytes]:
    return asyncio.run(frames.receive(Bytes(data)))


def frame(message: Message, payload: bytes = b"") -> bytes:
    head, body = frames.encode(message, payload)
    return head + bytes(body)


def raw_frame(header: bytes, payload: bytes = b"") -> bytes:
    return struct.pack(">II", len(header), len(payload)) + header + payload


OPEN = {"type": "open", "model": DIGEST, "start": 0, "end": 4}
TENSOR = {"dtype": "float32", "tokens": 1, "hidden": 4}
STEP = {"type": "step", "number": 1, "position": 0, "tensor": TENSOR}
WITH_EXTRAS = STEP | {"position": 7, "extras": {"axes": 3, "masks": ["", "full_attention"]}}
OUTPUT = {
    "type": "output",
    "number": 1,
    "position": 0,
    "tensor": TENSOR,
    "compute_seconds": 0.1,
    "saw": "0f" * 8,
}
OPENED = {"type": "opened", "max_tokens": 0, "ticket": "0f" * 16}
PUSH_TO = {
    "type": "push_to",
    "peer": "Qm" + "a" * 44,
    "addresses": ["/ip4/1.2.3.4/tcp/5"],
    "ticket": "0f" * 16,
}
REFUSAL = {"type": "refusal", "code": "no_room", "text": ""}

positions = st.integers(0, MAX_SESSION_TOKENS)
tensors = st.builds(
    TensorMeta,
    dtype=st.sampled_from(ENCODINGS),
    tokens=st.integers(1, 5),
    hidden=st.integers(1, 9),
)
extras = st.builds(
    ExtrasMeta,
    axes=st.integers(1, 8),
    masks=st.lists(st.sampled_from(["", "full_attention", "sliding_attention"]), unique=True).map(tuple),
)
numbers = st.integers(1, MAX_NUMBER)
tickets = st.text("0123456789abcdef", min_size=32, max_size=32)
next_servers = {
    "peer": st.text("123456789ABCDEFGHJKLMNPQRSTUVWXYZabc", min_size=20, max_size=80),
    "addresses": st.lists(st.text("/ip46tc.0123", max_size=20), max_size=8).map(tuple),
    "ticket": tickets,
}
messages = st.one_of(
    st.integers(0, MAX_LAYERS - 1).flatmap(
        lambda start: st.builds(
            OpenSession,
            model=st.text("0123456789abcdef", min_size=64, max_size=64),
            start=st.just(start),
            end=st.integers(start + 1, MAX_LAYERS),
            outputs=st.none() | st.sampled_from(ENCODINGS),
        )
    ),
    st.builds(SessionOpened, max_tokens=positions, ticket=tickets),
    *(st.builds(kind, **next_servers) for kind in (PushTo, HandOver)),
    st.builds(Step, number=numbers, position=st.integers(0, 40), tensor=tensors, extras=st.none() | extras),
    st.builds(
        StepOutput,
        number=numbers,
        position=positions,
        tensor=tensors,
        compute_seconds=st.floats(0, allow_infinity=False),
        saw=st.text("0123456789abcdef", min_size=16, max_size=16),
    ),
    st.builds(PushFailed, number=numbers),
    st.builds(HandedOver, length=positions),
    st.sampled_from([Carry(), Leaving()]),
    st.builds(Refusal, code=st.sampled_from(RefusalCode), text=st.text(max_size=500)),
)


def payload_for(message: Message) -> bytes:
    return bytes(message.nbytes) if isinstance(message, Step | StepOutput) else b""


@given(st.lists(messages, min_size=1, max_size=4))
def test_what_is_sent_arrives_in_order(sent: list[Message]) -> None:
    async def exchange() -> list[tuple[SessionMessage, bytes]]:
        stream = Bytes()
        for message in sent:
            await frames.send(stream, message, payload_for(message))
        return [await frames.receive(stream) for _ in sent]

    assert asyncio.run(exchange()) == [(message, payload_for(message)) for message in sent]


# --- nonsense


def is_refused(data: bytes) -> bool:
    """Whether the bytes are refused in one of the two known ways; False: they are a message."""
    try:
        received(data)
    except (ProtocolViolation, PeerUnreachable):
        return True
    return False


@given(st.binary(max_size=300))
def test_random_bytes_are_refused(data: bytes) -> None:
    assert is_refused(data)


msgpack_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=8)
    | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELDS = (
    "type",
    "version",
    "model",
    "start",
    "end",
    "position",
    "tensor",
    "code",
    "text",
    "max_tokens",
    "extras",
    "number",
    "ticket",
    "peer",
    "addresses",
    "saw",
    "length",
)
TYPES = (
    "open",
    "opened",
    "push_to",
    "carry",
    "step",
    "output",
    "push_failed",
    "leaving",
    "hand_over",
    "handed_over",
    "refusal",
)


@given(msgpack_values, st.binary(max_size=20))
def test_random_headers_are_refused(value: Any, payload: bytes) -> None:
    assert is_refused(raw_frame(msgpack.packb(value), payload))


@given(
    st.sampled_from(TYPES),
    st.dictionaries(st.sampled_from(FIELDS[1:]), msgpack_values),
    st.binary(max_size=20),
)
def test_random_fields_never_make_another_error(kind: str, fields: dict[str, Any], payload: bytes) -> None:
    is_refused(raw_frame(msgpack.packb({"type": kind, **fields}), payload))


@given(messages, st.data())
def test_mutated_frames_are_messages_or_are_refused(message: Message, data: st.DataObject) -> None:
    whole = bytearray(frame(message, payload_for(message)))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    if not is_refused(bytes(whole)):
        again, payload = received(bytes(whole))
        assert received(frame(again, payload)) == (again, payload)


@given(messages, st.data())
def test_a_frame_cut_short_ends_the_stream(message: Message, data: st.DataObject) -> None:
    whole = frame(message, payload_for(message))
    with pytest.raises(PeerUnreachable):
        received(whole[: data.draw(st.integers(0, len(whole) - 1))])


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"\xc1",  # never used by msgpack
        b"\x81\xa4type",  # ends in the middle
        msgpack.packb(OPENED) + b"\x00",  # goes on behind its end
        msgpack.packb({1: 2}),
        msgpack.packb(OPENED | {"type": b"opened"}),
        msgpack.packb(OPENED | {"more": 1}),
        msgpack.packb(OPENED | {"max_tokens": "1"}),
        msgpack.packb(OPENED | {"max_tokens": 1.0}),
        msgpack.packb(OPENED | {"max_tokens": True}),
        msgpack.packb({"type": "unheard-of"}),
        msgpack.packb({}),
        msgpack.packb([]),
        msgpack.packb(None),
        msgpack.packb(msgpack.ExtType(5, b"x")),
        msgpack.packb(OPENED | {"max_tokens": msgpack.Timestamp(1, 2)}),
        b"\xd6\xff" + b"\x00" * 3,  # a timestamp that ends early
        b"\x91" * 4000,  # lists in lists
        b"\x81\x90\x01",  # a list as a key
        b"\xdf\xff\xff\xff\xff",  # a map of four thousand million entries
        b"\xdd\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\xdb\xff\xff\xff\xff",
        b"\xa2\xff\xfe",  # not UTF-8
    ],
)
def test_unreadable_headers_are_violations(header: bytes) -> None:
    with pytest.raises(ProtocolViolation):
        received(raw_frame(header))


@pytest.mark.parametrize(
    "fields",
    [
        OPEN,
        OPENED,
        PUSH_TO,
        PUSH_TO | {"type": "hand_over", "addresses": []},
        {"type": "carry"},
        STEP,
        WITH_EXTRAS,
        OUTPUT,
        {"type": "push_failed", "number": 1},
        {"type": "leaving"},
        {"type": "handed_over", "length": 0},
        REFUSAL,
    ],
)
def test_the_plain_forms_are_messages(fields: dict[str, Any]) -> None:
    assert parse(fields).type == fields["type"]


@pytest.mark.parametrize(
    "fields",
    [
        OPEN | {"model": DIGEST.upper()},
        OPEN | {"model": DIGEST[1:]},
        OPEN | {"model": DIGEST + "\n"},
        OPEN | {"start": -1},
        OPEN | {"start": 4},
        OPEN | {"start": 5},
        OPEN | {"end": MAX_LAYERS + 1},
        OPEN | {"end": 2**63},
        STEP | {"position": -1},
        STEP | {"position": MAX_SESSION_TOKENS + 1},
        STEP | {"position": 2**64 - 1},
        STEP | {"tensor": TENSOR | {"tokens": 0}},
        STEP | {"tensor": TENSOR | {"tokens": MAX_TEXT_TOKENS + 1}},
        STEP | {"tensor": TENSOR | {"hidden": 0}},
        STEP | {"tensor": TENSOR | {"hidden": MAX_HIDDEN + 1}},
        STEP | {"tensor": TENSOR | {"dtype": "float64"}},
        OPEN | {"outputs": "float64"},
        OPEN | {"outputs": ["int8"]},
        STEP | {"tensor": None},
        STEP | {"extras": {}},
        STEP | {"extras": {"axes": 0}},
        STEP | {"extras": {"axes": 9}},
        STEP | {"extras": {"axes": -1}},
        STEP | {"extras": {"axes": True}},
        STEP | {"extras": {"axes": 3, "more": 1}},
        STEP | {"extras": {"masks": ["full_attention", "full_attention"]}},
        STEP | {"extras": {"masks": ["Full"]}},
        STEP | {"extras": {"masks": ["x" * 33]}},
        STEP | {"extras": {"masks": [3]}},
        STEP | {"extras": {"masks": "full_attention"}},
        STEP | {"extras": {"masks": [f"kind_{i}" for i in range(9)]}},
        OUTPUT | {"extras": {"axes": 3}},
        OUTPUT | {"compute_seconds": -0.1},
        OUTPUT | {"compute_seconds": float("nan")},
        OUTPUT | {"compute_seconds": float("inf")},
        REFUSAL | {"code": "because"},
        REFUSAL | {"text": "x" * 501},
        STEP | {"number": 0},
        STEP | {"number": MAX_NUMBER + 1},
        STEP | {"number": 1.0},
        OUTPUT | {"number": 0},
        OUTPUT | {"saw": "0f" * 7},
        OUTPUT | {"saw": "0F" * 8},
        OPENED | {"max_tokens": -1},
        OPENED | {"max_tokens": MAX_SESSION_TOKENS + 1},
        OPENED | {"ticket": "0f" * 15},
        OPENED | {"ticket": "0f" * 16 + "\n"},
        PUSH_TO | {"peer": "0" * 46},
        PUSH_TO | {"peer": "a" * 81},
        PUSH_TO | {"addresses": ["/"] * 9},
        PUSH_TO | {"addresses": ["x" * 301]},
        PUSH_TO | {"addresses": "/ip4/1.2.3.4/tcp/5"},
        PUSH_TO | {"ticket": 1},
        {"type": "push_failed", "number": 0},
        {"type": "handed_over", "length": MAX_SESSION_TOKENS + 1},
        {"type": "leaving", "why": ""},
    ],
)
def test_values_out_of_bounds_are_violations(fields: dict[str, Any]) -> None:
    with pytest.raises(ProtocolViolation, match="breaks the protocol"):
        parse(fields)


@pytest.mark.parametrize(
    ("header_length", "payload_length"),
    [(frames.MAX_HEADER + 1, 0), (10, MAX_PAYLOAD + 1), (2**32 - 1, 2**32 - 1)],
)
def test_oversize_frames_are_refused_by_their_lengths_alone(header_length: int, payload_length: int) -> None:
    stream = Bytes(struct.pack(">II", header_length, payload_length))
    with pytest.raises(ProtocolViolation, match="too large"):
        asyncio.run(frames.receive(stream))
    assert stream.most_asked_for == 8


@pytest.mark.parametrize("length", [0, 15, 17, MAX_PAYLOAD])
@pytest.mark.parametrize("message", [parse(STEP), parse(OUTPUT)])
def test_a_payload_of_another_length_than_announced_is_not_even_read(message: Message, length: int) -> None:
    header = msgpack.packb(message.model_dump(mode="json"))
    stream = Bytes(struct.pack(">II", len(header), length) + header)
    with pytest.raises(ProtocolViolation, match=f"announces 16 bytes and brings {length}"):
        asyncio.run(frames.receive(stream))
    assert stream.most_asked_for == len(header)


@pytest.mark.parametrize("message", [parse(OPEN), parse(REFUSAL), parse(OPENED), parse(PUSH_TO)])
def test_a_message_without_a_tensor_brings_no_payload(message: Message) -> None:
    with pytest.raises(ProtocolViolation, match="announces 0 bytes and brings 1"):
        received(frame(message, b"x"))


def test_a_hostile_header_allocates_little() -> None:
    hostile = [b"\xdf\xff\xff\xff\xff", b"\xdd\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\x91" * 4096]
    tracemalloc.start()
    for header in hostile:
        assert is_refused(raw_frame(header))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * 2**20


def test_the_largest_payload_is_no_larger_than_its_bound() -> None:
    widest = TensorMeta(dtype="float32", tokens=MAX_TEXT_TOKENS, hidden=MAX_HIDDEN)
    assert widest.nbytes > MAX_PAYLOAD  # so that the bound on frames is the one that counts
    assert MAX_PAYLOAD <= 2**26


@pytest.mark.parametrize("hidden", [1, 1024, 2048, 4096, MAX_HIDDEN])
def test_a_whole_text_as_long_as_it_may_be_fits_into_a_payload(hidden: int) -> None:
    widest = TensorMeta(dtype="float32", tokens=text_limit(hidden), hidden=hidden)
    assert widest.nbytes <= MAX_PAYLOAD


# --- hidden states


@pytest.mark.parametrize("dtype", sorted(DTYPE_BYTES))
@given(tokens=st.integers(1, 6), hidden=st.integers(1, 9), seed=st.integers(0, 99))
def test_hidden_states_come_back(dtype: Any, tokens: int, hidden: int, seed: int) -> None:
    states = torch.randn(tokens, hidden, generator=torch.Generator().manual_seed(seed))
    meta, payload = pack(states, dtype)
    assert (meta.tokens, meta.hidden, meta.nbytes) == (tokens, hidden, len(payload))
    assert torch.equal(unpack(meta, bytes(payload)), states.to(getattr(torch, dtype)))


def test_hidden_states_are_sent_row_by_row_however_they_lie_in_memory() -> None:
    states = torch.arange(12.0).reshape(3, 4)
    meta, payload = pack(states.T, "float32")
    assert (meta.tokens, meta.hidden) == (4, 3)
    assert unpack(meta, bytes(payload)).tolist() == states.T.tolist()
    assert unpack(*pack(states[1:, 1:3], "float32")).tolist() == states[1:, 1:3].tolist()


@pytest.mark.parametrize("dtype", sorted(DTYPE_BYTES))
@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_are_not_finite_are_violations(dtype: Any, bad: float) -> None:
    states = torch.zeros(3, 4)
    states[1, 2] = bad
    meta, payload = pack(states, dtype)
    with pytest.raises(ProtocolViolation, match="not finite"):
        unpack(meta, bytes(payload))


@given(st.binary(min_size=16, max_size=16), st.sampled_from(["float32", "float16", "bfloat16"]))
def test_states_are_refused_exactly_if_a_number_is_not_finite(payload: bytes, dtype: Any) -> None:
    meta = TensorMeta(dtype=dtype, tokens=1, hidden=16 // DTYPE_BYTES[dtype])
    states = torch.frombuffer(bytearray(payload), dtype=getattr(torch, dtype))
    if all(math.isfinite(number) for number in states.tolist()):
        assert unpack(meta, payload)[0].tolist() == states.tolist()
    else:
        with pytest.raises(ProtocolViolation, match="not finite"):
            unpack(meta, payload)


# --- extras


def step_with(made: StepExtras | None, tokens: int, position: int) -> tuple[Step, bytes]:
    states, payload = pack(torch.zeros(tokens, 3), "float32")
    meta, more = pack_extras(made) if made else (None, b"")
    return Step(number=1, position=position, tensor=states, extras=meta), bytes(payload) + more


@given(
    tokens=st.integers(1, 9),
    position=st.integers(0, 20),
    axes=st.integers(0, 8),
    kinds=st.lists(st.sampled_from(["", "full_attention", "sliding_attention"]), unique=True),
    seed=st.integers(0, 99),
)
def test_extras_come_back(tokens: int, position: int, axes: int, kinds: list[str], seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    made = StepExtras(
        torch.randint(0, 2**31, (axes, tokens), generator=generator) if axes else None,
        {kind: torch.rand(tokens, position + tokens, generator=generator) < 0.5 for kind in kinds},
    )
    step, payload = step_with(made, tokens, position)
    message, body = received(frame(step, payload))
    assert message == step
    got = unpack_extras(message, body)
    if not made:
        assert got is None
        return
    assert (got.positions is None) == (made.positions is None)
    assert axes == 0 or torch.equal(got.positions, made.positions)
    assert {kind: mask.tolist() for kind, mask in got.masks.items()} == {
        kind: mask.tolist() for kind, mask in made.masks.items()
    }
    assert torch.equal(unpack(message.tensor, body), torch.zeros(tokens, 3))


def test_a_step_of_plain_text_says_nothing_of_extras() -> None:
    header = frame(parse(STEP), bytes(16))[8:-16]
    assert msgpack.unpackb(header) == STEP


def test_positions_and_masks_count_towards_the_payload() -> None:
    step = parse(WITH_EXTRAS | {"tensor": TENSOR | {"tokens": 5}})
    assert step.nbytes == 5 * 4 * 4 + 3 * 5 * 4 + 2 * math.ceil(5 * 12 / 8)


@pytest.mark.parametrize("off_by", [-1, 1, -16, 2**20])
def test_extras_of_another_length_than_announced_are_not_even_read(off_by: int) -> None:
    step = parse(WITH_EXTRAS)
    header = msgpack.packb(step.model_dump(mode="json"))
    stream = Bytes(struct.pack(">II", len(header), step.nbytes + off_by) + header)
    with pytest.raises(ProtocolViolation, match="announces"):
        asyncio.run(frames.receive(stream))
    assert stream.most_asked_for == len(header)


def test_masks_larger_than_a_payload_are_refused_by_their_length_alone() -> None:
    kinds = [f"kind_{i}" for i in range(8)]
    step = parse(STEP | {"position": MAX_SESSION_TOKENS, "extras": {"masks": kinds}})
    huge = parse(STEP | {"position": MAX_SESSION_TOKENS, "tensor": TENSOR | {"tokens": MAX_TEXT_TOKENS}})
    assert step.nbytes < MAX_PAYLOAD < huge.model_copy(update={"extras": step.extras}).nbytes
    header = msgpack.packb(huge.model_copy(update={"extras": step.extras}).model_dump(mode="json"))
    stream = Bytes(struct.pack(">II", len(header), MAX_PAYLOAD + 1) + header)
    with pytest.raises(ProtocolViolation, match="too large"):
        asyncio.run(frames.receive(stream))
    assert stream.most_asked_for == 8
