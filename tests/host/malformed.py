"""Frames that no honest program sends, made from honest ones by a seeded generator."""

import random
import struct
from collections.abc import Callable
from typing import Any

import msgpack

Fields = dict[str, Any]
Spoiler = Callable[[random.Random, Fields, bytes], bytes]

JUNK: tuple[Any, ...] = (
    *(None, True, False, -1, 0, 1, 2**31, 2**53 + 1, 2**63, 2**64 - 1, -(2**63), 0.5, -0.0, 1e308),
    *(
        float("nan"),
        float("inf"),
        float("-inf"),
        "",
        "\x00",
        "\u202e",
        "step",
        "0f" * 16,
        "0f" * 32,
        "x" * 3000,
    ),
    *(b"", b"\xff" * 64, [], [[]], {}, {"type": "step"}, {1: 2}, ["a"] * 31, {"tokens": 1}),
)


def frame(fields: Any, payload: bytes, announced: int | None = None) -> bytes:
    header = fields if isinstance(fields, bytes) else msgpack.packb(fields)
    return (
        struct.pack(">II", len(header), len(payload) if announced is None else announced) + header + payload
    )


def _paths(fields: Fields) -> list[tuple[Fields, str]]:
    """Every field, also those within others."""
    found = [(fields, name) for name in fields]
    for value in fields.values():
        found.extend(_paths(value) if isinstance(value, dict) else [])
    return found


def _copied(fields: Fields) -> Fields:
    return {name: _copied(value) if isinstance(value, dict) else value for name, value in fields.items()}


def _flipped(rng: random.Random, fields: Fields, payload: bytes) -> bytes:
    data = bytearray(frame(fields, payload))
    for _ in range(rng.choice((1, 1, 2, 8))):
        data[rng.randrange(min(len(data), 160))] ^= 1 << rng.randrange(8)
    return bytes(data)


def _cut(rng: random.Random, fields: Fields, payload: bytes) -> bytes:
    data = frame(fields, payload)
    return data[: rng.randrange(1, len(data))]


def _other_payload_length(rng: random.Random, fields: Fields, payload: bytes) -> bytes:
    wrong = rng.choice((len(payload) + 1, max(0, len(payload) - 1), 0, 2**32 - 1, 1 << 26, (1 << 26) + 1))
    return frame(fields, payload, wrong if wrong != len(payload) else len(payload) + 4)


def _other_header_length(rng: random.Random, fields: Fields, payload: bytes) -> bytes:
    header = msgpack.packb(fields)
    wrong = rng.choice((0, 1, len(header) - 1, len(header) + 1, 4096, 4097, 2**32 - 1))
    return struct.pack(">II", wrong, len(payload)) + header + payload


def _other_value(rng: random.Random, fields: Fields, payload: bytes) -> bytes:
    changed = _copied(fields)
    inside, name = rng.choice(_paths(changed))
    inside[name] = rng.choice(JUNK)
    return frame(changed, payload)


def _off_by_little(rng: random.Random, fields: Fields, payload: bytes) -> bytes:
    """Numbers that look right and do not fit the rest."""
    changed = _copied(fields)
    numbers = [(inside, name) for inside, name in _paths(changed) if type(inside[name]) is int]
    if not numbers:
        return _other_value(rng, fields, payload)
    inside, name = rng.choice(numbers)
    inside[name] += rng.choice((-1, 1, 7, 1000, 1 << 20))
    return frame(changed, payload)


def _missing_field(rng: random.Random, fields: Fields, payload: bytes) -> bytes:
    changed = _copied(fields)
    inside, name = rng.choice(_paths(changed))
    del inside[name]
    return frame(changed, payload)


def _extra_field(rng: random.Random, fields: Fields, payload: bytes) -> bytes:
    return frame({**fields, rng.choice(("more", "", "__class__", "nbytes")): rng.choice(JUNK)}, payload)


def _unknown_type(rng: random.Random, fields: Fields, payload: bytes) -> bytes:
    return frame(
        {**fields, "type": rng.choice(("", "Step", "opened ", "__init__", "x" * 200, 7, None))}, payload
    )


def _deep(rng: random.Random, fields: Fields, payload: bytes) -> bytes:
    depth = rng.choice((40, 400, 2000))
    nested = rng.choice((b"\x91", b"\x81\xa1a")) * depth
    return frame(nested[:4000] + b"\xc0", payload)


def _not_msgpack(rng: random.Random, fields: Fields, payload: bytes) -> bytes:
    return frame(rng.randbytes(rng.randrange(1, 200)), payload)


def _huge_claims(rng: random.Random, fields: Fields, payload: bytes) -> bytes:
    """Containers that claim to hold far more than there is."""
    claim = rng.choice((b"\xdf", b"\xdd", b"\xdb", b"\xc6", b"\xc9")) + b"\xff" * rng.choice((4, 5))
    return frame(claim + b"\x00" * rng.randrange(8), payload)


def _not_a_map(rng: random.Random, fields: Fields, payload: bytes) -> bytes:
    return frame(msgpack.packb(rng.choice(JUNK)), payload)


def _no_numbers(rng: random.Random, fields: Fields, payload: bytes) -> bytes:
    """Hidden states that are infinite or no numbers, in all three precisions."""
    if len(payload) < 8:
        return _other_value(rng, fields, payload)
    data, at = bytearray(payload), rng.randrange(len(payload) // 4) * 4
    data[at : at + 4] = rng.choice(
        (b"\x00\x00\x80\x7f", b"\x00\x00\xc0\x7f", b"\x80\x7f\x80\x7f", b"\xff\xff\xff\xff")
    )
    return frame(fields, bytes(data))


def _other_protocol(rng: random.Random, fields: Fields, payload: bytes) -> bytes:
    return rng.choice(
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"\x00" * 8, b"\xff" * 8)
    )


SPOILERS: tuple[Spoiler, ...] = (
    *(_flipped, _cut, _other_payload_length, _other_header_length, _other_value, _off_by_little),
    *(_missing_field, _extra_field, _unknown_type, _deep, _not_msgpack, _huge_claims, _not_a_map),
    *(_no_numbers, _other_protocol),
)
