from pathlib import Path

import pytest

from engine.weights.store.layer_store import LayerStore


@pytest.fixture
def store(tmp_path: Path) -> LayerStore:
    return LayerStore(tmp_path / "layers")
