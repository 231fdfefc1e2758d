"""Words about what this computer would serve, and why: GET /potluck/v1/plan -> PlanReport.

Sizes are in bytes. Where nobody can tell, a value is None.
"""

from engine.api.base import Schema
from engine.api.sentences import Said
from engine.precision import Native, Precision, Runs, in_words, per_layer


class DeviceSpeed(Schema):
    """With weights kept in one precision."""

    precision: Precision
    flops_per_s: float
    bytes_per_s: float
    measured: bool  # else estimated from what the device is


class CpuFacts(Schema):
    name: str | None = None
    physical_cores: int
    logical_cores: int
    vector_units: tuple[str, ...] = ()
    memory_bytes: int
    available_bytes: int
    speeds: tuple[DeviceSpeed, ...] = ()


class CardFacts(Schema):
    key: str  # by which `--device` names it
    name: str | None = None
    vendor: str
    memory_bytes: int | None = None
    free_bytes: int | None = None
    driver: str | None = None
    temperature: int | None = None  # °C
    utilisation: int | None = None  # percent
    shares_memory: bool = False  # with the CPU
    usable: bool = True  # by the installed torch
    speeds: tuple[DeviceSpeed, ...] = ()


class MachineReport(Schema):
    cpu: CpuFacts
    cards: tuple[CardFacts, ...] = ()
    disk_bytes_per_s: float | None = None
    upload_bytes_per_s: float | None = None
    download_bytes_per_s: float | None = None


class PlannedMemory(Schema):
    """Of one device. `total` at its highest, never above `budget`."""

    budget: int
    reserve: int  # left to the owner's programs, beside the budget
    weights: int
    cache: int
    activations: int
    loading: int
    runtime: int
    total: int
    resting: int = 0  # of main memory, beside the budget: for chats that rest


class PlannedServer(Schema):
    """Layers [start, end) of a model, and what to run them with."""

    model: str  # digest
    model_name: str
    n_layers: int
    start: int
    end: int
    precision: Native  # to compute in
    layer_precisions: Runs  # to keep each layer's matrices in
    threads: int | None = None
    memory: PlannedMemory
    cache_tokens: int
    tokens_per_s: float  # of many sessions together: an estimate
    why: Said

    @property
    def precision_words(self) -> str:
        return in_words(per_layer(self.layer_precisions))


class PlanAlternative(Schema):
    """Something else that was considered; its layers are the half-open range [start, end)."""

    model_name: str
    start: int
    end: int
    precisions: Said
    worth: float  # of the best one
    why_not: Said


class DevicePlan(Schema):
    """What one device would do: `server`, or nothing for the reason `regret`."""

    device: str  # its key
    device_name: Said
    server: PlannedServer | None = None
    alternatives: tuple[PlanAlternative, ...] = ()
    regret: Said | None = None
    serves_it: bool = False  # already


class PlanReport(Schema):
    machine: MachineReport
    devices: tuple[DevicePlan, ...]
    swarm_asked: bool  # else it is made from what is on this computer alone
