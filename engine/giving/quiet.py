"""Measures what this computer can do, while nothing computes on it; nothing waits for it.

The first plan is made from estimates. What is measured counts from the next plan on, and what work shows
corrects both.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection

from engine.api.schema import ServerPhase
from engine.duties import until_first_ends

QUIET_SECONDS = 20.0  # since when nothing has been given
LOOK_SECONDS = 0.25
AGAIN_SECONDS = 3600.0  # another card or driver may be there


def is_quiet(allowed: bool, wanted: bool, phases: Collection[ServerPhase]) -> bool:
    """Whether it may be measured. `allowed`: by the owner's rules; `wanted`: that it gives; `phases`: of the
    block servers that run. While all their layers are still on their way, nothing computes.
    """
    if not phases:
        return allowed and not wanted
    return allowed and all(phase is ServerPhase.JOINING for phase in phases)


async def measure_when_quiet(
    is_quiet: Callable[[], bool], measure: Callable[[], Awaitable[None]], quiet_seconds: float = QUIET_SECONDS
) -> None:
    """For as long as this runs. A measurement that giving interrupts is begun anew when that has ended."""
    while True:
        await _until_quiet_for(quiet_seconds, is_quiet)
        await until_first_ends(_once(measure), _until(lambda: not is_quiet()))


async def _once(measure: Callable[[], Awaitable[None]]) -> None:
    await measure()
    await asyncio.sleep(AGAIN_SECONDS)


async def _until_quiet_for(seconds: float, is_quiet: Callable[[], bool]) -> None:
    quiet = 0.0
    while quiet < seconds:
        await asyncio.sleep(LOOK_SECONDS)
        quiet = quiet + LOOK_SECONDS if is_quiet() else 0.0


async def _until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 (plain values)
        await asyncio.sleep(LOOK_SECONDS)
