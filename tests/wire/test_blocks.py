"""Hidden states in eight bits: near to what was meant, row by row, and nothing that is not a number."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine.errors import ProtocolViolation
from engine.wire.messages import BLOCK_NUMBERS, ENCODINGS, MAX_HIDDEN, TensorMeta, exact_of, row_bytes
from engine.wire.tensors import is_finite, pack, unpack

wide = st.integers(1, 3 * BLOCK_NUMBERS)
seeds = st.integers(0, 99)


def some_rows(tokens: int, hidden: int, seed: int) -> Tensor:
    """Of very different sizes, as those of language models: some numbers a thousand times as large."""
    dice = torch.Generator().manual_seed(seed)
    rows = torch.randn(tokens, hidden, generator=dice)
    return rows * torch.where(torch.rand(tokens, hidden, generator=dice) < 0.02, 1000.0, 1.0)


@given(tokens=st.integers(1, 6), hidden=wide, seed=seeds)
def test_the_largest_numbers_come_back_exactly(tokens: int, hidden: int, seed: int) -> None:
    rows = some_rows(tokens, hidden, seed)
    back = unpack(*pack(rows, "int8"))
    largest = rows.abs().topk(exact_of(hidden), dim=1).indices
    assert torch.equal(back.gather(1, largest), rows.gather(1, largest))


@given(tokens=st.integers(1, 6), hidden=wide, seed=seeds)
def test_no_other_is_off_by_more_than_half_a_step_of_its_block(tokens: int, hidden: int, seed: int) -> None:
    rows = some_rows(tokens, hidden, seed)
    off = (unpack(*pack(rows, "int8")) - rows).abs()
    others = rows.scatter(1, rows.abs().topk(exact_of(hidden), dim=1).indices, 0.0)
    for ours, meant in zip(off.split(BLOCK_NUMBERS, dim=1), others.split(BLOCK_NUMBERS, dim=1), strict=True):
        steps = meant.abs().amax(dim=1) / 127
        assert (ours.amax(dim=1) <= 0.503 * steps).all()  # a scale is rounded by 1/512, too


def test_many_rows_are_encoded_as_each_alone() -> None:
    rows = some_rows(40, 8192, 3)  # more than are taken at once
    assert bytes(pack(rows, "int8")[1]) == b"".join(bytes(pack(row[None], "int8")[1]) for row in rows)


@given(tokens=st.integers(1, 6), hidden=wide, seed=seeds)
def test_rows_stand_for_themselves(tokens: int, hidden: int, seed: int) -> None:
    rows = some_rows(tokens, hidden, seed)
    single = [bytes(pack(row[None], "int8")[1]) for row in rows]
    assert b"".join(single) == bytes(pack(rows, "int8")[1])


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(max_examples=25)
@given(tokens=st.integers(1, 6), hidden=wide)
def test_a_payload_is_exactly_as_long_as_its_shape_says(encoding: Any, tokens: int, hidden: int) -> None:
    meta, payload = pack(torch.ones(tokens, hidden), encoding)
    assert len(payload) == meta.nbytes == tokens * row_bytes(encoding, hidden)


@given(hidden=st.integers(64, MAX_HIDDEN))
def test_eight_bits_take_little_more_than_a_byte_a_number(hidden: int) -> None:
    assert hidden < row_bytes("int8", hidden) <= hidden * (1 + 1 / 32) + 2 + 16 * 6


@pytest.mark.parametrize("tiny", [0.0, -0.0, 1e-38, 1e-40])
def test_what_is_next_to_nothing_stays_that(tiny: float) -> None:
    meta, payload = pack(torch.full((2, 70), tiny), "int8")
    assert unpack(meta, payload) == pytest.approx(torch.zeros(2, 70), abs=1e-37)


@pytest.mark.parametrize("large", [65504.0, 1e9, 1e38])
def test_what_is_large_stays_a_number(large: float) -> None:
    meta, payload = pack(torch.tensor([[large, -large, 0.0]]), "int8")
    assert unpack(meta, payload) == pytest.approx(torch.tensor([[large, -large, 0.0]]), rel=0.003)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
@settings(max_examples=25)
@given(tokens=st.integers(1, 3), hidden=wide, seed=seeds)
def test_what_is_no_number_is_seen(bad: float, tokens: int, hidden: int, seed: int) -> None:
    rows = some_rows(tokens, hidden, seed)
    rows[seed % tokens, seed % hidden] = bad
    meta, payload = pack(rows, "int8")
    assert not is_finite(meta, payload)
    with pytest.raises(ProtocolViolation, match="not finite"):
        unpack(meta, bytes(payload))


def one_row(hidden: int) -> tuple[TensorMeta, bytearray]:
    meta, payload = pack(some_rows(1, hidden, 7), "int8")
    return meta, bytearray(payload)


@given(st.integers(0, 0xFFFF))
def test_scales_are_refused_exactly_if_they_cannot_be_meant(bits: int) -> None:
    """Whatever a stranger writes there: a sign, or what makes no numbers."""
    meta, payload = one_row(100)
    payload[:2] = bits.to_bytes(2, "little")
    scale = torch.frombuffer(bytearray(payload[:2]), dtype=torch.bfloat16).float()
    assert is_finite(meta, payload) == (bits < 0x8000 and bool(torch.isfinite(scale * 128).all()))


@pytest.mark.parametrize("places", [(1, 1), (2, 1), (0, 70), (2, 65535)])
def test_places_are_in_order_and_exist(places: tuple[int, int]) -> None:
    """In a row of 70 numbers, three of which are kept exactly."""
    meta, payload = pack(torch.arange(70.0)[None], "int8")
    at = len(payload) - 3 * 4 - 2 * 2  # the last two places
    assert payload[at : at + 4] == bytes((68, 0, 69, 0))
    assert is_finite(meta, payload)
    spoiled = bytearray(payload)
    spoiled[at : at + 4] = b"".join(place.to_bytes(2, "little") for place in places)
    with pytest.raises(ProtocolViolation, match="not finite"):
        unpack(meta, spoiled)


@pytest.mark.parametrize("bits", [0x7F800000, 0xFF800000, 0x7FC00000])
def test_exact_numbers_are_numbers(bits: int) -> None:
    meta, payload = one_row(100)
    payload[-4:] = bits.to_bytes(4, "little")
    assert not is_finite(meta, payload)
