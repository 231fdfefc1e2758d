"""Tensors on their way to the device and back, from and to memory that it copies by itself."""

from collections.abc import Sequence

import torch
from torch import Tensor


def is_pinned_for(device: torch.device) -> bool:
    """Whether the device copies from pinned memory without the host."""
    return device.type == "cuda"


def to_device(states: Tensor, device: torch.device, dtype: torch.dtype) -> Tensor:
    if not is_pinned_for(device):
        return states.to(device, dtype)
    return states.to(dtype).pin_memory().to(device, non_blocking=True)


def to_main_memory(outputs: Sequence[Tensor]) -> list[Tensor]:
    """`[tokens, hidden]` each. Waits for the device."""
    device = outputs[0].device
    if device.type == "cpu":
        return list(outputs)
    together = torch.cat(list(outputs))
    here = torch.empty(together.shape, dtype=together.dtype, pin_memory=is_pinned_for(device))
    here.copy_(together)
    return list(torch.split(here, [len(output) for output in outputs]))
