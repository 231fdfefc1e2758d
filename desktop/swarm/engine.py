"""What the Swarm page asks of the engine."""

from typing import Protocol

from engine.api.doctor_schema import Diagnosis
from engine.api.map_schema import SwarmMap


class SwarmEngine(Protocol):
    async def swarm_map(self) -> SwarmMap: ...
    async def examine(self) -> Diagnosis: ...
