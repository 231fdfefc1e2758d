import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from engine.giving.decisions import Decisions
from engine.giving.giving import Giving
from engine.giving.survey import Survey
from engine.machine.facts import Gpu, Machine
from engine.machine.known_speeds import SpeedBook
from engine.settings import Paths, ReplanSettings, Settings
from engine.swarm_client import SwarmClient
from engine.weights.store.layer_store import LayerStore
from tests.giving.stand_ins import Company, Script, Shop
from tests.stand_in_engine import MANIFEST, EchoReplies, host_command, read_machine

Begin = Callable[..., Awaitable[Giving]]
QUICK = ReplanSettings(every=(30.0, 30.0), after_loss=0.0, settle=0.05, look=0.02)


def machine_with_cards() -> Machine:
    cards = tuple(Gpu(index, uid=uid) for index, uid in enumerate(("one", "two", "two: 2")))
    return dataclasses.replace(read_machine(), gpus=cards)


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(paths=Paths(tmp_path / "data", tmp_path / "cache", tmp_path / "logs"), replan=QUICK)


@pytest.fixture
async def begin(settings: Settings, shop: Shop, script: Script) -> AsyncIterator[Begin]:
    """`begin(manner, others)`: giving with block servers that behave so; its node is connected to so many."""
    begun: list[Giving] = []

    async def start(manner: str = "good", others: int = 0, **changes: object) -> Giving:
        changed = dataclasses.replace(settings, **changes)
        store = LayerStore(changed.paths.layer_store)
        store.root.mkdir(parents=True, exist_ok=True)
        (store.root / "damaged").touch()
        book = SpeedBook(changed.paths.speeds)
        decisions = Decisions(Survey(store, changed.host, machine_with_cards, book), script, book)
        giving = Giving(changed, store, decisions, host_command(manner), lambda: None)
        begun.append(giving)
        await giving.use(MANIFEST)
        await giving.join(SwarmClient(Company(others), shop, EchoReplies()))
        return giving

    yield start
    for giving in begun:
        await giving.close()
