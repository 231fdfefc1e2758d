"""A real engine, steered from a window that speaks German."""

import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel

from desktop.main import Desktop, build
from desktop.os_glue.language import speak
from engine.settings import Paths
from tests.desktop.conftest import in_use, part, until

ENGINE = (sys.executable, "-m", "tests.stand_in_engine", "run")
ENGINE_SECONDS = 120.0  # to start, on a busy computer


def test_the_engine_s_reasons_and_errors_are_said_in_german(
    silenced_after: QApplication, play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POTLUCK_HOME", str(tmp_path / "home"))
    speak(silenced_after, "de")
    paths = Paths.from_environment()
    store = paths.layer_store

    async def session() -> None:
        desktop = build(silenced_after, paths, command=ENGINE)
        async with in_use(desktop, ENGINE_SECONDS):
            await give(desktop)
            await order_nonsense(desktop)

    async def give(desktop: Desktop) -> None:
        start = part(desktop.home, "start")
        await until(start.isVisible, ENGINE_SECONDS)
        start.click()
        await until(lambda: desktop.home.findChild(QLabel, "why"), ENGINE_SECONDS)
        why = part(desktop.home, "why", QLabel).text()
        assert why.startswith("Alle 4 Schichten von tiny in ")
        assert "Gewichte passen mit" in why
        assert why.endswith(" benutzt werden dürfen.")

    async def order_nonsense(desktop: Desktop) -> None:
        desktop.window.open_page(desktop.layers)
        await until(part(desktop.layers, "moveStore").isVisible, ENGINE_SECONDS)
        part(desktop.layers, "moveStore").click()
        dialog = part(desktop.window, "chooseStore", QFileDialog)
        dialog.fileSelected.emit(str(store))
        dialog.reject()
        told = part(desktop.layers, "storeSaid", QLabel)
        await until(lambda: told.text(), ENGINE_SECONDS)
        assert told.text() == f"Die Schichten liegen jetzt in {store}: Wähle einen Ordner anderswo."

    play(session)
