"""What happened to a computer's cards between two readings: pure."""

from dataclasses import dataclass

from engine.machine.facts import Gpu, Machine


@dataclass(frozen=True)
class Changes:
    appeared: tuple[Gpu, ...] = ()  # as they are now
    lost: tuple[Gpu, ...] = ()  # as they were

    def __bool__(self) -> bool:
        return bool(self.appeared or self.lost)


def changes(before: Machine, now: Machine) -> Changes:
    """Of cards that torch drives. One that torch calls by another number has both gone and come."""
    return Changes(_without(now, before), _without(before, now))


def _without(machine: Machine, other: Machine) -> tuple[Gpu, ...]:
    there = {(gpu.key, gpu.device) for gpu in other.gpus}
    return tuple(gpu for gpu in machine.gpus if (gpu.key, gpu.device) not in there)
