"""How many bytes of tensors are alive at once."""

import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef
from torch.profiler import ProfilerActivity, profile
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from engine.model.kept import Kept


@dataclass
class Peak:
    """Bytes beyond those at the start, at their highest."""

    bytes: int = 0


@contextmanager
def allocated() -> Iterator[Peak]:
    """What this thread takes of torch's allocator, kernels' own buffers included. Known after the block."""
    peak, now = Peak(), 0
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True, acc_events=True) as profiled:
        yield peak
    events = profiled.profiler.kineto_results.events()
    for event in sorted((e for e in events if e.name() == "[memory]"), key=lambda event: event.start_ns()):
        now += event.nbytes()
        peak.bytes = max(peak.bytes, now)


@dataclass(frozen=True)
class _Opaque:
    """A tensor that torch cannot look into, as packed matrices are."""

    tensor: weakref.ref[Tensor]

    def expired(self) -> bool:
        return self.tensor() is None


def _memory_of(tensor: Tensor) -> tuple[int, Any, int]:
    """What tells it from others, whether it is there, and its bytes."""
    if tensor.is_mkldnn:
        return id(tensor), _Opaque(weakref.ref(tensor)), int(torch.ops.mkldnn._nbytes(tensor))
    storage = tensor.untyped_storage()
    return storage._cdata, StorageWeakRef(storage), storage.nbytes()


@dataclass
class Tracker:
    """Storages that operations take and make, in all threads that are watched."""

    peak: int = 0
    _live: dict[int, tuple[Any, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def watched(self, job: Callable[..., Any]) -> Callable[..., Any]:
        """The same, with its operations seen in whatever thread it runs."""

        def run(*args: Any, **kwargs: Any) -> Any:
            with _Watch(self):
                return job(*args, **kwargs)

        return run

    def see(self, values: Any) -> None:
        with self._lock:
            self._forget_dead()
            for tensor in tree_leaves(values):
                if isinstance(tensor, Tensor) and not isinstance(tensor, Kept) and not tensor.is_meta:
                    key, there, size = _memory_of(tensor)
                    self._live.setdefault(key, (there, size))
            self.peak = max(self.peak, sum(size for _, size in self._live.values()))

    def _forget_dead(self) -> None:
        self._live = {key: kept for key, kept in self._live.items() if not kept[0].expired()}


class _Watch(TorchDispatchMode):
    def __init__(self, tracker: Tracker) -> None:
        super().__init__()
        self._tracker = tracker

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        self._tracker.see((args, kwargs, out))
        return out
