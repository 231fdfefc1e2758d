"""What a computer is, as plain data. Sizes in bytes; None where nobody can tell."""

from dataclasses import dataclass
from enum import StrEnum


class Vendor(StrEnum):
    NVIDIA = "nvidia"
    AMD = "amd"
    APPLE = "apple"
    INTEL = "intel"


@dataclass(frozen=True)
class GpuProcess:
    """A program that uses a card."""

    pid: int
    name: str | None = None
    used_bytes: int | None = None


@dataclass(frozen=True)
class Gpu:
    index: int  # as torch counts the cards of this vendor: in PCI bus order
    name: str | None = None
    total_bytes: int | None = None
    free_bytes: int | None = None
    capability: tuple[int, int] | None = None  # CUDA compute capability
    temperature: int | None = None  # °C
    utilisation: int | None = None  # percent of the last moment
    power_watts: float | None = None
    power_limit_watts: float | None = None
    energy_joules: float | None = None  # taken since its driver was loaded
    vendor: Vendor = Vendor.NVIDIA
    uid: str | None = None  # the same over restarts, e.g. NVIDIA's UUID
    architecture: str | None = None  # where there is no compute capability, e.g. “gfx1100”
    driver: str | None = None
    multiprocessors: int | None = None  # that compute side by side
    clock_hz: float | None = None  # of these, at most
    memory_bytes_per_s: float | None = None  # from bus width and clock
    processes: tuple[GpuProcess, ...] | None = None
    shares_memory: bool = False  # with the CPU: its memory is main memory
    drives_display: bool | None = None
    cuda: tuple[int, int] | None = None  # the newest that its driver runs

    @property
    def device(self) -> str:
        """Of torch."""
        kind = {Vendor.APPLE: "mps", Vendor.INTEL: "xpu"}.get(self.vendor, "cuda")  # ROCm calls itself so
        return kind if kind == "mps" else f"{kind}:{self.index}"

    @property
    def key(self) -> str:
        """By which settings and measurements know this card over restarts."""
        return self.uid or f"{self.vendor}-{self.index}"


@dataclass(frozen=True)
class Cpu:
    name: str | None = None
    physical_cores: int = 1
    logical_cores: int = 1
    vector_units: frozenset[str] = frozenset()  # e.g. “avx2”, “avx512_bf16”, “amx_int8”, “asimd”


@dataclass(frozen=True)
class Machine:
    cpu: Cpu
    memory_bytes: int
    available_bytes: int
    gpus: tuple[Gpu, ...] = ()
    beyond_torch: tuple[Gpu, ...] = ()  # cards that the installed torch cannot drive
