"""What the first run asks of an engine."""

from collections.abc import Mapping
from typing import Protocol

from engine.api.plan_schema import PlanReport
from engine.api.preferences_schema import SettingsReport, Value
from engine.api.schema import DonationOrder, Snapshot
from engine.api.store_schema import StoreStatus


class FirstRunEngine(Protocol):
    """Raises PotluckError."""

    async def plan(self) -> PlanReport: ...
    async def store(self) -> StoreStatus: ...
    async def change_settings(self, changes: Mapping[str, Value]) -> SettingsReport: ...
    async def donate(self, order: DonationOrder) -> Snapshot: ...
