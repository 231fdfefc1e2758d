"""Waiting for what comes true by itself."""

import asyncio
from collections.abc import Callable

PATIENCE = 60.0  # seconds: of a slow and busy computer


async def until(holds: Callable[[], object]) -> None:
    """Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 (plain values)
            await asyncio.sleep(0.01)
