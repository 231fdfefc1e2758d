"""Hidden states and extras as payload bytes and back, in the byte order of the machine: little-endian.

A token's states go through here twice at each server, and the forward in between leaves none of this code in
the processor's caches: each call of a library costs about twenty times as much as when it is repeated.
"""

from functools import lru_cache

import numpy as np
import torch
from blake3 import blake3
from torch import Tensor

from engine.errors import ProtocolViolation
from engine.model.extras import StepExtras
from engine.wire.blocks import are_sound, from_blocks, to_blocks
from engine.wire.frames import Payload
from engine.wire.messages import ExtrasMeta, Step, TensorMeta, WireDtype, WireEncoding

DTYPES: dict[WireDtype, torch.dtype] = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}
_EXPONENTS = {"bfloat16": 0x7F80, "float16": 0x7C00}
_FLOAT32 = np.dtype("<f4")


def pack(hidden: Tensor, encoding: WireEncoding) -> tuple[TensorMeta, memoryview]:
    """`[tokens, hidden]` as row-major bytes."""
    meta = _meta(encoding, *hidden.shape)
    if encoding == "int8":
        return meta, as_bytes(to_blocks(hidden.detach()).cpu())
    if hidden.dtype is DTYPES[encoding] and hidden.is_cpu and not hidden.requires_grad:
        return meta, as_bytes(hidden)
    return meta, as_bytes(hidden.detach().to("cpu", DTYPES[encoding]))


@lru_cache(maxsize=64)
def _meta(encoding: WireEncoding, tokens: int, hidden: int) -> TensorMeta:
    return TensorMeta(dtype=encoding, tokens=tokens, hidden=hidden)


def as_bytes(states: Tensor) -> memoryview:
    """Of a tensor in main memory, row-major; nothing is copied where it lies so already."""
    rows = states.contiguous()
    return (rows.view(torch.uint8) if rows.dtype is torch.bfloat16 else rows).numpy().data.cast("B")


def unpack(meta: TensorMeta, payload: Payload) -> Tensor:
    """`[tokens, hidden]` from row-major bytes; more may follow them.

    Raises ProtocolViolation if a number is not finite.
    """
    if not is_finite(meta, payload):
        raise ProtocolViolation("A message brings hidden states that are not finite.")
    return unpack_checked(meta, payload)


def unpack_checked(meta: TensorMeta, payload: Payload) -> Tensor:
    """As `unpack`, of numbers that are known to be finite."""
    if meta.dtype == "int8":
        return from_blocks(payload, meta.tokens, meta.hidden)
    own = bytearray(memoryview(payload)[: meta.nbytes])  # what came in belongs to others, too
    if meta.dtype == "float32":
        return torch.from_numpy(np.frombuffer(own, _FLOAT32).reshape(meta.tokens, meta.hidden))
    return torch.frombuffer(own, dtype=DTYPES[meta.dtype]).view(meta.tokens, meta.hidden)


def is_finite(meta: TensorMeta, payload: Payload) -> bool:
    """Whether all hidden states of a payload are numbers; nothing is copied."""
    count = meta.tokens * meta.hidden
    match meta.dtype:
        case "int8":
            return are_sound(payload, meta.tokens, meta.hidden)
        case "float32":
            return b"\0" not in np.isfinite(np.frombuffer(payload, _FLOAT32, count)).tobytes()
        case "bfloat16" | "float16":  # the exponent of infinities and of no number is all ones
            ones = _EXPONENTS[meta.dtype]
            return bool((np.frombuffer(payload, "<u2", count) & ones != ones).all())


def payload_digest(hidden: Payload) -> str:
    """Of hidden states as they travel, to see that two servers speak of the same ones."""
    return blake3(hidden).hexdigest(8)


def pack_extras(extras: StepExtras) -> tuple[ExtrasMeta, bytes]:
    """What follows a step's hidden states."""
    positions = b"" if extras.positions is None else extras.positions.to("cpu", torch.int32).numpy().tobytes()
    masks = [np.packbits(mask.cpu().numpy(), bitorder="little").tobytes() for mask in extras.masks.values()]
    axes = 0 if extras.positions is None else len(extras.positions)
    return ExtrasMeta(axes=axes, masks=tuple(extras.masks)), b"".join((positions, *masks))


def unpack_extras(step: Step, payload: bytes) -> StepExtras | None:
    """What followed the step's hidden states; `payload` is as long as the step says."""
    if step.extras is None:
        return None
    tokens, at = step.tensor.tokens, step.tensor.nbytes
    positions = None
    if step.extras.axes:
        numbers = np.frombuffer(payload, "<i4", step.extras.axes * tokens, at)
        positions = torch.from_numpy(numbers.astype(np.int64)).view(step.extras.axes, tokens)
        at += step.positions_bytes
    masks = {}
    for kind in step.extras.masks:
        bits = np.frombuffer(payload, np.uint8, step.mask_bytes, at)
        masks[kind] = _mask_of(bits, tokens, step.position + tokens)
        at += step.mask_bytes
    return StepExtras(positions, masks)


def _mask_of(bits: np.ndarray, rows: int, columns: int) -> Tensor:
    flags = np.unpackbits(bits, count=rows * columns, bitorder="little")
    return torch.from_numpy(flags.view(bool)).view(rows, columns)
