"""Keeps the window connected to the engine: adopts the one that runs, or starts one, again and again."""

import asyncio
import importlib
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from desktop.app_state import AppState, sentence_of_error
from desktop.contribution.engine import ContributionEngine
from desktop.engine_link.backoff import Backoff
from desktop.engine_link.process import EngineProcess
from desktop.first_run.engine import FirstRunEngine
from desktop.layers.engine import StoreEngine
from desktop.settings.engine import SettingsEngine
from desktop.swarm.engine import SwarmEngine
from engine.api.openai_schema import ChatChunk, ChatRequest
from engine.api.schema import DonationOrder, Snapshot
from engine.errors import EngineError, NotRunning, PotluckError

POLL_SECONDS = 0.1


class Engine(ContributionEngine, SwarmEngine, StoreEngine, SettingsEngine, FirstRunEngine, Protocol):
    """What the window asks of an engine; `engine.api.client.EngineClient` is the real one."""

    async def status(self) -> Snapshot: ...
    def snapshots(self) -> AsyncIterator[Snapshot]: ...
    async def donate(self, order: DonationOrder) -> Snapshot: ...
    async def quit(self) -> None: ...
    def chat(self, request: ChatRequest) -> AsyncIterator[ChatChunk]: ...
    async def close(self) -> None: ...


class EngineLink:
    """`find` gives a client of the engine that runs now, or raises NotRunning."""

    def __init__(
        self,
        state: AppState,
        find: Callable[[], Engine],
        process: EngineProcess,
        backoff: Backoff,
        start_patience: float = 90.0,
        end_patience: float = 15.0,
    ) -> None:
        self._state = state
        self._find = find
        self._process = process
        self._backoff = backoff
        self._start_patience, self._end_patience = start_patience, end_patience
        self._client: Engine | None = None
        self._hurry = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            connected_for = 0.0
            try:
                await self._connect()
                connected_for = await self._follow()
            except PotluckError as error:
                self._state.lost(sentence_of_error(error))
            await self._drop()
            await self._wait(self._backoff.after(connected_for))

    def retry_now(self) -> None:
        """Do not wait for the next attempt."""
        self._backoff.reset()
        self._hurry.set()

    async def donate(self, order: DonationOrder) -> None:
        self._state.show(await self.engine.donate(order))

    def chat(self, request: ChatRequest) -> AsyncIterator[ChatChunk]:
        """Raises EngineError at once if there is no engine, and what the engine names while it answers."""
        return self.engine.chat(request)

    async def close(self) -> None:
        """End the engine if this window started it; an engine that was found stays."""
        if self._process.alive:
            await self._process.end(self._end_patience if await self._asked_to_quit() else 0.0)
        await self._drop()

    async def _asked_to_quit(self) -> bool:
        try:
            await self.engine.quit()
        except PotluckError:
            return False
        return True

    @property
    def engine(self) -> Engine:
        """The one that is connected. Raises EngineError if there is none."""
        if self._client is None:
            raise EngineError(self._state.sentence)
        return self._client

    async def _connect(self) -> None:
        await asyncio.to_thread(importlib.import_module, "engine.api.client")  # off the window's thread
        with suppress(NotRunning):
            await self._dial()
            return
        self._state.starting()
        self._process.start()
        await self._dial_until_reached()

    async def _dial(self) -> None:
        client = self._find()
        try:
            snapshot = await client.status()
        except BaseException:
            await client.close()
            raise
        self._client = client
        self._state.show(snapshot)

    async def _dial_until_reached(self) -> None:
        deadline = asyncio.get_running_loop().time() + self._start_patience
        while asyncio.get_running_loop().time() < deadline:
            with suppress(NotRunning):
                await self._dial()
                return
            if not self._process.alive:
                raise EngineError(self._process.obituary())
            await asyncio.sleep(POLL_SECONDS)
        raise EngineError(f"Potluck's engine does not answer after {self._start_patience:.0f} s.")

    async def _follow(self) -> float:
        """Show every change until the connection is lost; seconds that it lasted."""
        since = asyncio.get_running_loop().time()
        try:
            async for snapshot in self.engine.snapshots():
                self._state.show(snapshot)
        except NotRunning as error:
            ended = await self._process.wait(0.5) and self._process.started
            self._state.lost(self._process.obituary() if ended else sentence_of_error(error))
        return asyncio.get_running_loop().time() - since

    async def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _wait(self, seconds: float) -> None:
        self._hurry.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # `wait_for` can swallow the cancellation that ends `run`
                await self._hurry.wait()


def find_engine(run_file: Path) -> Engine:
    """A client of the engine that the run file names. Raises NotRunning."""
    from engine.api.client import EngineClient  # here, because it brings httpx: the window is drawn first

    return EngineClient.from_run_file(run_file)
