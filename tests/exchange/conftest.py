"""A swarm in memory whose servers pass parts on, each by its own manners; and small models without torch."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.weights.store.layer_store import LayerStore
from tests.exchange.memory_swarm import MemorySwarm
from tests.exchange.small_parts import SmallModel, small_model


@pytest.fixture(scope="session")
def model() -> SmallModel:
    return small_model()


@pytest.fixture
def store(tmp_path: Path) -> LayerStore:
    """Of whoever fetches."""
    return LayerStore(tmp_path / "mine")


@pytest.fixture
async def swarm(tmp_path: Path) -> AsyncIterator[MemorySwarm]:
    async with MemorySwarm(tmp_path) as swarm:
        yield swarm
