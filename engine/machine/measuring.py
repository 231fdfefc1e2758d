"""Measures what was not measured yet, each device in a process of its own."""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from engine.beside import beside
from engine.machine.disk import reading_rate
from engine.machine.facts import Machine
from engine.machine.known_speeds import SpeedBook
from engine.machine.measurement import Measurement, ThreadRates
from engine.machine.speeds import CPU
from engine.machine.visible import IN_BUS_ORDER
from engine.precision import Precision
from engine.supervisor.process import ProcessGroup

MEASURE_COMMAND = (sys.executable, "-m", "engine.machine.measure")
THREADS_COMMAND = (sys.executable, "-m", "engine.machine.measure_threads")
START_SECONDS = 60.0  # that the imports may take on a slow computer
PRECISION_SECONDS, THREADS_SECONDS = 20.0, 10.0

log = logging.getLogger("potluck.machine")

Measured = TypeVar("Measured", bound=BaseModel)


async def measure_unmeasured(
    book: SpeedBook,
    machine: Machine,
    store: Path,
    command: Sequence[str] = MEASURE_COMMAND,
    threads_command: Sequence[str] = THREADS_COMMAND,
) -> None:
    """Note in `book` what it lacks of this computer's devices, and of the disk with the layer store.

    Not while anything else computes on these devices: both would be slower, and the figures too low.
    """
    if counts := book.untried_threads(machine):
        found = await measure_threads(counts, threads_command)
        if {one.threads for one in found} == set(counts):
            book.note_threads(machine, found)
    for key, device in ((CPU, "cpu"), *((gpu.key, gpu.device) for gpu in machine.gpus)):
        if precisions := book.unmeasured(machine, key):
            note = partial(book.note_measured, machine, key)
            await measure(device, book.threads(machine), precisions, note, command)
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
        measurement = _read(Measurement, line)
        if measurement is not None and measurement.precision in precisions:
            on_found(measurement)

    await _run((*command, device, str(threads), *precisions), hear, PRECISION_SECONDS * len(precisions))


async def measure_threads(
    counts: Sequence[int], command: Sequence[str] = THREADS_COMMAND
) -> tuple[ThreadRates, ...]:
    """How fast the processor is with so many threads; fewer where the process says less."""
    found: dict[int, ThreadRates] = {}

    def hear(line: bytes) -> None:
        rates = _read(ThreadRates, line)
        if rates is not None and rates.threads in counts:
            found[rates.threads] = rates

    await _run((*command, *map(str, counts)), hear, THREADS_SECONDS * len(counts))
    return tuple(found.values())


def _read(kind: type[Measured], line: bytes) -> Measured | None:
    """None for what is no measurement."""
    try:
        return kind.model_validate_json(line)
    except ValidationError:
        log.warning("what measures said something that is no measurement: %r", line[:200])
        return None


async def _run(argv: Sequence[str], hear: Callable[[bytes], None], seconds: float) -> None:
    try:
        process = await ProcessGroup.start(argv, hear, _overhear, {**os.environ, **IN_BUS_ORDER})
    except OSError as error:
        log.warning("The speed of this computer cannot be measured: %s", error)
        return
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(START_SECONDS + seconds):
                await process.wait()
    finally:
        process.kill()
        await process.wait()


def _overhear(line: bytes) -> None:
    if words := line.decode(errors="replace").strip():
        log.info("measuring: %s", words[:300])
