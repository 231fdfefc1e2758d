"""Reads what this computer is."""

import psutil

from engine.machine.facts import Machine
from engine.machine.gpus import read_gpus


def read_machine() -> Machine:
    memory = psutil.virtual_memory()
    return Machine(
        physical_cores=psutil.cpu_count(logical=False) or psutil.cpu_count() or 1,
        memory_bytes=memory.total,
        available_bytes=memory.available,
        gpus=read_gpus(),
    )
