"""Matrices that are kept in another form than the one in which a model's code sees them."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils._pytree import tree_map_only


class Kept(Tensor):
    """To torch, and so to any model's code, a tensor of ordinary numbers.

    Products take it as it is kept; whatever else is done to it is done to its numbers, made for the moment.
    """

    @classmethod
    def _standing_for(
        cls, shape: Sequence[int], dtype: torch.dtype, device: torch.device | str = "cpu"
    ) -> Any:
        with torch.inference_mode():  # else torch wants views of it to be views, not made for the moment
            return Tensor._make_wrapper_subclass(cls, shape, dtype=dtype, device=device)

    @property
    def kept_bytes(self) -> int:
        raise NotImplementedError

    def numbers(self) -> Tensor:
        """What is kept, as an ordinary tensor."""
        raise NotImplementedError

    def times(self, states: Tensor, bias: Tensor | None = None) -> Tensor:
        """`[..., columns]` to `[..., rows]`, as a linear layer with this weight."""
        raise NotImplementedError

    def again(self) -> "Kept":
        """Another tensor that stands for what is kept."""
        raise NotImplementedError

    def copied(self) -> "Kept":
        """The same, elsewhere in memory."""
        raise NotImplementedError

    @classmethod
    def __torch_function__(
        cls, func: Any, types: Any, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func is F.linear:
            return _linear(*args, **kwargs or {})
        with torch._C.DisableTorchFunctionSubclass():
            return func(*args, **kwargs or {})

    @classmethod
    def __torch_dispatch__(
        cls, func: Any, types: Any, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func is torch.ops.aten.detach.default:  # what becomes a parameter is detached first
            return args[0].again()
        plain = partial(tree_map_only, Kept, lambda kept: kept.numbers())
        return func(*plain(tuple(args)), **plain(kwargs or {}))


def kept_bytes(tensor: Tensor) -> int:
    return tensor.kept_bytes if isinstance(tensor, Kept) else tensor.numel() * tensor.element_size()


def _linear(states: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    if isinstance(weight, Kept) and not isinstance(states, Kept):
        return weight.times(states, bias)
    with torch._C.DisableTorchFunctionSubclass():
        return F.linear(states, weight, bias)
