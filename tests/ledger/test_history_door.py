"""What was given, through the local door."""

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from engine.api.answers import error_answer
from engine.api.client import EngineClient
from engine.api.history_routes import HistoryRoutes
from engine.api.history_schema import By
from engine.api.schema import Given
from engine.errors import BadRequest
from engine.ledger.given import GivenLedger


async def refuse(_: object, error: BadRequest):
    return error_answer(error)


@pytest.fixture
def ledger(tmp_path: Path) -> GivenLedger:
    ledger = GivenLedger(tmp_path / "given.json")
    ledger.add(Given(tokens=3, watt_hours=0.25, watt_hours_estimated=0.25))
    return ledger


@pytest.fixture
def door(ledger: GivenLedger) -> httpx.ASGITransport:
    return httpx.ASGITransport(
        Starlette(routes=HistoryRoutes(ledger).routes(), exception_handlers={BadRequest: refuse})
    )


@pytest.mark.parametrize("by", list(By))
async def test_history_comes_as_the_ledger_has_it(ledger, door, by: By) -> None:
    async with EngineClient("http://door", "key", door) as client:
        history = await client.history(by)
    assert history == ledger.history(by)
    assert [period.given.tokens for period in history.periods] == [3]


async def test_by_day_unless_it_is_said_otherwise_and_by_nothing_else(door) -> None:
    async with httpx.AsyncClient(transport=door, base_url="http://door") as client:
        assert (await client.get("/potluck/v1/history")).json()["by"] == "day"
        refused = await client.get("/potluck/v1/history?by=fortnight")
    assert refused.status_code == 400
    assert "hour, day, month" in refused.json()["error"]["message"]
