"""How fast a computer should be, from what it is, for as long as nothing was measured: pure.

The peak is multiprocessors × clock × operations per clock; the shares below say how much of it matrices
reach. Where a fact is missing, a slow device stands in: too low an estimate costs a worse plan until the
first measurement, too high a one is a promise that others rely on.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.machine.facts import Cpu, Gpu, Machine, Vendor
from engine.machine.operations import Operations, of_cpu, of_gpu
from engine.machine.speeds import CPU, Speed, Speeds
from engine.machine.threads import threads_for
from engine.precision import Precision


@dataclass(frozen=True)
class _Reached:
    """Shares of the peak: of the operations by a product of many rows, of the memory's rate by one row's."""

    operations: float
    memory: float


_NATIVE = _Reached(0.4, 0.6)
# int8 becomes numbers of the native precision before each product, which are written and read once more;
# bitsandbytes unpacks nf4 within the product.
_ON_CARD: Mapping[Precision, _Reached] = {"int8": _Reached(0.1, 0.15), "nf4": _Reached(0.2, 0.25)}
_IN_PLAIN_TORCH: Mapping[Precision, _Reached] = {"int8": _Reached(0.1, 0.05), "nf4": _Reached(0.1, 0.02)}
# A CPU unpacks a few rows at a time, in its caches. With AVX-512, a core is as fast with one row in int8 as
# in float32, and half as fast in nf4; less is expected of others.
_ON_CPU: Mapping[Precision, _Reached] = {"int8": _Reached(0.25, 0.1), "nf4": _Reached(0.25, 0.04)}

# Where a card does not say, multiprocessors (vector engines, cores) and clock of a small one of its vendor's.
_SMALL: Mapping[Vendor, tuple[float, float]] = {
    Vendor.NVIDIA: (4, 1e9),
    Vendor.AMD: (4, 1e9),
    Vendor.APPLE: (7, 1.2e9),
    Vendor.INTEL: (32, 1e9),
}
_CARD_BYTES_PER_S, _SHARED_BYTES_PER_S = 80e9, 20e9

_LAYER_SECONDS = 4e-4  # of Python and many small operations, as transformers' layers are written

_CPU_CLOCK_HZ = 2e9  # that a core keeps while all of them multiply
_CORE_BYTES_PER_S = 8e9  # that one core reads by itself ...
_MAIN_MEMORY_BYTES_PER_S = 20e9  # ... and all together, with two channels of memory


def estimated(machine: Machine) -> Speeds:
    """Of disk and network nothing can be said."""
    cards = {gpu.key: _card_speeds(gpu) for gpu in machine.gpus}
    return Speeds({CPU: _cpu_speeds(machine.cpu), **cards})


def threads_of_chats(physical_cores: int) -> int:
    """That this computer's own part of chats multiplies with. Heads gain nothing from a second one, as they
    take one row at a time; pictures do. Half of the cores are left to block servers and to the owner.
    """
    return max(1, physical_cores // 2)


def _card_speeds(gpu: Gpu) -> Mapping[Precision, Speed]:
    few, slow = _SMALL[gpu.vendor]
    clocks_per_s = (gpu.multiprocessors or few) * (gpu.clock_hz or slow)
    unknown = _SHARED_BYTES_PER_S if gpu.shares_memory else _CARD_BYTES_PER_S
    reached = _IN_PLAIN_TORCH if gpu.vendor is Vendor.APPLE else _ON_CARD
    return _speeds(of_gpu(gpu), clocks_per_s, gpu.memory_bytes_per_s or unknown, reached)


def _cpu_speeds(cpu: Cpu) -> Mapping[Precision, Speed]:
    cores = threads_for(cpu)
    memory = min(cores * _CORE_BYTES_PER_S, _MAIN_MEMORY_BYTES_PER_S)
    return _speeds(of_cpu(cpu), cores * _CPU_CLOCK_HZ, memory, _ON_CPU)


def _speeds(
    operations: Operations, clocks_per_s: float, memory: float, quantized: Mapping[Precision, _Reached]
) -> Mapping[Precision, Speed]:
    def speed(precision: Precision, per_clock: float) -> Speed:
        reached = quantized.get(precision, _NATIVE)
        flops_per_s, bytes_per_s = per_clock * clocks_per_s * reached.operations, memory * reached.memory
        return Speed(flops_per_s, bytes_per_s, layer_seconds=_LAYER_SECONDS)

    return {precision: speed(precision, per_clock) for precision, per_clock in operations.items()}
