"""Reads what a computer is."""

from engine.machine.amd import read_amd
from engine.machine.apple import read_apple
from engine.machine.cpu import read_cpu
from engine.machine.facts import Machine
from engine.machine.intel import read_intel
from engine.machine.nvidia import read_nvidia
from engine.machine.sources import Sources, this_computer
from engine.machine.torch_build import drives


def read_machine(sources: Sources | None = None) -> Machine:
    """As it is now. Of this computer, unless others are asked. Cards come and go: ask again."""
    asked = sources or this_computer()
    memory, cores, torch = asked.memory(), asked.cores(), asked.torch()
    gpus = (
        *read_nvidia(asked.nvml),
        *read_amd(asked.root),
        *read_apple(asked.sysctl, memory.available),
        *read_intel(asked.root),
    )
    return Machine(
        cpu=read_cpu(asked.root, asked.sysctl, cores.physical, cores.logical),
        memory_bytes=memory.total,
        available_bytes=memory.available,
        gpus=tuple(gpu for gpu in gpus if drives(torch, gpu)),
        beyond_torch=tuple(gpu for gpu in gpus if not drives(torch, gpu)),
    )
