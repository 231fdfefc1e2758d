"""The first run: four steps, by click and by key, and what follows from the choice."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from desktop.app_state import Trouble
from desktop.first_run.window import FirstRun
from desktop.main import Desktop, build
from desktop.os_glue.autostart import AtLogin
from engine.api.schema import DonationOrder
from engine.errors import EngineError
from tests.desktop.conftest import in_use, part, until
from tests.desktop.fake_engine import FakeEngine
from tests.desktop.scenes_settings import AutostartInMemory

Use = Callable[[Desktop, FakeEngine, AutostartInMemory], Awaitable[None]]


@pytest.fixture
def first_launch(qapp: QApplication, paths, play) -> Callable[[Use], None]:
    """A desktop that has never run before."""

    def run(use: Use) -> None:
        async def session() -> None:
            engine, autostart = FakeEngine(), AutostartInMemory()
            engine.preferences._told.clear()
            desktop = build(qapp, paths, find=lambda: engine, autostart=autostart, first_run=True)
            async with in_use(desktop):
                await use(desktop, engine, autostart)

        play(session)

    return run


def shown(desktop: Desktop) -> FirstRun:
    assert desktop.first_run is not None
    return desktop.first_run


def press(desktop: Desktop, name: str) -> None:
    QTest.mouseClick(part(shown(desktop), name), Qt.MouseButton.LeftButton)


def test_give_and_chat_by_keys_alone(first_launch) -> None:
    async def use(desktop: Desktop, engine: FakeEngine, autostart: AutostartInMemory) -> None:
        first = shown(desktop)
        assert first.isVisible()
        assert not desktop.window.isVisible()
        forward = part(first, "next", QPushButton)
        for step in range(1, 4):
            assert part(first, "stepCount", QLabel).text() == f"Step {step} of 4"
            QTest.keyClick(forward, Qt.Key.Key_Space)
        assert forward.text() == "Start giving"
        QTest.keyClick(part(first, "startAtLogin"), Qt.Key.Key_Space)
        QTest.keyClick(forward, Qt.Key.Key_Space)
        await until(lambda: desktop.window.isVisible())
        assert desktop.window.page is desktop.home
        assert engine.orders == [DonationOrder(action="start")]
        assert engine.preferences.report().setting("swarm.lan").value is True
        assert autostart.at_login is AtLogin.AS_BEFORE
        assert not FirstRun.is_due(desktop.remembered)

    first_launch(use)


def test_just_this_computer_joins_nobody(first_launch) -> None:
    async def use(desktop: Desktop, engine: FakeEngine, autostart: AutostartInMemory) -> None:
        for _ in range(3):
            press(desktop, "next")
        part(shown(desktop), "justThisComputer").click()
        assert part(shown(desktop), "next", QPushButton).text() == "Start"
        press(desktop, "next")
        await until(lambda: desktop.window.isVisible())
        assert engine.preferences.report().setting("swarm.lan").value is False
        assert engine.orders == [DonationOrder(action="start")]
        assert autostart.at_login is AtLogin.NOTHING

    first_launch(use)


def test_it_tells_what_was_found_and_what_others_see(first_launch) -> None:
    async def use(desktop: Desktop, engine: FakeEngine, autostart: AutostartInMemory) -> None:
        first = shown(desktop)
        await until(lambda: "RTX 4070" in part(first, "foundMachine", QLabel).text())
        assert "NVIDIA RTX 4070 with 12 GB" in part(first, "foundMachine", QLabel).text()
        assert (
            "layers 9–16 of 32 of wide-chat, in int8, with 7.0 GB" in part(first, "foundPlan", QLabel).text()
        )
        await until(lambda: part(first, "foundDisk", QLabel).text().startswith("Layers are kept on the disk"))
        privacy = part(first, "privacy")
        words = " ".join(label.text() for label in privacy.findChildren(QLabel))
        assert "work out from these what was written" in words
        assert "internet address" in words

    first_launch(use)


def test_what_cannot_be_begun_is_said_and_tried_again(first_launch) -> None:
    async def use(desktop: Desktop, engine: FakeEngine, autostart: AutostartInMemory) -> None:
        for _ in range(3):
            press(desktop, "next")
        engine.settings_failure = EngineError("The disk is full: free some of it.")
        press(desktop, "next")
        trouble = part(shown(desktop), "firstRunTrouble", QLabel)
        await until(lambda: trouble.text() == "The disk is full: free some of it.")
        engine.settings_failure = None
        autostart.trouble = PermissionError(13, "Permission denied")
        await until(lambda: part(shown(desktop), "next").isEnabled())
        press(desktop, "next")
        await until(lambda: "Permission denied" in trouble.text())
        assert engine.orders == []
        autostart.trouble = None
        await until(lambda: part(shown(desktop), "next").isEnabled())
        press(desktop, "next")
        await until(lambda: desktop.window.isVisible())

    first_launch(use)


def test_without_an_engine_it_waits_and_may_be_put_off(first_launch) -> None:
    async def use(desktop: Desktop, engine: FakeEngine, autostart: AutostartInMemory) -> None:
        for _ in range(3):
            press(desktop, "next")
        desktop.state.lost(Trouble("Potluck's engine ended."))
        assert not part(shown(desktop), "next").isEnabled()
        assert part(shown(desktop), "firstRunTrouble", QLabel).text() == "Potluck's engine ended."
        press(desktop, "back")
        press(desktop, "next")
        press(desktop, "decideLater")
        await until(lambda: desktop.window.isVisible())
        assert engine.orders == []

    first_launch(use)


def test_it_comes_once_and_a_start_in_the_background_shows_nothing(
    first_launch, qapp: QApplication, paths, play
) -> None:
    async def use(desktop: Desktop, engine: FakeEngine, autostart: AutostartInMemory) -> None:
        assert shown(desktop).isVisible()
        for _ in range(3):
            press(desktop, "next")
        press(desktop, "decideLater")

    first_launch(use)

    async def again() -> None:
        desktop = build(qapp, paths, find=FakeEngine, autostart=AutostartInMemory(), first_run=True)
        assert desktop.first_run is None
        said: list[bool] = []
        desktop.tray.start = lambda: said.append(desktop.window.isVisible())  # finds a tray
        running = asyncio.create_task(desktop.run(background=True))
        await until(lambda: desktop.state.snapshot is not None)
        assert said == [False]
        assert not desktop.window.isVisible()
        desktop.tray.found.emit(False)
        assert desktop.window.isVisible()
        desktop.quit()
        await running
        desktop.window.deleteLater()

    play(again)


def test_closing_it_leaves_and_asks_again_next_time(qapp: QApplication, paths, play) -> None:
    async def session() -> None:
        desktop = build(qapp, paths, find=FakeEngine, autostart=AutostartInMemory(), first_run=True)
        running = asyncio.create_task(desktop.run())
        await until(lambda: desktop.first_run is not None and desktop.first_run.isVisible())
        shown(desktop).close()
        await running
        assert FirstRun.is_due(desktop.remembered)
        desktop.window.deleteLater()

    play(session)
