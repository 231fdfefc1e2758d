"""What a cache of its own takes for a session of a model that remembers more than keys and values.

State-space, linear-attention and convolution layers keep a state that holds the whole past in one. It cannot
be cut at a position, nor lie in blocks beside another session's.
"""

from collections.abc import Iterator
from typing import Any

from torch import Tensor


def kept_bytes(cache: object) -> int:
    """Of the memory that a cache's tensors keep."""
    storages = [tensor.untyped_storage() for tensor in _tensors(cache)]
    return sum({storage.data_ptr(): storage.nbytes() for storage in storages}.values())


def _tensors(kept: Any) -> Iterator[Tensor]:
    if isinstance(kept, Tensor):
        yield kept
    elif isinstance(kept, dict):
        for value in kept.values():
            yield from _tensors(value)
    elif isinstance(kept, list | tuple):
        for value in kept:
            yield from _tensors(value)
    elif type(kept).__module__.startswith("transformers."):
        yield from _tensors(vars(kept))
