"""This computer's engine while the window looks at another one, by engines that say what they are told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from desktop.app_state import AppState, Help
from desktop.engine_link.backoff import Backoff
from desktop.engine_link.found import FoundEngine
from desktop.engine_link.own_engine import Endings, OwnEngine
from desktop.engine_link.process import EngineProcess
from engine.errors import NotAnswering, NotRunning, NotUnderstood, PotluckError, WrongKey
from tests.desktop.conftest import until

SILENT = "On this computer: Potluck's engine runs, but it does not answer."


class Running(FoundEngine):
    """One that runs until it is ended."""

    def __init__(self) -> None:
        self.runs = True

    @property
    def alive(self) -> bool:
        return self.runs

    async def end(self) -> None:
        self.runs = False


class Startable(EngineProcess):
    def __init__(self, found: Running) -> None:
        self._found, self.started = found, False

    @property
    def alive(self) -> bool:
        return False

    def start(self, *options: str) -> None:
        self._found.runs = True

    async def end(self, patience: float) -> None:
        pass

    def take_ending(self) -> None:
        return None


class Engine:
    """`error`: instead of an answer."""

    def __init__(self) -> None:
        self.error: PotluckError | None = None
        self.asked = 0
        self.state, self.found = AppState(), Running()
        process, backoff = Startable(self.found), Backoff(first=0.0)
        self.own = OwnEngine(
            self.state, process, self.found, self._ask, Endings(0.0), backoff, poll=0.0, between=0.0
        )

    async def _ask(self) -> None:
        self.asked += 1
        if self.error is not None:
            raise self.error

    async def asked_again(self) -> None:
        """To the end, after now."""
        before = self.asked
        await until(lambda: self.asked >= before + 2)


@pytest.fixture
def engine(qapp: object) -> Engine:
    return Engine()


@asynccontextmanager
async def away_from(engine: Engine) -> AsyncIterator[None]:
    running = asyncio.create_task(engine.own.run())
    engine.own.watch(True)
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_one_that_answers_again_is_no_trouble_any_more(engine: Engine) -> None:
    engine.error = NotAnswering("-")
    async with away_from(engine):
        await until(lambda: engine.state.own_trouble)
        assert engine.state.own_trouble.sentence == SILENT
        await engine.asked_again()
        assert engine.state.own_trouble.sentence == SILENT
        engine.error = None
        await until(lambda: engine.state.own_trouble is None)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NotAnswering("-"), True),
        (WrongKey("-"), True),
        (NotUnderstood("-", "0.0.1"), True),
        (NotUnderstood("-", "99.0"), False),  # this window is what is to be opened anew
        (NotRunning("-"), False),  # it is only about to open its door
    ],
)
async def test_what_a_new_start_helps_is_told(engine: Engine, error: PotluckError, told: bool) -> None:
    engine.error = error
    async with away_from(engine):
        await engine.asked_again()
        trouble = engine.state.own_trouble
        assert (trouble is not None and trouble.help is Help.RESTART) == told


async def test_a_new_start_is_made_when_it_is_wished(engine: Engine) -> None:
    engine.error = NotAnswering("-")
    async with away_from(engine):
        await until(lambda: engine.state.own_trouble)
        engine.error = None
        ended = asyncio.Event()
        engine.state.changed.connect(lambda: engine.found.runs or ended.set())
        engine.own.help()
        await ended.wait()
        await until(lambda: engine.found.runs and engine.state.own_trouble is None)


async def test_what_it_was_is_forgotten_on_the_way_back(engine: Engine) -> None:
    engine.error = NotAnswering("-")
    async with away_from(engine):
        await until(lambda: engine.state.own_trouble)
        engine.own.watch(False)
        engine.state.look_at("")
        engine.error = None
        engine.own.watch(True)
        await engine.asked_again()
        assert engine.state.own_trouble is None
