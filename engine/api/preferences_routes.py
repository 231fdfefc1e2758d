"""`/potluck/v1/settings`: what the owner has set, and sets."""

from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.answers import json_answer, read_body
from engine.api.preferences_schema import SettingsChange, SettingsReport

SETTINGS = "/potluck/v1/settings"


class SettingsDesk(Protocol):
    """Raises PotluckError."""

    async def report(self) -> SettingsReport: ...

    async def change(self, change: SettingsChange) -> SettingsReport: ...

    async def forget(self, key: str) -> SettingsReport: ...


class SettingsRoutes:
    def __init__(self, desk: SettingsDesk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        return [
            Route(SETTINGS, self.report, methods=["GET"]),
            Route(SETTINGS, self.change, methods=["PUT"]),
            Route(f"{SETTINGS}/{{key}}", self.forget, methods=["DELETE"]),
        ]

    async def report(self, _: Request) -> Response:
        return json_answer(await self._desk.report())

    async def change(self, request: Request) -> Response:
        return json_answer(await self._desk.change(await read_body(request, SettingsChange)))

    async def forget(self, request: Request) -> Response:
        return json_answer(await self._desk.forget(request.path_params["key"]))
