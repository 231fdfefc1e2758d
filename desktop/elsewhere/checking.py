"""Whether an engine elsewhere can be looked at: asked once, before it is kept."""

from collections.abc import Callable

from desktop.engine_link.link import Engine
from engine.api.known_engines import KnownEngine
from engine.errors import NotRunning


async def reach_once(known: KnownEngine, reach: Callable[[KnownEngine], Engine]) -> KnownEngine:
    """The same, once it has answered. Raises PotluckError."""
    engine = reach(known)
    try:
        await engine.status()
        async for _ in engine.snapshots():
            return known
    finally:
        await engine.close()
    raise NotRunning("The engine ended.")
