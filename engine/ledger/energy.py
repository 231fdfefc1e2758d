"""How much energy the devices that serve take: read off where the driver tells, else estimated. Pure.

What a card takes while it serves counts, whoever else uses it meanwhile. Sources of what is typical: the
makers' data sheets, whose desktop processors take 65 to 125 W with 6 to 12 busy cores, and cards of the
middle class about 200 W.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.api.schema import Given, ServerPhase, ServerStatus
from engine.machine.facts import Cpu, Gpu, Machine, Vendor

CPU_CORE_WATTS = 10.0  # of a busy physical core, with its share of the package
MAX_CPU_WATTS = 250.0
CARD_WATTS = {Vendor.APPLE: 30.0, Vendor.INTEL: 120.0}
USUAL_CARD_WATTS = 200.0
WATT_SECONDS = 3600.0  # of a watt-hour
MAX_WATTS = 2000.0  # of one device: a counter that says more was set anew


@dataclass(frozen=True)
class Meter:
    """What the driver tells of a device at one moment."""

    joules: float | None = None  # since its driver was loaded
    watts: float | None = None


@dataclass(frozen=True)
class Reading:
    at: float  # seconds, of a monotonic clock
    meters: Mapping[str, Meter]  # by device key


def reading_of(machine: Machine, at: float) -> Reading:
    return Reading(at, {gpu.key: Meter(gpu.energy_joules, gpu.power_watts) for gpu in machine.gpus})


def served_by(servers: Iterable[ServerStatus]) -> dict[str, float]:
    """The devices that serve now, and how busy each is, 0 … 1."""
    phases = (ServerPhase.ONLINE, ServerPhase.DRAINING)
    return {server.place: server.busy for server in servers if server.phase in phases}


def energy_between(before: Reading, after: Reading, serving: Mapping[str, float], machine: Machine) -> Given:
    """What the devices of `serving` took between the two readings."""
    seconds = after.at - before.at
    measured = estimated = 0.0
    for place, busy in serving.items():
        joules = _measured(before.meters.get(place), after.meters.get(place), seconds)
        if joules is None:
            estimated += _typical_watts(place, machine) * busy * seconds / WATT_SECONDS
        else:
            measured += joules / WATT_SECONDS
    return Given(watt_hours=measured + estimated, watt_hours_estimated=estimated)


def _measured(before: Meter | None, after: Meter | None, seconds: float) -> float | None:
    """Joules; None: the driver tells nothing."""
    if before is None or after is None:
        return None
    if before.joules is not None and after.joules is not None:
        grown = after.joules - before.joules
        if 0 <= grown <= MAX_WATTS * seconds:
            return grown
    if before.watts is None or after.watts is None:
        return None
    return (before.watts + after.watts) / 2 * seconds


def _typical_watts(place: str, machine: Machine) -> float:
    card = next((gpu for gpu in machine.gpus if gpu.key == place), None)
    return _cpu_watts(machine.cpu) if card is None else _card_watts(card)


def _cpu_watts(cpu: Cpu) -> float:
    return min(CPU_CORE_WATTS * cpu.physical_cores, MAX_CPU_WATTS)


def _card_watts(card: Gpu) -> float:
    return card.power_limit_watts or CARD_WATTS.get(card.vendor, USUAL_CARD_WATTS)
