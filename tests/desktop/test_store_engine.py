"""The pages of the store on a real engine: its local API, its worker, and a start after a move."""

import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QListView

from desktop.layers.list_model import ROW
from desktop.main import Desktop, build
from engine.settings import Paths
from engine.weights.store.layer_store import LayerStore
from tests.desktop.conftest import in_use, part, until
from tests.stored_models import damage, stored_model

ENGINE = (sys.executable, "-m", "tests.stand_in_engine", "run")
ENGINE_SECONDS = 120.0  # to start, on a busy computer


async def named(desktop: Desktop, page: str, text: str) -> None:
    """Wait until one of the page's lines about work begins so."""

    def begins() -> bool:
        lines = getattr(desktop, page).findChildren(QLabel, "transfer")
        return any(line.text().startswith(text) for line in lines)

    await until(begins, ENGINE_SECONDS)


def test_checking_and_moving_a_store(
    qapp: QApplication, play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POTLUCK_HOME", str(tmp_path / "home"))
    paths = Paths.from_environment()
    old, new = LayerStore(paths.layer_store), LayerStore(tmp_path / "disk")
    manifest = stored_model(old, "Stew")
    damage(old, manifest.layers[1])

    async def session() -> None:
        desktop = build(qapp, paths, command=ENGINE)
        async with in_use(desktop, ENGINE_SECONDS):
            await check(desktop)
            await move(desktop)

    async def check(desktop: Desktop) -> None:
        desktop.window.open_page(desktop.layers)
        rows = part(desktop.layers, "layerList", QListView).model()
        await until(lambda: rows.rowCount() == 1)
        part(desktop.layers, "verifyAll").click()
        await named(desktop, "layers", "1 of 5 parts was damaged and is removed. Stew lacks layer 2 now")
        await until(lambda: "2 of 3 layers" in rows.index(0).data(ROW).words)

    async def move(desktop: Desktop) -> None:
        part(desktop.layers, "moveStore").click()
        dialog = part(desktop.window, "chooseStore", QFileDialog)
        dialog.fileSelected.emit(str(new.root))
        dialog.reject()
        await until(part(desktop.layers, "restartEngine").isVisible, ENGINE_SECONDS)
        assert old.has(manifest.shell)
        part(desktop.layers, "restartEngine").click()
        path = part(desktop.layers, "storePath", QLabel)
        await until(lambda: path.isVisible() and path.accessibleName() == str(new.root), ENGINE_SECONDS)

    play(session)
    assert new.manifests() == (manifest,)
    assert new.verify().damaged == ()
    assert [new.has(layer) for layer in manifest.layers] == [True, False, True]
    assert not old.root.exists()
