"""States of the pages Models and Layers, for the screenshots."""

import asyncio
from collections.abc import Awaitable, Callable

from PySide6.QtWidgets import QAbstractButton, QListView

from desktop.app_state import Trouble
from desktop.main import Desktop
from engine.api.schema import Snapshot
from engine.errors import DiskFull
from tests.desktop.fake_engine import FakeEngine, make_snapshot
from tests.desktop.fakes_store import DEEP, MOVING, STORE, THIN, WORKING, stored, with_transfers
from tests.desktop.told import FULL_DISK

Scene = Callable[[Desktop, FakeEngine], Awaitable[None]]
SWARM = make_snapshot().model_copy(update={"models": (*make_snapshot().models, DEEP, THIN)})
NOTHING = STORE.model_copy(update={"models": (), "held_size": 0})
MANY = tuple(
    stored(f"Model-{at:02}-{at * 3}B", f"m{at}", 126, 200_000_000, here=((at, at + 4 * at),))
    for at in range(30)
)


def models(snapshot: Snapshot = SWARM) -> Scene:
    async def play(desktop: Desktop, engine: FakeEngine) -> None:
        engine.become(snapshot)
        desktop.window.open_page(desktop.models)

    return play


async def models_empty(desktop: Desktop, engine: FakeEngine) -> None:
    engine.store_status = NOTHING
    engine.become(SWARM.model_copy(update={"models": (), "servers": ()}))
    desktop.window.open_page(desktop.models)


async def models_lost(desktop: Desktop, engine: FakeEngine) -> None:
    await models()(desktop, engine)
    await asyncio.sleep(0.3)
    desktop.state.lost(Trouble("Potluck's engine crashed: the graphics driver was lost."))


async def models_catalogue(desktop: Desktop, engine: FakeEngine) -> None:
    engine.store_status = NOTHING
    engine.become(SWARM.model_copy(update={"models": SWARM.models[:1], "servers": ()}))
    desktop.window.open_page(desktop.models)
    button = desktop.models.findChild(QAbstractButton, "openCatalogue")
    button.click()


def layers(snapshot: Snapshot = SWARM, **store: object) -> Scene:
    async def play(desktop: Desktop, engine: FakeEngine) -> None:
        engine.store_status = STORE.model_copy(update=store)
        engine.become(snapshot)
        desktop.window.open_page(desktop.layers)

    return play


async def layers_selected(desktop: Desktop, engine: FakeEngine) -> None:
    await layers()(desktop, engine)
    await _until_rows(desktop)
    view = desktop.layers.findChild(QListView, "layerList")
    view.setCurrentIndex(view.model().index(1))


async def _until_rows(desktop: Desktop) -> None:
    from tests.desktop.conftest import until

    await until(lambda: desktop.layers.findChild(QListView, "layerList").model().rowCount())


async def layers_failed(desktop: Desktop, engine: FakeEngine) -> None:
    await layers()(desktop, engine)
    engine.store_failure = DiskFull(FULL_DISK)
    desktop.keeper.verify()


async def layers_lost(desktop: Desktop, engine: FakeEngine) -> None:
    await layers()(desktop, engine)
    await asyncio.sleep(0.3)
    desktop.state.lost(Trouble("Potluck's engine crashed: the graphics driver was lost."))


STORE_SCENES: dict[str, Scene] = {
    "models": models(),
    "models-working": models(with_transfers(SWARM, *WORKING)),
    "models-empty": models_empty,
    "models-catalogue": models_catalogue,
    "models-lost": models_lost,
    "layers": layers(),
    "layers-selected": layers_selected,
    "layers-working": layers(with_transfers(SWARM, *WORKING, MOVING)),
    "layers-empty": layers(models=(), held_size=0),
    "layers-many": layers(models=MANY),
    "layers-moved": layers(next_path="/media/ada/large/potluck-layers"),
    "layers-begun": layers(begun_path="/media/ada/large/potluck-layers"),
    "layers-away": layers(absent_path="/media/ada/large/potluck-layers"),
    "layers-failed": layers_failed,
    "layers-lost": layers_lost,
}
