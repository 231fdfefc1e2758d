"""What the Contribution page asks of the engine."""

from typing import Protocol

from engine.api.history_schema import By, History
from engine.api.map_schema import SwarmMap


class ContributionEngine(Protocol):
    async def history(self, by: By) -> History: ...
    async def swarm_map(self) -> SwarmMap: ...
