"""How long a block server's word in the directory counts, and how it is taken back."""

import asyncio
import contextlib

from engine.errors import PotluckError
from engine.network.directory import Directory

ANNOUNCE_SECONDS = 5.0
RECORD_LIFETIME_SECONDS = 20.0
FAREWELL_SECONDS = 0.5


async def withdraw(directory: Directory, model: str) -> None:
    """What this node says of the model with this digest; not for long, if the network is slow."""
    with contextlib.suppress(PotluckError, TimeoutError):
        async with asyncio.timeout(FAREWELL_SECONDS):
            await directory.withdraw(model)
