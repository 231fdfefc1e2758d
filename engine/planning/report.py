"""A plan and what it was made from, in the words of the local API: pure."""

from collections.abc import Iterable

from engine.api.plan_schema import (
    CardFacts,
    CpuFacts,
    DevicePlan,
    DeviceSpeed,
    MachineReport,
    PlanAlternative,
    PlannedMemory,
    PlannedServer,
    PlanReport,
)
from engine.machine.facts import Gpu, Machine
from engine.machine.speeds import CPU, Speeds
from engine.planning.plans import HostPlan, PlacePlan
from engine.planning.situation import Situation
from engine.precision import PRECISIONS, runs_of


def report_of(situation: Situation, plans: Iterable[PlacePlan], swarm_asked: bool) -> PlanReport:
    return PlanReport(
        machine=_machine(situation.machine, situation.speeds),
        devices=tuple(_device(each, situation.serving.get(each.place)) for each in plans),
        swarm_asked=swarm_asked,
    )


def _machine(machine: Machine, speeds: Speeds) -> MachineReport:
    return MachineReport(
        cpu=_cpu(machine, speeds),
        cards=(
            *(_card(gpu, speeds) for gpu in machine.gpus),
            *(_card(gpu, speeds, usable=False) for gpu in machine.beyond_torch),
        ),
        disk_bytes_per_s=speeds.disk_bytes_per_s,
        upload_bytes_per_s=speeds.upload_bytes_per_s,
        download_bytes_per_s=speeds.download_bytes_per_s,
    )


def _cpu(machine: Machine, speeds: Speeds) -> CpuFacts:
    cpu = machine.cpu
    return CpuFacts(
        name=cpu.name,
        physical_cores=cpu.physical_cores,
        logical_cores=cpu.logical_cores,
        vector_units=tuple(sorted(cpu.vector_units)),
        memory_bytes=machine.memory_bytes,
        available_bytes=machine.available_bytes,
        speeds=_speeds(CPU, speeds),
    )


def _card(gpu: Gpu, speeds: Speeds, usable: bool = True) -> CardFacts:
    return CardFacts(
        key=gpu.key,
        name=gpu.name,
        vendor=gpu.vendor,
        memory_bytes=gpu.total_bytes,
        free_bytes=gpu.free_bytes,
        driver=gpu.driver,
        temperature=gpu.temperature,
        utilisation=gpu.utilisation,
        shares_memory=gpu.shares_memory,
        usable=usable,
        speeds=_speeds(gpu.key, speeds),
    )


def _speeds(device: str, speeds: Speeds) -> tuple[DeviceSpeed, ...]:
    """The coarsest precision first."""
    known = speeds.of.get(device, {})
    return tuple(
        DeviceSpeed(
            precision=precision,
            flops_per_s=known[precision].flops_per_s,
            bytes_per_s=known[precision].bytes_per_s,
            measured=known[precision].measured,
        )
        for precision in PRECISIONS
        if precision in known
    )


def _device(found: PlacePlan, serving: HostPlan | None) -> DevicePlan:
    return DevicePlan(
        device=found.place,
        device_name=found.device_name,
        server=None if found.plan is None else _server(found.plan),
        alternatives=tuple(
            PlanAlternative.model_validate(other, from_attributes=True) for other in found.alternatives
        ),
        regret=found.regret,
        serves_it=serving is not None and serving == found.plan,
    )


def _server(plan: HostPlan) -> PlannedServer:
    return PlannedServer(
        model=plan.model,
        model_name=plan.model_name,
        n_layers=plan.n_layers,
        start=plan.start,
        end=plan.end,
        precision=plan.precision,
        layer_precisions=runs_of(plan.layer_precisions),
        threads=plan.threads,
        memory=PlannedMemory.model_validate(plan.memory, from_attributes=True),
        cache_tokens=plan.cache_tokens,
        tokens_per_s=plan.tokens_per_s,
        why=plan.why,
    )
