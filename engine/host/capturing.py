"""A computation written down once and run again by the device alone, without Python in between.

What is run again reads and writes the same memory: whoever wants another result puts other numbers there
first.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakSet

import torch
from torch import Tensor


@dataclass(frozen=True)
class Captured:
    out: Tensor  # holds the result after each replay, until the next one
    replay: Callable[[], None]
    nbytes: int  # of the device, that it took beyond what was taken before


class Capture(Protocol):
    def capture(self, compute: Callable[[], Tensor]) -> Captured:
        """`compute` is called several times. Raises RuntimeError if it cannot be captured."""
        ...


def capture_on(device: torch.device) -> Capture | None:
    """None for a device whose computations cannot be captured."""
    return CudaCapture(device) if device.type == "cuda" else None


class CudaCapture:
    """By CUDA graphs. Those that live share one pool of memory, for only one of them runs at a time."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._living: WeakSet[torch.cuda.CUDAGraph] = WeakSet()
        self._pool = torch.cuda.graph_pool_handle()

    def capture(self, compute: Callable[[], Tensor]) -> Captured:
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.device(self._device), _same_stream_afterwards():
            self._warm_up(compute)
            before = self._free_bytes()
            out = self._into(graph, compute)
            self._living.add(graph)
            return Captured(out, graph.replay, max(0, before - self._free_bytes()))

    def _into(self, graph: torch.cuda.CUDAGraph, compute: Callable[[], Tensor]) -> Tensor:
        try:
            # Other threads may go on using the card.
            with torch.cuda.graph(graph, self._shared(), self._stream, capture_error_mode="thread_local"):
                return compute()
        except BaseException:
            self._leave_pool()
            raise

    def _leave_pool(self) -> None:
        """torch's allocator believes in a capture that was broken off, and frees little until it is told."""
        self._living = WeakSet()
        with suppress(RuntimeError):
            torch._C._cuda_endAllocateToPool(torch.cuda.current_device(), self._pool)
            torch._C._cuda_releasePool(torch.cuda.current_device(), self._pool)

    def _shared(self) -> Any:
        """A pool ends with the last graph that uses it."""
        if not self._living:
            self._pool = torch.cuda.graph_pool_handle()
        return self._pool

    def _warm_up(self, compute: Callable[[], Tensor]) -> None:
        """Libraries set themselves up in the first run. What waits for the card raises here, before a capture
        could be broken off by it.
        """
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream), _no_waiting():
            compute()
        torch.cuda.current_stream().wait_stream(self._stream)

    def _free_bytes(self) -> int:
        torch.cuda.synchronize()
        torch.cuda.empty_cache()
        return int(torch.cuda.mem_get_info()[0])


@contextmanager
def _same_stream_afterwards() -> Iterator[None]:
    """A capture that is broken off leaves its own stream set."""
    with torch.cuda.stream(torch.cuda.current_stream()):
        yield


@contextmanager
def _no_waiting() -> Iterator[None]:
    before = torch.cuda.get_sync_debug_mode()
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode(before)
