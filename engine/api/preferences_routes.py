"""`/potluck/v1/settings`: what the owner has set, and sets."""

from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.answers import json_answer, read_body
from engine.api.preferences_schema import SettingsChange, SettingsReport
from engine.api.security import check_here

SETTINGS = "/potluck/v1/settings"
OF_THE_DOOR = "api."  # keys of settings that say who may use it


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
        change = await read_body(request, SettingsChange)
        for key in change.root:
            _check_may(request, key)
        return json_answer(await self._desk.change(change))

    async def forget(self, request: Request) -> Response:
        _check_may(request, request.path_params["key"])
        return json_answer(await self._desk.forget(request.path_params["key"]))


def _check_may(request: Request, key: str) -> None:
    """Who may use the door is set on the computer itself."""
    if key.startswith(OF_THE_DOOR):
        check_here(request)
