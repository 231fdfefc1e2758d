"""Hidden states in eight bits: near to what was meant, row by row, and nothing that is not a number."""

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from engine.errors import ProtocolViolation
from engine.wire.messages import BLOCK_NUMBERS, ENCODINGS, MAX_HIDDEN, TensorMeta, blocks_of, row_bytes
from engine.wire.tensors import is_finite, pack, unpack

wide = st.integers(1, 3 * BLOCK_NUMBERS)
seeds = st.integers(0, 99)


def some_rows(tokens: int, hidden: int, seed: int) -> Tensor:
    """Of very different sizes, as those of language models: some numbers a thousand times as large."""
    dice = torch.Generator().manual_seed(seed)
    rows = torch.randn(tokens, hidden, generator=dice)
    return rows * torch.where(torch.rand(tokens, hidden, generator=dice) < 0.02, 1000.0, 1.0)


@given(tokens=st.integers(1, 6), hidden=wide, seed=seeds)
def test_no_number_is_off_by_more_than_half_a_step_of_its_block(tokens: int, hidden: int, seed: int) -> None:
    rows = some_rows(tokens, hidden, seed)
    meta, payload = pack(rows, "int8")
    off = (unpack(meta, bytes(payload)) - rows).abs()
    for ours, meant in zip(off.split(BLOCK_NUMBERS, dim=1), rows.split(BLOCK_NUMBERS, dim=1), strict=True):
        steps = meant.abs().amax(dim=1) / 127
        assert (ours.amax(dim=1) <= 0.503 * steps).all()  # a scale is rounded by 1/512, too


@given(tokens=st.integers(1, 6), hidden=wide, seed=seeds, to=st.sampled_from([torch.float32, torch.bfloat16]))
def test_what_came_out_goes_in_as_the_same_bytes(tokens: int, hidden: int, seed: int, to: Any) -> None:
    meta, payload = pack(some_rows(tokens, hidden, seed).to(to), "int8")
    assert bytes(pack(unpack(meta, payload), "int8")[1]) == bytes(payload)


@given(tokens=st.integers(1, 6), hidden=wide, seed=seeds)
def test_rows_stand_for_themselves(tokens: int, hidden: int, seed: int) -> None:
    rows = some_rows(tokens, hidden, seed)
    single = [bytes(pack(row[None], "int8")[1]) for row in rows]
    assert b"".join(single) == bytes(pack(rows, "int8")[1])


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(tokens=st.integers(1, 6), hidden=wide)
def test_a_payload_is_exactly_as_long_as_its_shape_says(encoding: Any, tokens: int, hidden: int) -> None:
    meta, payload = pack(torch.ones(tokens, hidden), encoding)
    assert len(payload) == meta.nbytes == tokens * row_bytes(encoding, hidden)


@given(hidden=st.integers(1, MAX_HIDDEN))
def test_eight_bits_take_a_thirtieth_more_and_no_more_than_one_scale(hidden: int) -> None:
    assert row_bytes("int8", hidden) - hidden == 2 * blocks_of(hidden) <= hidden / 32 + 2


@pytest.mark.parametrize("tiny", [0.0, -0.0, 1e-38, 1e-40])
def test_what_is_next_to_nothing_is_nothing(tiny: float) -> None:
    meta, payload = pack(torch.full((2, 70), tiny), "int8")
    assert torch.equal(unpack(meta, payload), torch.zeros(2, 70))


@pytest.mark.parametrize("large", [65504.0, 1e9, 1e38])
def test_what_is_large_stays_a_number(large: float) -> None:
    meta, payload = pack(torch.tensor([[large, -large, 0.0]]), "int8")
    assert unpack(meta, payload) == pytest.approx(torch.tensor([[large, -large, 0.0]]), rel=0.003)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
@given(tokens=st.integers(1, 3), hidden=wide, seed=seeds)
def test_what_is_no_number_is_seen(bad: float, tokens: int, hidden: int, seed: int) -> None:
    rows = some_rows(tokens, hidden, seed)
    rows[seed % tokens, seed % hidden] = bad
    meta, payload = pack(rows, "int8")
    assert not is_finite(meta, payload)
    with pytest.raises(ProtocolViolation, match="not finite"):
        unpack(meta, bytes(payload))


@given(st.integers(0, 0xFFFF), st.integers(-128, 127))
def test_scales_are_refused_exactly_if_they_cannot_be_meant(bits: int, number: int) -> None:
    """Whatever a stranger writes there: a sign, or what makes no numbers."""
    meta = TensorMeta(dtype="int8", tokens=1, hidden=1)
    payload = bits.to_bytes(2, "little") + number.to_bytes(1, "little", signed=True)
    scale = torch.frombuffer(bytearray(payload[:2]), dtype=torch.bfloat16).float()
    meant = bits < 0x8000 and bool(torch.isfinite(scale * 128).all())
    assert is_finite(meta, payload) == meant
    if meant:
        assert unpack(meta, payload).item() == (scale * number).item()
