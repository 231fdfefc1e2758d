"""What decisions cost on a computer of its own, told from inside of the simulator."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from time import thread_time


@contextmanager
def timed(seconds: list[float]) -> Iterator[None]:
    """Append the processor time of what is done inside: without collections of garbage, which would go
    through all of the simulator's computers.
    """
    was_on = gc.isenabled()
    gc.disable()
    started = thread_time()
    try:
        yield
    finally:
        seconds.append(thread_time() - started)
        if was_on:
            gc.enable()
