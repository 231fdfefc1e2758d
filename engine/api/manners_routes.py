"""`/potluck/v1/manners`: what the rules say now, and what other rules would have said yesterday."""

from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.answers import json_answer, read_body
from engine.api.manners_schema import MannersStatus, Preview, PreviewOrder, WhenRules


class Ruled(Protocol):
    """An engine that gives by rules."""

    async def manners(self) -> MannersStatus: ...

    async def preview(self, rules: WhenRules) -> Preview: ...


class MannersRoutes:
    def __init__(self, engine: Ruled) -> None:
        self._engine = engine

    def routes(self) -> list[Route]:
        return [
            Route("/potluck/v1/manners", self.status, methods=["GET"]),
            Route("/potluck/v1/manners/preview", self.preview, methods=["POST"]),
        ]

    async def status(self, _: Request) -> Response:
        return json_answer(await self._engine.manners())

    async def preview(self, request: Request) -> Response:
        order = await read_body(request, PreviewOrder)
        return json_answer(await self._engine.preview(order.when))
