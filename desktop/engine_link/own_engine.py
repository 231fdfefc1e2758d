"""This computer's engine while the window looks at another one: started again when it ends."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress

from PySide6.QtCore import QCoreApplication

from desktop.app_state import AppState, Crash, Help, Trouble
from desktop.engine_link.backoff import Backoff
from desktop.engine_link.found import FoundEngine
from desktop.engine_link.process import EngineProcess
from desktop.engine_link.troubles import Crashes, Ending, of_ending, of_error
from engine.errors import EngineError, PotluckError

FREE_PORT = ("--port", "0")


class Endings:
    """What is said of an engine's process that has ended, and how long it is left alone then."""

    def __init__(self, rest: float) -> None:
        """`rest`: seconds that one is left alone which crashed too often."""
        self._rest, self._crashes = rest, Crashes(rest)

    def tell(self, ending: Ending) -> tuple[Trouble, float]:
        """The latter in seconds, at least."""
        if not ending.crashed:
            return of_ending(ending), 0.0
        count = self._crashes.note(asyncio.get_running_loop().time())
        too_many = self._crashes.too_many
        return of_ending(ending, count, round(self._rest / 60), too_many), self._rest if too_many else 0.0


class OwnEngine:
    """One that never ran while this window was open is left as it is."""

    def __init__(
        self,
        state: AppState,
        process: EngineProcess,
        found: FoundEngine,
        ask: Callable[[], Awaitable[object]],
        endings: Endings,
        backoff: Backoff,
        poll: float = 1.0,
        between: float = 15.0,
    ) -> None:
        """`ask` raises PotluckError where it does not answer as it should.

        `poll`: seconds between two looks at its process; `between`: between two questions to it.
        """
        self._state, self._process, self._found, self._ask = state, process, found, ask
        self._endings, self._backoff, self._poll, self._between = endings, backoff, poll, between
        self._away, self._hurry = asyncio.Event(), asyncio.Event()
        self._ran = self._unstartable = self._anew = False
        self._since = 0.0  # when it was started
        self._asked_at = -math.inf
        self._fault: Trouble | None = None  # of one that runs
        self._options: tuple[str, ...] = ()  # of the next start

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._away.wait()
            self._hurry.clear()
            if self._anew:
                await self.end()
            if self._is_there():
                await self._ask_it()
                await self._pause(self._poll)
            else:
                await self._start_again()

    def watch(self, away: bool) -> None:
        """As long as the window looks away from it."""
        if away:
            self._fault, self._asked_at, self._anew = None, -math.inf, False
            self._away.set()
        else:
            self._away.clear()

    @property
    def knows_it(self) -> bool:
        """Whether it would be missed."""
        return self._ran or self._process.started

    def help(self) -> None:
        """Do what helps, by what was told."""
        trouble = self._state.own_trouble
        if trouble is not None and trouble.help is Help.FREE_PORT:
            self._options = FREE_PORT
        self._anew = trouble is not None and trouble.help is Help.RESTART
        self._backoff.reset()
        self._hurry.set()

    async def end(self) -> None:
        """Of one that does not hear, too; it is not told as a crash."""
        self._anew, self._fault, self._asked_at = False, None, -math.inf
        await self._found.end()
        await self._process.end(0.0)
        self._process.take_ending()

    def _is_there(self) -> bool:
        """Or is not missed."""
        reached = self._found.alive
        if reached:
            self._ran, self._options = True, ()
            self._state.tell_own(self._fault)
        return reached or self._process.alive or not self.knows_it

    async def _ask_it(self) -> None:
        """From time to time; what helps only by other means than ending it is told on the way back."""
        now = asyncio.get_running_loop().time()
        if not self._found.alive or now - self._asked_at < self._between:
            return
        self._asked_at, self._fault = now, None
        try:
            await self._ask()
        except PotluckError as error:
            trouble = of_error(error)
            self._fault = here(trouble) if trouble.help is Help.RESTART else None
        if self._away.is_set():
            self._state.tell_own(self._fault)

    async def _start_again(self) -> None:
        rest = self._tell()
        wait = self._backoff.after(asyncio.get_running_loop().time() - self._since if self._since else 0.0)
        await self._pause(max(rest, wait))
        if not self._away.is_set() or self._found.alive:  # the link does it, or somebody did
            return
        self._since = asyncio.get_running_loop().time()
        try:
            self._process.start(*self._options)
            self._unstartable = False
        except EngineError as error:
            self._unstartable = True
            self._state.tell_own(here(of_error(error)))

    def _tell(self) -> float:
        """Seconds that it is left alone, at least."""
        ending = self._process.take_ending()
        if ending is None and self._unstartable:
            return 0.0
        if ending is None or ending.gave_way:
            ending = Ending(0)
        trouble, rest = self._endings.tell(ending)
        told = here(trouble)
        self._state.tell_own(told, Crash(told.sentence, ending.report) if ending.crashed else None)
        return rest

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurry.wait()


def here(trouble: Trouble) -> Trouble:
    """The same, of this computer."""
    said = QCoreApplication.translate("Engine", "On this computer: {sentence}")
    return Trouble(said.format(sentence=trouble.sentence), trouble.help)
