"""Measures what was not measured yet, each device in a process of its own."""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from engine.beside import beside
from engine.machine.disk import reading_rate
from engine.machine.estimates import threads_for
from engine.machine.facts import Machine
from engine.machine.known_speeds import SpeedBook
from engine.machine.measurement import Measurement
from engine.machine.speeds import CPU
from engine.machine.visible import IN_BUS_ORDER
from engine.precision import Precision
from engine.supervisor.process import ProcessGroup

MEASURE_COMMAND = (sys.executable, "-m", "engine.machine.measure")
START_SECONDS = 60.0  # that the imports may take on a slow computer
PRECISION_SECONDS = 20.0

log = logging.getLogger("potluck.machine")


async def measure_unmeasured(
    book: SpeedBook, machine: Machine, store: Path, command: Sequence[str] = MEASURE_COMMAND
) -> None:
    """Note in `book` what it lacks of this computer's devices, and of the disk with the layer store.

    Not while anything else computes on these devices: both would be slower, and the figures too low.
    """
    for key, device in ((CPU, "cpu"), *((gpu.key, gpu.device) for gpu in machine.gpus)):
        if precisions := book.unmeasured(machine, key):
            note = partial(book.note_measured, machine, key)
            await measure(device, threads_for(machine.cpu), precisions, note, command)
    if not book.knows_disk(store):
        await _measure_disk(book, store)


async def _measure_disk(book: SpeedBook, store: Path) -> None:
    try:
        rate = await beside(reading_rate, store)
    except OSError as error:
        log.warning("The disk with the layers cannot be measured: %s", error)
        return
    if rate is not None:
        book.note_disk(store, rate)


async def measure(
    device: str,
    threads: int,
    precisions: Sequence[Precision],
    on_found: Callable[[Measurement], None],
    command: Sequence[str] = MEASURE_COMMAND,
) -> None:
    """What a torch device does in these precisions, one by one; those that lack memory now are left out."""

    def hear(line: bytes) -> None:
        try:
            measurement = Measurement.model_validate_json(line)
        except ValidationError:
            log.warning("what measures said something that is no measurement: %r", line[:200])
            return
        if measurement.precision in precisions:
            on_found(measurement)

    argv, environment = (*command, device, str(threads), *precisions), {**os.environ, **IN_BUS_ORDER}
    try:
        process = await ProcessGroup.start(argv, hear, _overhear, environment)
    except OSError as error:
        log.warning("The speed of %s cannot be measured: %s", device, error)
        return
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(START_SECONDS + PRECISION_SECONDS * len(precisions)):
                await process.wait()
    finally:
        process.kill()
        await process.wait()


def _overhear(line: bytes) -> None:
    if words := line.decode(errors="replace").strip():
        log.info("measuring: %s", words[:300])
