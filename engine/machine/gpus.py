"""NVIDIA's cards through NVML. No card, or no driver that answers, gives no cards and no exception."""

from collections.abc import Callable
from importlib import metadata
from typing import Any, TypeVar

import pynvml  # type: ignore[import-untyped]

from engine.machine.facts import Gpu

_Value = TypeVar("_Value")


def read_gpus() -> tuple[Gpu, ...]:
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return ()
    try:
        return tuple(_gpu(index) for index in range(_ask(pynvml.nvmlDeviceGetCount) or 0))
    finally:
        _ask(pynvml.nvmlShutdown)


def torch_drives_gpus() -> bool:
    """Whether the installed torch was built for cards; asks its package, which is not imported."""
    try:
        return not metadata.version("torch").endswith("+cpu")
    except metadata.PackageNotFoundError:
        return False


def _gpu(index: int) -> Gpu:
    handle = _ask(pynvml.nvmlDeviceGetHandleByIndex, index)
    if handle is None:
        return Gpu(index)
    memory = _ask(pynvml.nvmlDeviceGetMemoryInfo, handle)
    rates = _ask(pynvml.nvmlDeviceGetUtilizationRates, handle)
    milliwatts = _ask(pynvml.nvmlDeviceGetPowerUsage, handle)
    return Gpu(
        index=index,
        name=_text(_ask(pynvml.nvmlDeviceGetName, handle)),
        total_bytes=None if memory is None else int(memory.total),
        free_bytes=None if memory is None else int(memory.free),
        capability=_ask(pynvml.nvmlDeviceGetCudaComputeCapability, handle),
        temperature=_ask(pynvml.nvmlDeviceGetTemperature, handle, pynvml.NVML_TEMPERATURE_GPU),
        utilisation=None if rates is None else int(rates.gpu),
        power_watts=None if milliwatts is None else milliwatts / 1000,
    )


def _ask(question: Callable[..., _Value], *about: Any) -> _Value | None:
    """The driver's answer, or None: cards and drivers leave out what they do not support."""
    try:
        return question(*about)
    except pynvml.NVMLError:
        return None


def _text(value: str | bytes | None) -> str | None:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
