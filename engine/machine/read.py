"""Reads what a computer is."""

from collections.abc import Iterator

from engine.machine.amd import read_amd
from engine.machine.apple import read_apple
from engine.machine.cpu import read_cpu
from engine.machine.facts import Gpu, Machine
from engine.machine.intel import read_intel
from engine.machine.nvidia import read_nvidia
from engine.machine.sources import Memory, Sources, this_computer
from engine.machine.torch_build import drives
from engine.machine.visible import visible


def read_machine(sources: Sources | None = None) -> Machine:
    """As it is now. Of this computer, unless others are asked. Cards come and go: ask again."""
    asked = sources or this_computer()
    memory, cores, torch = asked.memory(), asked.cores(), asked.torch()
    gpus = tuple(_gpus(asked, memory))
    driven = [gpu for gpu in gpus if drives(torch, gpu, asked.environment)]
    return Machine(
        cpu=read_cpu(asked.root, asked.sysctl, cores.physical, cores.logical),
        memory_bytes=memory.total,
        available_bytes=memory.available,
        gpus=tuple(driven),
        beyond_torch=tuple(gpu for gpu in gpus if gpu not in driven),
    )


def _gpus(asked: Sources, memory: Memory) -> Iterator[Gpu]:
    yield from visible(read_nvidia(asked.nvml), asked.environment)
    yield from visible(read_amd(asked.root), asked.environment)
    yield from visible(read_apple(asked.sysctl, memory.available), asked.environment)
    yield from visible(read_intel(asked.root), asked.environment)
