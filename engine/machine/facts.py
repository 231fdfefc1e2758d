"""What a computer is, as plain data. Sizes in bytes; None where nobody can tell."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Gpu:
    index: int  # in PCI bus order
    name: str | None = None
    total_bytes: int | None = None
    free_bytes: int | None = None
    capability: tuple[int, int] | None = None  # CUDA compute capability
    temperature: int | None = None  # °C
    utilisation: int | None = None  # percent of the last moment
    power_watts: float | None = None


@dataclass(frozen=True)
class Machine:
    physical_cores: int
    memory_bytes: int
    available_bytes: int
    gpus: tuple[Gpu, ...] = ()
