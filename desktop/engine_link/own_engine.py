"""This computer's engine while the window looks at another one: started again when it ends."""

import asyncio
from contextlib import suppress

from PySide6.QtCore import QCoreApplication

from desktop.app_state import AppState, Crash, Help, Trouble
from desktop.engine_link.backoff import Backoff
from desktop.engine_link.found import FoundEngine
from desktop.engine_link.process import EngineProcess
from desktop.engine_link.troubles import Crashes, Ending, of_ending, of_error
from engine.errors import EngineError

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
        endings: Endings,
        backoff: Backoff,
        poll: float = 1.0,
    ) -> None:
        """`poll`: seconds between two looks."""
        self._state, self._process, self._found = state, process, found
        self._endings, self._backoff, self._poll = endings, backoff, poll
        self._away, self._hurry = asyncio.Event(), asyncio.Event()
        self._ran = self._unstartable = False
        self._since = 0.0  # when it was started
        self._options: tuple[str, ...] = ()  # of the next start

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._away.wait()
            if self._is_there():
                await asyncio.sleep(self._poll)
            else:
                await self._start_again()

    def watch(self, away: bool) -> None:
        """As long as the window looks away from it."""
        if away:
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
        self._backoff.reset()
        self._hurry.set()

    def _is_there(self) -> bool:
        """Or is not missed."""
        reached = self._found.alive
        if reached:
            self._ran, self._options = True, ()
            self._state.tell_own(None)
        return reached or self._process.alive or not self.knows_it

    async def _start_again(self) -> None:
        self._hurry.clear()
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
