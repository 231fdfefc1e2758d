"""What a card does when it captures and replays, done on a CPU: operations are written down with the very
tensors that they took and made, and run again without the Python that called them.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from engine.host.capturing import Captured

# What a host learns of a device's numbers, or brings to it from its own memory.
WAITS = {
    "_local_scalar_dense",
    "_unique2",
    "equal",
    "is_nonzero",
    "item",
    "lift_fresh",
    "masked_select",
    "nonzero",
    "repeat_interleave",
    "unique_consecutive",
}


class RecordingCapture:
    """Stands for `CudaCapture`."""

    def capture(self, compute: Callable[[], Tensor]) -> Captured:
        compute()
        with _Recording() as recording:
            out = compute()
        return Captured(out, partial(_replay, recording.steps), sum(map(_made_bytes, recording.steps)))


class _Step:
    def __init__(self, func: Any, args: Any, kwargs: Any, out: Any) -> None:
        self.func, self.args, self.kwargs, self.out = func, args, kwargs, out
        taken = {_memory(tensor) for tensor in _tensors((args, kwargs))}
        self.made = [_memory(tensor) not in taken for tensor in _tensors(out)]

    @torch.inference_mode()
    def again(self) -> None:
        """Into the memory of the first time."""
        results = _tensors(self.func(*self.args, **self.kwargs))
        for result, out, is_made in zip(results, _tensors(self.out), self.made, strict=True):
            if is_made:
                out.copy_(result)


class _Recording(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.steps: list[_Step] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if waits_for_the_device(func, args, kwargs or {}):
            raise RuntimeError(f"operation not permitted when stream is capturing: {func}")
        out = func(*args, **(kwargs or {}))
        self.steps.append(_Step(func, args, kwargs or {}, out))
        return out


def waits_for_the_device(func: Any, args: Any, kwargs: Any) -> bool:
    name = func.overloadpacket.__name__
    if name == "repeat_interleave":
        return isinstance(args[-1], Tensor) and kwargs.get("output_size") is None
    by_choice = name.startswith("index") and any(t.dtype is torch.bool for t in _tensors(args[1]))
    return name in WAITS or by_choice


def _replay(steps: list[_Step]) -> None:
    for step in steps:
        step.again()


def _tensors(values: Any) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(values) if isinstance(leaf, Tensor)]


def _memory(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def _made_bytes(step: _Step) -> int:
    made = zip(_tensors(step.out), step.made, strict=True)
    return sum(tensor.untyped_storage().nbytes() for tensor, is_made in made if is_made)
