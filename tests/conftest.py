"""What several folders of tests share."""

import os

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore

os.environ["HF_HUB_OFFLINE"] = "1"  # nothing here may look for a model hub
# However slow the computer is. Other examples at each run: --hypothesis-profile=search
settings.register_profile(
    "search", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("same", settings.get_profile("search"), derandomize=True)
settings.load_profile("same")  # what has passed passes again
_WITH_WINDOWS = {"desktop", "end_to_end"}  # folders of tests that share a screen, a focus and a clipboard


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where several workers run the tests, each file goes to one of them, and all windows to the same one."""
    for item in items:
        shared = _WITH_WINDOWS.intersection(item.path.parts)
        item.add_marker(pytest.mark.xdist_group("windows" if shared else str(item.path)))


@pytest.fixture(scope="session")
def starter_store(tmp_path_factory: pytest.TempPathFactory) -> tuple[LayerStore, Manifest]:
    """A store with the starter model: imported once per test run, also when several workers run it."""
    from engine.weights.starter import import_starter

    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    store = LayerStore(shared / "starter-store")
    with FileLock(shared / "starter-store.lock"):
        return store, import_starter(store)
