"""NVIDIA's cards, asked through NVML.

No card, or no driver that answers, gives no cards and no exception; a card that is lost is left out. What a
driver does not tell stays None. The source is pynvml, or anything with its functions and its errors.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import pynvml  # type: ignore[import-untyped]

from engine.machine.facts import Gpu, GpuProcess

_Value = TypeVar("_Value")

MHZ = 1e6
DATA_RATE = 2  # transfers in each of the cycles that NVML counts, whatever the kind of memory
CORES_OF_MULTIPROCESSOR = 128
FEWER_CORES = {(6, 0): 64, (7, 0): 64, (7, 2): 64, (7, 5): 64, (8, 0): 64}  # by compute capability


def read_nvidia(nvml: Any) -> tuple[Gpu, ...]:
    """In PCI bus order."""
    try:
        nvml.nvmlInit()
    except pynvml.NVMLError:
        return ()
    try:
        count = _ask(nvml.nvmlDeviceGetCount) or 0
        return tuple(gpu for index in range(count) if (gpu := _card(nvml, index)) is not None)
    except pynvml.NVMLError:  # lost while it was counted
        return ()
    finally:
        _shut_down(nvml)


def _card(nvml: Any, index: int) -> Gpu | None:
    """None if it is lost, be it between two questions."""
    try:
        return _gpu(nvml, index, _ask(nvml.nvmlDeviceGetHandleByIndex, index))
    except pynvml.NVMLError:
        return None


def _gpu(nvml: Any, index: int, handle: Any) -> Gpu:
    if handle is None:
        return Gpu(index)
    memory = _ask(nvml.nvmlDeviceGetMemoryInfo, handle)
    rates = _ask(nvml.nvmlDeviceGetUtilizationRates, handle)
    milliwatts = _ask(nvml.nvmlDeviceGetPowerUsage, handle)
    limit = _ask(nvml.nvmlDeviceGetEnforcedPowerLimit, handle)
    millijoules = _ask(nvml.nvmlDeviceGetTotalEnergyConsumption, handle)
    capability = _ask(nvml.nvmlDeviceGetCudaComputeCapability, handle)
    display = _ask(nvml.nvmlDeviceGetDisplayActive, handle)
    return Gpu(
        index=index,
        name=_text(_ask(nvml.nvmlDeviceGetName, handle)),
        total_bytes=None if memory is None else int(memory.total),
        free_bytes=None if memory is None else int(memory.free),
        capability=capability,
        temperature=_ask(nvml.nvmlDeviceGetTemperature, handle, pynvml.NVML_TEMPERATURE_GPU),
        utilisation=None if rates is None else int(rates.gpu),
        power_watts=None if milliwatts is None else milliwatts / 1000,
        power_limit_watts=limit / 1000 if limit else None,
        energy_joules=None if millijoules is None else millijoules / 1000,
        uid=_text(_ask(nvml.nvmlDeviceGetUUID, handle)),
        driver=_text(_ask(nvml.nvmlSystemGetDriverVersion)),
        multiprocessors=_multiprocessors(_ask(nvml.nvmlDeviceGetNumGpuCores, handle), capability),
        clock_hz=_max_clock(nvml, handle, pynvml.NVML_CLOCK_SM),
        memory_bytes_per_s=_memory_rate(nvml, handle),
        processes=_processes(nvml, handle),
        drives_display=None if display is None else bool(display),
        cuda=_version(_ask(nvml.nvmlSystemGetCudaDriverVersion)),
    )


def _multiprocessors(cores: int | None, capability: tuple[int, int] | None) -> int | None:
    if not cores or capability is None:
        return None
    return cores // FEWER_CORES.get(capability, CORES_OF_MULTIPROCESSOR)


def _max_clock(nvml: Any, handle: Any, which: int) -> float | None:
    mhz = _ask(nvml.nvmlDeviceGetMaxClockInfo, handle, which)
    return mhz * MHZ if mhz else None


def _memory_rate(nvml: Any, handle: Any) -> float | None:
    bits = _ask(nvml.nvmlDeviceGetMemoryBusWidth, handle)
    clock = _max_clock(nvml, handle, pynvml.NVML_CLOCK_MEM)
    return None if not bits or clock is None else bits / 8 * clock * DATA_RATE


def _processes(nvml: Any, handle: Any) -> tuple[GpuProcess, ...] | None:
    """Those that compute and those that draw; one that does both is listed once."""
    computing = _ask(nvml.nvmlDeviceGetComputeRunningProcesses, handle)
    drawing = _ask(nvml.nvmlDeviceGetGraphicsRunningProcesses, handle)
    if computing is None and drawing is None:
        return None
    found = {process.pid: process for process in (*(drawing or ()), *(computing or ()))}
    return tuple(GpuProcess(pid, _name(nvml, pid), one.usedGpuMemory) for pid, one in sorted(found.items()))


def _name(nvml: Any, pid: int) -> str | None:
    path = _text(_ask(nvml.nvmlSystemGetProcessName, pid))
    return path.rsplit("/", 1)[-1] if path else None


def _version(number: int | None) -> tuple[int, int] | None:
    """Of 12080: CUDA 12.8."""
    return None if not number else (number // 1000, number % 1000 // 10)


def _ask(question: Callable[..., _Value], *about: Any) -> _Value | None:
    """The driver's answer, or None: cards and drivers leave out what they do not support.

    Raises NVMLError if the card is lost.
    """
    try:
        return question(*about)
    except UnicodeError:
        return None
    except pynvml.NVMLError as error:
        if error.value == pynvml.NVML_ERROR_GPU_IS_LOST:
            raise
        return None


def _shut_down(nvml: Any) -> None:
    try:
        nvml.nvmlShutdown()
    except pynvml.NVMLError:
        return


def _text(value: str | bytes | None) -> str | None:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
