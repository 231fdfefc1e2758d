"""Reads what this computer is."""

import psutil

from engine.machine.facts import Cpu, Machine
from engine.machine.gpus import read_gpus


def read_machine() -> Machine:
    memory = psutil.virtual_memory()
    logical = psutil.cpu_count() or 1
    return Machine(
        cpu=Cpu(physical_cores=psutil.cpu_count(logical=False) or logical, logical_cores=logical),
        memory_bytes=memory.total,
        available_bytes=memory.available,
        gpus=read_gpus(),
    )
