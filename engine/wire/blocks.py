"""Hidden states in eight bits a number: each block of a row has a scale of its own.

A row is all its scales (bfloat16), then all its numbers (int8); a number times its block's scale is what was
meant. Rows stand for themselves, so that they are cut and joined as they travel; what comes out is encoded
to the very same bytes again. Source: Dettmers et al. 2022, "8-bit Optimizers via Block-wise Quantization".
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from engine.wire.frames import Payload
from engine.wire.messages import BLOCK_NUMBERS, SCALE_BYTES, blocks_of

_STEPS = 127.0  # from zero to a block's largest number
_LEAST_SCALE = 1e-30  # what is smaller counts as zero: one over it is still a number
# As bits of bfloat16: from here on are numbers that times 128 are infinite, then infinities, no numbers and
# all that has a sign.
_BAD_SCALE = 0x7C00


def to_blocks(rows: Tensor) -> Tensor:
    """`[tokens, hidden]` of any precision as bytes `[tokens, bytes of a row]`."""
    tokens, hidden = rows.shape
    count = blocks_of(hidden)
    blocks = _padded(rows.float()).view(tokens, count, BLOCK_NUMBERS)
    scales = (torch.maximum(blocks.amax(2), -blocks.amin(2)) / _STEPS).to(torch.bfloat16)
    scales.masked_fill_(scales < _LEAST_SCALE, 0.0)
    inverse = scales.float().reciprocal_().masked_fill_(scales == 0, 0.0)
    numbers = (blocks * inverse[:, :, None]).round_().to(torch.int8)
    packed = numbers.view(tokens, -1)[:, :hidden].view(torch.uint8)
    return torch.cat((scales.view(torch.uint8), packed), dim=1)


def from_blocks(payload: Payload, tokens: int, hidden: int) -> Tensor:
    """float32 `[tokens, hidden]`; more bytes may follow."""
    rows, count = _rows(payload, tokens, hidden), blocks_of(hidden)
    at = count * SCALE_BYTES
    bits = np.ascontiguousarray(rows[:, :at]).view("<u2").astype(np.uint32) << 16
    scales = torch.from_numpy(bits.view(np.float32))
    numbers = torch.from_numpy(rows[:, at:].view(np.int8).astype(np.float32))
    blocks = _padded(numbers).view(tokens, count, BLOCK_NUMBERS)
    return blocks.mul_(scales[:, :, None]).view(tokens, -1)[:, :hidden].contiguous()


def scales_are_sound(payload: Payload, tokens: int, hidden: int) -> bool:
    """Whether all numbers of a payload are finite, and no scale is below zero."""
    scales = _rows(payload, tokens, hidden)[:, : blocks_of(hidden) * SCALE_BYTES]
    return bool((np.ascontiguousarray(scales).view("<u2") < _BAD_SCALE).all())


def _padded(rows: Tensor) -> Tensor:
    """With zeros, to whole blocks."""
    lacking = -rows.shape[1] % BLOCK_NUMBERS
    return pad(rows, (0, lacking)) if lacking else rows.contiguous()


def _rows(payload: Payload, tokens: int, hidden: int) -> np.ndarray:
    width = hidden + blocks_of(hidden) * SCALE_BYTES
    return np.frombuffer(payload, np.uint8, tokens * width).reshape(tokens, width)
