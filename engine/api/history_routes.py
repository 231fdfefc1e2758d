"""`/potluck/v1/history`: what was given, by hour, day or month."""

from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.answers import json_answer
from engine.api.history_schema import By, History
from engine.api.sentences import said
from engine.errors import BadRequest


class Ledger(Protocol):
    def history(self, by: By) -> History: ...


class HistoryRoutes:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def routes(self) -> list[Route]:
        return [Route("/potluck/v1/history", self.history, methods=["GET"])]

    async def history(self, request: Request) -> Response:
        return json_answer(self._ledger.history(_by(request.query_params.get("by", By.DAY))))


def _by(text: str) -> By:
    try:
        return By(text)
    except ValueError:
        raise BadRequest(
            said("History is by {known}, not by “{asked}”.", known=", ".join(By), asked=text[:40])
        ) from None
