"""Keeps the window connected to the engine: adopts the one that runs, or starts one, again and again."""

import asyncio
import importlib
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from desktop.app_state import AppState, Crash, Help, Trouble
from desktop.contribution.engine import ContributionEngine
from desktop.engine_link.backoff import Backoff
from desktop.engine_link.found import FoundEngine
from desktop.engine_link.own_engine import FREE_PORT, Endings, OwnEngine
from desktop.engine_link.process import EngineProcess
from desktop.engine_link.troubles import Ending, of_error, of_error_elsewhere
from desktop.engine_link.waking import Waking
from desktop.first_run.engine import FirstRunEngine
from desktop.layers.engine import StoreEngine
from desktop.settings.engine import SettingsEngine
from desktop.swarm.engine import SwarmEngine
from engine.api.known_engines import KnownEngine
from engine.api.openai_schema import ChatChunk, ChatRequest
from engine.api.schema import DonationOrder, Snapshot
from engine.errors import EngineError, NotAnswering, NotRunning, NotUnderstood, PotluckError, WrongKey

POLL_SECONDS = 0.1
FRESH_SECONDS = 0.5  # for which what was known before a sleep may still be shown


class Engine(ContributionEngine, SwarmEngine, StoreEngine, SettingsEngine, FirstRunEngine, Protocol):
    """What the window asks of an engine; `engine.api.client.EngineClient` is the real one."""

    async def status(self) -> Snapshot: ...
    def snapshots(self) -> AsyncIterator[Snapshot]: ...
    async def donate(self, order: DonationOrder) -> Snapshot: ...
    async def quit(self) -> None: ...
    def chat(self, request: ChatRequest) -> AsyncIterator[ChatChunk]: ...
    async def close(self) -> None: ...


