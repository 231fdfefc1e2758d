"""A supply, a swarm and a planner that do as a test says."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

from engine.exchange.progress import FetchProgress
from engine.giving.giving import Giving
from engine.planning.plans import HostPlan, MemoryPlan, PlacePlan
from engine.planning.situation import Situation
from engine.weights.manifest import Manifest, Part
from engine.wire.records import SpanRecord
from tests.stand_in_engine import MANIFEST, StandInNode

RATE = 3e6  # bytes per second, of what comes


class Shop:
    """Layers that are missing until `get` has brought them, when `open` lets it."""

    def __init__(self) -> None:
        self.missing = True
        self.open = asyncio.Event()
        self.failures: list[Exception] = []
        self.asked = 0
        self.left = 0
        self.others: tuple[SpanRecord, ...] = ()
        self.models = {MANIFEST.digest: MANIFEST}
        self.answers = asyncio.Event()  # the swarm does
        self.answers.set()
        self.looked_up = 0

    async def records(self) -> tuple[SpanRecord, ...]:
        self.looked_up += 1
        await self.answers.wait()
        return self.others

    async def described(self, record: SpanRecord) -> Manifest:
        return self.models[record.model]

    async def find(self, name: str) -> Manifest:
        return MANIFEST

    def lacks(self, parts: Iterable[Part]) -> bool:
        return self.missing

    async def get(
        self, manifest: Manifest, parts: Iterable[Part], on_progress: Callable[[FetchProgress], None]
    ) -> None:
        self.asked += 1
        if self.failures:
            raise self.failures.pop()
        on_progress(FetchProgress(1, 4, bytes_per_s=RATE, peers=("peer",)))
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.left += 1
            on_progress(FetchProgress(2, 4))  # as of what was under way on disk
            raise
        self.missing = False


class Company(StandInNode):
    """A node with so many others around."""

    def __init__(self, others: int = 0) -> None:
        super().__init__()
        self.others = others

    async def peers(self) -> int:
        return self.others


def host_plan(start: int = 0, end: int = 4, place: str = "cpu") -> HostPlan:
    return HostPlan(
        place=place,
        device="cpu",
        device_name=place,
        model=MANIFEST.digest,
        model_name=MANIFEST.name,
        n_layers=MANIFEST.n_layers,
        start=start,
        end=end,
        precision="float32",
        layer_precisions=("float32",) * (end - start),
        threads=1,
        memory=MemoryPlan(1 << 30, 0, 1 << 20, 1 << 20, 0, 0, 0),
        cache_tokens=100,
        tokens_per_s=10.0,
        why=f"Nobody serves layers {start + 1}–{end}.",
    )


def no_plan(place: str, regret: str) -> PlacePlan:
    return PlacePlan(place, place, None, regret=regret)


class Script:
    """A planner that says what the test wrote last."""

    def __init__(self, *plans: HostPlan | PlacePlan) -> None:
        self.situations: list[Situation] = []
        self.fails: Exception | None = None
        self.write(*(plans or (host_plan(),)))

    def write(self, *plans: HostPlan | PlacePlan) -> None:
        self._plans = tuple(
            PlacePlan(plan.place, plan.device_name, plan) if isinstance(plan, HostPlan) else plan
            for plan in plans
        )

    def __call__(self, situation: Situation) -> tuple[PlacePlan, ...]:
        self.situations.append(situation)
        if self.fails:
            raise self.fails
        return self._plans


@asynccontextmanager
async def watched(giving: Giving) -> AsyncIterator[None]:
    """While it thinks again from time to time."""
    watching = asyncio.create_task(giving.watch())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
