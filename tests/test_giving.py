"""What happens between the wish to give and a block server that serves: the layers have to be there."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path

import pytest

from engine.api.schema import DonationOrder, ServerPhase
from engine.errors import DiskFull, HubUnreachable, PartsMissing
from engine.exchange.progress import FetchProgress
from engine.giving import Giving
from engine.settings import Paths, Settings
from engine.supervisor.decide import Stage
from engine.swarm_client import SwarmClient
from engine.weights.manifest import Manifest, Part
from engine.weights.store.layer_store import LayerStore

from .stand_in_engine import MANIFEST, EchoReplies, StandInNode, host_command, read_machine

START = DonationOrder(action="start")
PAUSE = DonationOrder(action="pause")


class Shop:
    """Layers that are missing until `get` has brought them, when `open` lets it."""

    def __init__(self) -> None:
        self.missing = True
        self.open = asyncio.Event()
        self.failures: list[Exception] = []
        self.asked = 0
        self.left = 0

    def lacks(self, parts: Iterable[Part]) -> bool:
        return self.missing

    async def get(
        self, manifest: Manifest, parts: Iterable[Part], on_progress: Callable[[FetchProgress], None]
    ) -> None:
        self.asked += 1
        if self.failures:
            raise self.failures.pop()
        on_progress(FetchProgress(1, 4, peers=("peer",)))
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.left += 1
            on_progress(FetchProgress(2, 4))  # as of what was under way on disk
            raise
        self.missing = False


@pytest.fixture
def shop() -> Shop:
    return Shop()


Begin = Callable[..., Awaitable[Giving]]


@pytest.fixture
async def begin(tmp_path: Path, shop: Shop) -> AsyncIterator[Begin]:
    begun: list[Giving] = []

    async def start(manner: str = "good") -> Giving:
        settings = Settings(paths=Paths(tmp_path / "data", tmp_path / "cache", tmp_path / "logs"))
        store = LayerStore(settings.paths.layer_store)
        store.root.mkdir(parents=True, exist_ok=True)
        (store.root / "damaged").touch()
        giving = Giving(settings, store, read_machine, host_command(manner), lambda view: None)
        begun.append(giving)
        await giving.use(MANIFEST)
        await giving.join(SwarmClient(StandInNode(), shop, EchoReplies()))
        return giving

    yield start
    for giving in begun:
        await giving.close()


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 (plain values)
            await asyncio.sleep(0.01)


async def test_layers_come_first_and_are_served_then(begin: Begin, shop: Shop):
    giving = await begin()
    assert (giving.view.pid, giving.fetching) == (None, None)
    await giving.order(START)
    await until(lambda: giving.fetching)
    assert (giving.fetching.done_bytes, giving.fetching.total_bytes, giving.fetching.peers) == (1, 4, 1)
    assert (giving.view.pid, giving.serving) == (None, None)
    shop.open.set()
    await until(lambda: giving.online)
    assert giving.fetching is None
    assert giving.serving.layers == (0, MANIFEST.n_layers)


async def test_a_pause_ends_the_fetching(begin: Begin, shop: Shop):
    giving = await begin()
    await giving.order(START)
    await until(lambda: giving.fetching)
    await giving.order(PAUSE)
    await until(lambda: shop.left)
    assert (giving.fetching, giving.view.state.stage) == (None, Stage.STOPPED)
    await giving.order(START)
    shop.open.set()
    await until(lambda: giving.online)
    assert shop.asked == 2


async def test_a_fetch_that_was_stopped_is_not_shown_as_going_on(begin: Begin, shop: Shop):
    giving = await begin()
    await giving.order(START)
    await until(lambda: giving.fetching)
    await giving.order(PAUSE)
    await until(lambda: shop.left)
    shop.missing = False  # they came by some other way
    await giving.order(START)
    await until(lambda: giving.online)
    assert giving.fetching is None


@pytest.mark.parametrize(
    "failure", [PartsMissing("Nobody has layer 2 of tiny: wait."), HubUnreachable("The hub is away: wait.")]
)
async def test_what_nobody_has_is_asked_for_again(begin: Begin, shop: Shop, monkeypatch, failure):
    monkeypatch.setattr("engine.giving.FETCH_AGAIN_SECONDS", 0.05)
    shop.failures = [failure]
    shop.open.set()
    giving = await begin()
    seen = []
    giving._on_change = lambda view: seen.append(giving.fetch_failure)
    await giving.order(START)
    await until(lambda: giving.online)
    assert failure in seen
    assert giving.fetch_failure is None


@pytest.mark.parametrize("failure", [DiskFull("The disk is full: free some space."), OSError(5, "broken")])
async def test_a_failure_is_said_and_start_tries_again(begin: Begin, shop: Shop, failure):
    shop.failures = [failure]
    shop.open.set()
    giving = await begin()
    await giving.order(START)
    await until(lambda: giving.fetch_failure)
    assert giving.view.pid is None
    await giving.order(START)
    await until(lambda: giving.online)


async def test_damaged_layers_are_fetched_anew(begin: Begin, shop: Shop):
    shop.open.set()
    giving = await begin("damaged_once")
    shop.missing = False
    on_server = giving._on_server

    def lose(view) -> None:
        shop.missing = shop.missing or view.state.misses_parts
        on_server(view)

    giving._supervisor._on_change = lose
    await giving.order(START)
    await until(lambda: giving.online)
    assert shop.asked == 1
    assert giving.view.report.phase is ServerPhase.ONLINE


async def test_a_store_that_takes_no_pins_is_said(begin: Begin, shop: Shop, monkeypatch):
    giving = await begin()
    with monkeypatch.context() as broken:
        broken.setattr(giving._store, "in_use", refuse)
        await giving.order(START)
        assert isinstance(giving.fetch_failure, DiskFull)
    shop.open.set()
    await giving.order(START)
    await until(lambda: giving.online)


def refuse(parts) -> None:
    raise DiskFull("The disk is full: free some space.")


async def test_layers_stay_pinned_while_others_are_planned(begin: Begin, shop: Shop, monkeypatch):
    """`order` plans and pins anew: at no moment may the layers be free to go."""
    giving = await begin()
    await giving.order(START)
    store, first = giving._store, MANIFEST.layers[0].digest
    pinned: list[bool] = []
    in_use = store.in_use

    def look_then_pin(parts):
        pinned.append(first in store._pins.in_use())
        return in_use(parts)

    monkeypatch.setattr(store, "in_use", look_then_pin)
    await giving.order(START)
    assert pinned == [True]
