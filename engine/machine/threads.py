"""How many threads the computer's own processor multiplies with: pure.

One core is left to the owner, the network and the chats, whatever is measured. Fewer threads are as fast
where main memory is what limits them, or where some cores are slow ones; several of one core rarely help.
"""

import math
from collections.abc import Collection

from engine.machine.facts import Cpu
from engine.machine.measurement import ThreadRates

ENOUGH = 0.95  # of the best: threads that bring less are left to others


def threads_for(cpu: Cpu) -> int:
    """Before anything is measured: one of each core but one."""
    return max(1, cpu.physical_cores - 1)


def threads_to_try(cpu: Cpu) -> tuple[int, ...]:
    """Those of half of the cores, of all but one, and all that these run at once."""
    at_once = max(1, cpu.logical_cores // cpu.physical_cores)
    counts = {cpu.physical_cores // 2, threads_for(cpu), (cpu.physical_cores - 1) * at_once}
    return tuple(sorted(counts - {0}))


def best_threads(measured: Collection[ThreadRates]) -> int:
    """The fewest that are nearly as fast as the fastest; answers (one row) and prompts (many) count alike."""
    speeds = {one.threads: math.sqrt(one.row_per_s * one.rows_per_s) for one in measured}
    enough = ENOUGH * max(speeds.values())
    return min(threads for threads, speed in speeds.items() if speed >= enough)
