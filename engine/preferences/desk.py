"""The settings as the owner's programs change them, and what follows in the running engine."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from engine.api.preferences_schema import SettingsChange, SettingsReport
from engine.api.store_schema import LimitOrder, StoreStatus
from engine.preferences.preferences import Preferences
from engine.preferences.values import Values, checked, known

LIMIT = "layers.limit"  # kept by the layer store itself, where the Layers page sets it, too


class Store(Protocol):
    async def status(self) -> StoreStatus: ...

    async def set_limit(self, order: LimitOrder) -> StoreStatus: ...


class SettingsDesk:
    """`take_up` has the engine run by what is set by then."""

    def __init__(
        self, preferences: Preferences, store: Store, take_up: Callable[[], Awaitable[object]]
    ) -> None:
        self._preferences = preferences
        self._store = store
        self._take_up = take_up
        self._changing = asyncio.Lock()

    async def report(self) -> SettingsReport:
        return self._preferences.report(await self._elsewhere())

    async def change(self, change: SettingsChange) -> SettingsReport:
        """Raises BadRequest for values that cannot be, and what refuses to keep them."""
        values = checked(change.root)
        async with self._changing:
            if LIMIT in values:
                await self._set_limit(values.pop(LIMIT))
            if values:
                await asyncio.to_thread(self._preferences.change, values)
                await self._take_up()
        return await self.report()

    async def forget(self, key: str) -> SettingsReport:
        """As if it had never been set. Raises BadRequest."""
        async with self._changing:
            if known(key).key == LIMIT:
                await self._set_limit(None)
            else:
                await asyncio.to_thread(self._preferences.forget, key)
                await self._take_up()
        return await self.report()

    async def _set_limit(self, limit: object) -> None:
        await self._store.set_limit(LimitOrder(limit=limit if isinstance(limit, int) else None))

    async def _elsewhere(self) -> Values:
        status = await self._store.status()
        return {LIMIT: status.limit} if status.limit_chosen else {}
