"""`python -m engine.machine.measure_threads COUNT…`: how fast this processor is with so many threads.

Writes one line for each count (`engine.machine.measurement.ThreadRates`). A process of its own: what torch is
told of threads holds for all of it.
"""

import sys
from collections.abc import Sequence

import torch

from engine.machine.measure import matrices, seconds_of_products
from engine.machine.measurement import ThreadRates

CPU = torch.device("cpu")
ROUNDS = 2  # of all counts in turn: machines drift


def main(counts: Sequence[int]) -> None:
    tried = [[_seconds_with(count) for count in counts] for _ in range(ROUNDS)]
    for count, seconds in zip(counts, zip(*tried, strict=True), strict=True):
        row, rows = (min(each) for each in zip(*seconds, strict=True))
        found = ThreadRates(threads=count, row_per_s=1 / row, rows_per_s=1 / rows)
        print(found.model_dump_json(), flush=True)


@torch.inference_mode()
def _seconds_with(threads: int) -> tuple[float, float]:
    """Of one row and of many, with weights that were laid out by so many threads, too."""
    torch.set_num_threads(threads)
    return seconds_of_products(CPU, matrices(CPU, "float32"))


if __name__ == "__main__":
    main([int(count) for count in sys.argv[1:]])
