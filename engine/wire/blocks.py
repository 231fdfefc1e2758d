"""Hidden states in eight bits a number, but for the largest ones of each row.

Blocks of 64 numbers share a scale. What makes a block coarse is a number a thousand times as large as the
others; language models have a few of these in each row, and they are kept exactly. A row is all its scales
(bfloat16), all its numbers (int8, times their block's scale), then the places (uint16, ascending) and values
(float32) of the exact ones. Rows stand for themselves, so that they are cut and joined as they travel.

Sources: Dettmers et al. 2022, "8-bit Optimizers via Block-wise Quantization"; for large ones, "LLM.int8()".
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from engine.wire.frames import Payload
from engine.wire.messages import (
    BLOCK_NUMBERS,
    PLACE_BYTES,
    SCALE_BYTES,
    VALUE_BYTES,
    blocks_of,
    exact_of,
    row_bytes,
)

_STEPS = 127.0  # from zero to a block's largest number
_LEAST_SCALE = 1e-30  # what is smaller counts as zero: one over it is still a number
# As bits of bfloat16: from here on are numbers that times 128 are infinite, then infinities, no numbers and
# all that has a sign.
_BAD_SCALE = 0x7C00
_NUMBERS_AT_ONCE = 1 << 18  # of those that fit into its cache, a core encodes twice as many


def to_blocks(rows: Tensor) -> Tensor:
    """`[tokens, hidden]` of any precision as bytes `[tokens, bytes of a row]`."""
    at_once = max(1, _NUMBERS_AT_ONCE // rows.shape[1])
    return torch.cat([_encoded(piece.float()) for piece in torch.split(rows, at_once)])


def _encoded(rows: Tensor) -> Tensor:
    hidden = rows.shape[1]
    places = rows.abs().topk(exact_of(hidden), dim=1, sorted=False).indices.sort(dim=1).values
    values = rows.gather(1, places)
    scales, numbers = _rounded(rows.scatter(1, places, 0.0))
    parts = (scales, numbers[:, :hidden], places.to(torch.int32).to(torch.uint16), values)
    return torch.cat([part.contiguous().view(torch.uint8) for part in parts], dim=1)


def _rounded(rows: Tensor) -> tuple[Tensor, Tensor]:
    """The scales `[tokens, blocks]`, and int8 `[tokens, numbers of all blocks]`."""
    blocks = _in_blocks(rows)
    scales = (torch.maximum(blocks.amax(2), -blocks.amin(2)) / _STEPS).to(torch.bfloat16)
    scales.masked_fill_(scales < _LEAST_SCALE, 0.0)
    inverse = scales.float().reciprocal_().masked_fill_(scales == 0, 0.0)
    return scales, (blocks * inverse[:, :, None]).round_().to(torch.int8).view(len(rows), -1)


def _in_blocks(rows: Tensor) -> Tensor:
    """`[tokens, blocks, numbers of a block]`, with zeros at the end."""
    lacking = -rows.shape[1] % BLOCK_NUMBERS
    return (pad(rows, (0, lacking)) if lacking else rows).reshape(len(rows), -1, BLOCK_NUMBERS)


def from_blocks(payload: Payload, tokens: int, hidden: int) -> Tensor:
    """float32 `[tokens, hidden]` of a sound payload."""
    parts = _Parts.of(payload, tokens, hidden)
    scales = torch.from_numpy((parts.scales.astype(np.uint32) << 16).view(np.float32))
    blocks = _in_blocks(torch.from_numpy(parts.numbers.astype(np.float32))).mul_(scales[:, :, None])
    rows = blocks.view(tokens, -1)[:, :hidden].contiguous()
    places, values = parts.places.astype(np.int64), parts.values.astype(np.float32)
    return rows.scatter_(1, torch.from_numpy(places), torch.from_numpy(values))


def are_sound(payload: Payload, tokens: int, hidden: int) -> bool:
    """Whether all numbers of a payload are finite, no scale has a sign, and places exist and are in order."""
    parts = _Parts.of(payload, tokens, hidden)
    ascending = (np.diff(parts.places.astype(np.int32), axis=1) > 0).all()
    exist = (parts.places[:, -1] < hidden).all()
    return bool((parts.scales < _BAD_SCALE).all() and ascending and exist and np.isfinite(parts.values).all())


@dataclass(frozen=True)
class _Parts:
    """Of a payload; more bytes may follow them."""

    scales: np.ndarray  # bits of bfloat16, [tokens, blocks]
    numbers: np.ndarray  # int8, [tokens, hidden]
    places: np.ndarray  # [tokens, exact ones]
    values: np.ndarray

    @classmethod
    def of(cls, payload: Payload, tokens: int, hidden: int) -> "_Parts":
        width = row_bytes("int8", hidden)
        rows = np.frombuffer(payload, np.uint8, tokens * width).reshape(tokens, width)
        sizes = SCALE_BYTES * blocks_of(hidden), hidden, PLACE_BYTES * exact_of(hidden)
        scales, numbers, places, values = np.split(rows, np.cumsum(sizes), axis=1)
        assert values.shape[1] == VALUE_BYTES * exact_of(hidden)
        return cls(_as(scales, "<u2"), numbers.view(np.int8), _as(places, "<u2"), _as(values, "<f4"))


def _as(rows: np.ndarray, kind: str) -> np.ndarray:
    return np.ascontiguousarray(rows).view(kind)