class Ended(Exception):
    """The engine's process has ended while it was needed."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.last_words)
        self.ending = ending


class EngineLink:
    """`find` gives a client of this computer's engine, or raises NotRunning; `reach` one of another's."""

    def __init__(
        self,
        state: AppState,
        find: Callable[[], Engine],
        process: EngineProcess,
        found: FoundEngine,
        backoff: Backoff,
        reach: Callable[[KnownEngine], Engine] | None = None,
        start_patience: float = 90.0,
        end_patience: float = 15.0,
        rest: float = 600.0,
    ) -> None:
        """`rest`: seconds that an engine is left alone which crashed too often."""
        self._state = state
        self._find, self._reach = find, reach or engine_elsewhere
        self._process, self._found = process, found
        self._backoff, self._endings = backoff, Endings(rest)
        self._start_patience, self._end_patience = start_patience, end_patience
        self.own = OwnEngine(
            state, process, found, lambda: asked_once(self._find()), self._endings, backoff.fresh()
        )
        self._elsewhere: KnownEngine | None = None
        self._client: Engine | None = None
        self._hurry = asyncio.Event()
        self._anew = False  # end the engine that runs, then start one
        self._options: tuple[str, ...] = ()  # of the next start
        self._attempt: asyncio.Task[float] | None = None
        self._moving = False

    async def run(self) -> None:
        """Until cancelled."""
        beside = [asyncio.create_task(each.run()) for each in (self.own, Waking(self.wake_up))]
        try:
            await self._reach_again_and_again()
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def _reach_again_and_again(self) -> None:
        while True:
            self._attempt = asyncio.create_task(self._reach_and_follow())
            try:
                wait = await self._attempt
            except asyncio.CancelledError:
                if not self._moving or _is_ended():
                    raise
                self._moving = False
            else:
                await self._wait(wait)

    async def _reach_and_follow(self) -> float:
        """Until there is no engine any more; gives the seconds to wait before the next attempt."""
        self._hurry.clear()  # what is pressed from now on is for the next attempt
        connected_for = 0.0
        try:
            await self._connect()
            connected_for = await self._follow()
        except Ended as error:
            return self._lose_process(error.ending)
        except PotluckError as error:
            self._state.lost(self._trouble(error))
        finally:
            await self._drop()
        return self._backoff.after(connected_for)

    def look_at(self, elsewhere: KnownEngine | None) -> None:
        """At that engine from now on; None: at this computer's, which goes on whatever is looked at."""
        self._elsewhere = elsewhere
        self._state.look_at(elsewhere.address if elsewhere else "")
        self.own.watch(elsewhere is not None)
        self._anew = False  # that was asked for of another
        self._begin_anew()

    def _begin_anew(self) -> None:
        if self._attempt is not None and not self._attempt.done():
            self._moving = True
            self._attempt.cancel()
        self.retry_now()

    async def wake_up(self) -> None:
        """The computer has slept: reach now what is waited for, and make sure of what is elsewhere.

        What was known of that is soon shown no more; a chat that still goes on is left alone.
        """
        self.retry_now()
        client = self._client
        if self._elsewhere is None or client is None or self._moving:
            return
        hiding = asyncio.get_running_loop().call_later(FRESH_SECONDS, self._hide, client)
        try:
            snapshot = await asked_once(self._reach(self._elsewhere))
            if self._client is client:
                self._state.show(snapshot)
        except PotluckError as error:
            if self._client is client:
                self._state.lost(self._trouble(error))
                self._begin_anew()
        finally:
            hiding.cancel()

    def _hide(self, client: Engine) -> None:
        """What this one told, until it tells anew."""
        if self._client is client:
            self._state.starting()

    def help(self) -> None:
        """Do what the state says that helps, as far as it is done here."""
        if self._state.help is Help.FREE_PORT:
            self._options = FREE_PORT
        self._anew = self._state.help is Help.RESTART
        self.retry_now()

    def start_here(self) -> None:
        """Have this computer's engine run, whichever is looked at. Raises EngineError."""
        if not self._found.alive:
            self._process.start()

    @property
    def has_engine(self) -> bool:
        """Whether this window has started an engine that runs, wherever it looks."""
        return self._process.alive

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
        """End the engine if this window started it; an engine that was found, or is elsewhere, stays."""
        if self._process.alive:
            await self._process.end(self._end_patience if await self._asked_to_quit() else 0.0)
        await self._drop()

    async def _asked_to_quit(self) -> bool:
        try:
            engine = self._find()
            try:
                await engine.quit()
            finally:
                await engine.close()
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
        if self._elsewhere is not None:
            await self._dial()
        elif not await self._adopted():
            self._state.starting()
            options, self._options = self._options, ()
            self._process.start(*options)
            await self._dial_until_reached()

    async def _adopted(self) -> bool:
        """Whether an engine of this computer runs and is reached. Raises if it runs and is of no use."""
        if self._anew:
            self._anew = False
            await self.own.end()
            return False
        try:
            await self._dial()
        except (NotAnswering, NotUnderstood, WrongKey):
            if await asyncio.to_thread(lambda: self._found.alive):
                raise
        except NotRunning:
            pass
        return self._client is not None

    async def _dial(self) -> None:
        client = self._reach(self._elsewhere) if self._elsewhere else self._find()
        try:
            snapshot = await client.status()
        except BaseException:
            await client.close()
            raise
        self._client = client
        self._state.show(snapshot)

    async def _dial_until_reached(self) -> None:
        """What an earlier engine left behind may lead astray until the new one has its door open."""
        deadline = asyncio.get_running_loop().time() + self._start_patience
        while asyncio.get_running_loop().time() < deadline:
            with suppress(NotRunning, WrongKey):
                await self._dial()
                return
            if (ending := self._process.take_ending()) is not None:
                raise Ended(ending)
            await asyncio.sleep(POLL_SECONDS)
        raise NotAnswering(f"Potluck's engine does not answer after {self._start_patience:.0f} s.")

    async def _follow(self) -> float:
        """Show every change until the connection is lost; seconds that it lasted."""
        since = asyncio.get_running_loop().time()
        self._anew, self._options = False, ()
        try:
            async for snapshot in self.engine.snapshots():
                self._state.show(snapshot)
        except NotRunning as error:
            gone = self._elsewhere is None and await self._process.wait(0.5)
            ending = self._process.take_ending() if gone else None
            if ending is not None and not ending.gave_way:
                raise Ended(ending) from error
            self._state.lost(self._trouble(error))
        return asyncio.get_running_loop().time() - since

    def _trouble(self, error: PotluckError) -> Trouble:
        if self._elsewhere is not None:
            return of_error_elsewhere(error, self._elsewhere.address)
        return of_error(error)

    def _lose_process(self, ending: Ending) -> float:
        """Seconds to wait before the next one is started."""
        trouble, rest = self._endings.tell(ending)
        self._state.lost(trouble, Crash(trouble.sentence, ending.report) if ending.crashed else None)
        return max(rest, self._backoff.after(0.0))

    async def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # `wait_for` can swallow the cancellation that ends `run`
                await self._hurry.wait()


def _is_ended() -> bool:
    """Whether the running task itself was cancelled, not only what it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def asked_once(client: Engine) -> Snapshot:
    """By a connection of its own. Raises PotluckError."""
    try:
        return await client.status()
    finally:
        await client.close()


def find_engine(run_file: Path) -> Engine:
    """A client of the engine that the run file names. Raises NotRunning."""
    from engine.api.client import EngineClient  # here, because it brings httpx: the window is drawn first

    return EngineClient.from_run_file(run_file)


def engine_elsewhere(known: KnownEngine) -> Engine:
    """A client of an engine on another computer."""
    from engine.api.client import EngineClient

    return EngineClient.elsewhere(known)
