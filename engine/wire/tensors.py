"""Hidden states and extras as payload bytes and back, in the byte order of the machine: little-endian."""

import numpy as np
import torch
from blake3 import blake3
from torch import Tensor

from engine.errors import ProtocolViolation
from engine.model.extras import StepExtras
from engine.wire.frames import Payload
from engine.wire.messages import DTYPE_BYTES, ExtrasMeta, Step, TensorMeta, WireDtype

DTYPES: dict[WireDtype, torch.dtype] = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}


def pack(hidden: Tensor, dtype: WireDtype) -> tuple[TensorMeta, memoryview]:
    """`[tokens, hidden]` as row-major bytes."""
    rows = hidden.detach().to("cpu", DTYPES[dtype])
    return TensorMeta(dtype=dtype, tokens=rows.shape[0], hidden=rows.shape[1]), as_bytes(rows)


def as_bytes(states: Tensor) -> memoryview:
    """Of a tensor in main memory, row-major; nothing is copied where it lies so already."""
    return states.contiguous().view(torch.uint8).numpy().data.cast("B")


def unpack(meta: TensorMeta, payload: Payload) -> Tensor:
    """`[tokens, hidden]` from row-major bytes; more may follow them.

    Raises ProtocolViolation if a number is not finite.
    """
    flat = torch.frombuffer(bytearray(payload), dtype=DTYPES[meta.dtype], count=meta.tokens * meta.hidden)
    hidden = flat.view(meta.tokens, meta.hidden)
    if not torch.isfinite(hidden).all():
        raise ProtocolViolation("A message brings hidden states that are not finite.")
    return hidden


def is_finite(meta: TensorMeta, payload: Payload) -> bool:
    """Whether all hidden states of a payload are numbers; nothing is copied."""
    count = meta.tokens * meta.hidden
    if meta.dtype == "bfloat16":  # numpy has none: the exponent of infinities and of no number is all ones
        exponents = np.frombuffer(payload, "<u2", count) & 0x7F80
        return bool((exponents != 0x7F80).all())
    return bool(np.isfinite(np.frombuffer(payload, f"<f{DTYPE_BYTES[meta.dtype]}", count)).all())


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
