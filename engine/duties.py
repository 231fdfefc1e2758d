"""Coroutines that live and end together, or wait for news."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any


async def until_first_ends(*duties: Coroutine[Any, Any, object]) -> None:
    """Run all until one returns or raises; then cancel the others and wait for their end."""
    tasks = [asyncio.ensure_future(duty) for duty in duties]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def set_or_due(event: asyncio.Event, seconds: float | None) -> None:
    """Returns when the event is set, or after so many seconds; None: whenever it is set."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
