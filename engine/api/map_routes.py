"""`/potluck/v1/swarm/map`: who serves which layers of which model."""

from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.answers import json_answer
from engine.api.map_schema import SwarmMap


class Mapper(Protocol):
    async def swarm_map(self) -> SwarmMap:
        """Raises SwarmError."""
        ...


class MapRoutes:
    def __init__(self, mapper: Mapper) -> None:
        self._mapper = mapper

    def routes(self) -> list[Route]:
        return [Route("/potluck/v1/swarm/map", self.swarm_map, methods=["GET"])]

    async def swarm_map(self, _: Request) -> Response:
        return json_answer(await self._mapper.swarm_map())
