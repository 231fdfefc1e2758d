"""A screen and a home for each test; the app that runs on them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from desktop.first_run.window import DONE
from engine.settings import Paths
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore
from tests.end_to_end.app import App, running_app
from tests.end_to_end.screen import Screen, own_screen


@pytest.fixture
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    with own_screen(tmp_path_factory.mktemp("home")) as screen:
        yield screen


@pytest.fixture
def paths(tmp_path: Path, starter_store: tuple[LayerStore, Manifest]) -> Paths:
    """A new home, but for the starter model, which it has."""
    store, _ = starter_store
    paths = Paths(tmp_path / "data", tmp_path / "cache", tmp_path / "logs")
    paths.layer_store.parent.mkdir(parents=True)
    paths.layer_store.symlink_to(store.root)
    return paths


@pytest.fixture
def app(screen: Screen, paths: Paths, tmp_path: Path) -> Iterator[App]:
    """One that has been through its first run."""
    remembered = QSettings(str(paths.data / "window.ini"), QSettings.Format.IniFormat)
    remembered.setValue(DONE, "yes")
    remembered.sync()
    with running_app(screen, paths, tmp_path / "desktop-errors.txt") as app:
        yield app
