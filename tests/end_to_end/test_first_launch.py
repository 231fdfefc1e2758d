"""The very first launch: from the welcome to a computer that serves itself."""

import sys
from pathlib import Path

import pytest

from desktop.first_run.window import FirstRun
from desktop.os_glue.remembered import Remembered
from engine.preferences.settings_file import SettingsFile
from engine.settings import Paths
from engine.weights.starter import STARTER_NAME
from tests.end_to_end.app import running_app
from tests.end_to_end.screen import Screen

pytestmark = [
    pytest.mark.starter,
    pytest.mark.window,
    pytest.mark.skipif(sys.platform != "linux", reason="drives the window through an X server"),
]


def test_from_the_welcome_to_giving(screen: Screen, paths: Paths, tmp_path: Path) -> None:
    with running_app(screen, paths, tmp_path / "desktop-errors.txt") as app:
        for _ in range(3):
            app.click("next")
        app.see("startAtLogin")
        app.picture("first-run-choice")
        app.click("justThisComputer")
        app.click("next")
        app.sees("sentence", f"Ready: layers 1–30 of 30 of {STARTER_NAME}")
        assert not FirstRun.is_due(Remembered(paths.data))
        assert SettingsFile(paths.settings_file).read().values == {"swarm.lan": False}
