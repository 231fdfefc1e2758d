"""Hidden states as payload bytes and back, in the byte order of the machine: little-endian."""

import torch
from torch import Tensor

from engine.errors import ProtocolViolation
from engine.wire.messages import TensorMeta, WireDtype

_DTYPES: dict[WireDtype, torch.dtype] = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}


def pack(hidden: Tensor, dtype: WireDtype) -> tuple[TensorMeta, memoryview]:
    """`[tokens, hidden]` as row-major bytes."""
    rows = hidden.detach().to("cpu", _DTYPES[dtype]).contiguous()
    meta = TensorMeta(dtype=dtype, tokens=rows.shape[0], hidden=rows.shape[1])
    return meta, rows.view(torch.uint8).numpy().data.cast("B")


def unpack(meta: TensorMeta, payload: bytes) -> Tensor:
    """`[tokens, hidden]` from row-major bytes. Raises ProtocolViolation if a number is not finite."""
    flat = torch.frombuffer(bytearray(payload), dtype=_DTYPES[meta.dtype])
    hidden = flat.view(meta.tokens, meta.hidden)
    if not torch.isfinite(hidden).all():
        raise ProtocolViolation("A message brings hidden states that are not finite.")
    return hidden
