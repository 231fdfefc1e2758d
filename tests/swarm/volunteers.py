"""Computers whose owners say no more than how much memory they may use: real plans, real block servers."""

import asyncio
import dataclasses
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from engine.api.schema import DonationOrder, ServerPhase, ServerStatus
from engine.exchange.fetching import Fetcher, FetchSettings
from engine.giving.candidates import Alone
from engine.giving.decisions import Decisions, Planner
from engine.giving.giving import Giving
from engine.giving.survey import Standing, Survey
from engine.machine.facts import Machine
from engine.machine.known_speeds import SpeedBook
from engine.machine.read import read_machine
from engine.planning.planner import plan
from engine.planning.plans import PlacePlan
from engine.planning.situation import Situation
from engine.private_swarm import PrivateSwarm
from engine.settings import HostSettings, Paths, ReplanSettings, Settings
from engine.supervisor.supervisor import HOST_COMMAND
from engine.supply.reimport import Reimport
from engine.supply.supply import Supply
from engine.swarm_client import SwarmClient
from engine.transfers.board import TransferBoard

OFTEN = ReplanSettings(every=(1.0, 3.0), after_loss=1.0, settle=2.0, look=0.5)
PATIENCE = 240.0  # seconds: a server starts anew, beside all others
STEP = 4 << 20  # bytes


class _NoReplies:
    def close(self) -> None:
        """Nothing is held."""


class Volunteer:
    """One computer. It looks around through the swarm's first node, and has block servers of its own."""

    def __init__(
        self,
        home: Path,
        swarm: PrivateSwarm,
        wishes: HostSettings,
        machine: Callable[[], Machine],
        planner: Planner,
        replan: ReplanSettings,
    ) -> None:
        paths = Paths(home / "data", home / "cache", home / "logs")
        paths.layer_store.parent.mkdir(parents=True)
        paths.layer_store.symlink_to(swarm.store.root)
        board, book = TransferBoard(lambda: None), SpeedBook(paths.speeds)
        fetcher = Fetcher(swarm.node, swarm.directory, swarm.store, FetchSettings())
        supply = Supply(swarm.store, swarm.directory, fetcher, Reimport(swarm.store), board)
        survey = Survey(swarm.store, wishes, machine, book)
        settings = Settings(paths=paths, host=wishes, replan=replan)
        decisions = Decisions(survey, self._plan, book)
        self.giving = Giving(settings, swarm.store, decisions, HOST_COMMAND, lambda: None)
        self.decisions = 0
        self._planner = planner
        self._swarm = swarm
        self._client = SwarmClient(swarm.node, supply, _NoReplies())
        self._watching: asyncio.Task[None] | None = None

    def _plan(self, situation: Situation) -> tuple[PlacePlan, ...]:
        self.decisions += 1
        return self._planner(situation)

    async def start(self) -> None:
        """The owner presses Start."""
        self._watching = asyncio.create_task(self.giving.watch())
        await self.giving.use(self._swarm.manifest)
        await self.giving.join(self._client)
        await self.giving.order(DonationOrder(action="start"))

    async def online(self) -> "Volunteer":
        await until(lambda: self.serves)
        return self

    @property
    def serves(self) -> bool:
        """And is not about to move."""
        online = [server.phase is ServerPhase.ONLINE for server in self.servers]
        return bool(online) and all(online) and not any(post.moves_to for post in self.giving.posts)

    @property
    def servers(self) -> tuple[ServerStatus, ...]:
        return self.giving.servers

    @property
    def span(self) -> tuple[int, int]:
        [server] = self.servers
        return server.start, server.end

    async def vanish(self) -> None:
        """Without a word: the block server is killed, and nobody starts it again."""
        for server in self.servers:
            os.kill(server.pid, signal.SIGKILL)
        await self.giving.order(DonationOrder(action="pause"))

    async def close(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await self.giving.close()


class Volunteers:
    def __init__(self, folder: Path, swarm: PrivateSwarm, replan: ReplanSettings = OFTEN) -> None:
        self._folder = folder
        self._swarm = swarm
        self._replan = replan
        self._all: list[Volunteer] = []

    def one(
        self,
        wishes: HostSettings,
        machine: Callable[[], Machine] = read_machine,
        planner: Planner = plan,
    ) -> Volunteer:
        home = self._folder / str(len(self._all))
        self._all.append(Volunteer(home, self._swarm, wishes, machine, planner, self._replan))
        return self._all[-1]

    async def wishes_for(self, layers: int) -> HostSettings:
        """So little memory that just about so many layers fit."""
        wishes = HostSettings(precision="float32", threads=1, memory_bytes=512 << 20)
        survey = Survey(self._swarm.store, wishes, read_machine, SpeedBook(self._folder / "no-speeds.json"))
        surveyed = await survey.situation(Alone(self._swarm.store), Standing(), self._swarm.manifest)
        situation = surveyed.situation
        while _layers(situation) < layers:
            more = dataclasses.replace(situation.wishes, memory_bytes=situation.wishes.memory_bytes + STEP)
            situation = dataclasses.replace(situation, wishes=more)
        return situation.wishes

    async def close(self) -> None:
        await asyncio.gather(*(volunteer.close() for volunteer in self._all))


def _layers(situation: Situation) -> int:
    [planned] = plan(situation)
    return planned.plan.end - planned.plan.start if planned.plan else 0


@asynccontextmanager
async def volunteers(
    folder: Path, swarm: PrivateSwarm, replan: ReplanSettings = OFTEN
) -> AsyncIterator[Volunteers]:
    everybody = Volunteers(folder, swarm, replan)
    try:
        yield everybody
    finally:
        await everybody.close()


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 (plain values)
            await asyncio.sleep(0.05)
