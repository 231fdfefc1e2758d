"""What several folders of tests share."""

import os

import pytest
from filelock import FileLock

from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore

os.environ["HF_HUB_OFFLINE"] = "1"  # nothing here may look for a model hub


@pytest.fixture(scope="session")
def starter_store(tmp_path_factory: pytest.TempPathFactory) -> tuple[LayerStore, Manifest]:
    """A store with the starter model: imported once per test run, also when several workers run it."""
    from engine.weights.starter import import_starter

    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    store = LayerStore(shared / "starter-store")
    with FileLock(shared / "starter-store.lock"):
        return store, import_starter(store)
