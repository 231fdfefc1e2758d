"""Desktop tests draw without a screen, in an event loop that Qt drives, each in a folder of its own."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import qasync
from PySide6.QtCore import QLocale, QtMsgType, QTranslator
from PySide6.QtWidgets import QApplication, QWidget

from desktop.main import Desktop, build
from engine.settings import Paths
from tests.desktop.fake_engine import FakeEngine

PATIENCE = 30.0  # seconds that a condition may take to come true
Play = Callable[[], Coroutine[Any, Any, None]]


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "data", tmp_path / "cache", tmp_path / "logs")


@pytest.fixture
def home(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """Where engines that a test starts as processes keep what they keep."""
    monkeypatch.setenv("POTLUCK_HOME", str(paths.data.parent))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    return paths


@pytest.fixture(autouse=True)
def own_autostart_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests keeps what starts at login."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Whatever language the computer speaks on which the tests run."""
    QLocale.setDefault(QLocale(QLocale.Language.English))
    yield
    QLocale.setDefault(QLocale(QLocale.Language.English))


@pytest.fixture
def silenced_after(qapp: QApplication) -> Iterator[QApplication]:
    """Qt, which speaks English again when the test ends."""
    earlier = qapp.findChildren(QTranslator)
    yield qapp
    for translator in qapp.findChildren(QTranslator):
        if translator not in earlier:
            qapp.removeTranslator(translator)
            translator.deleteLater()


@pytest.fixture
def play(qapp: QApplication) -> Iterator[Callable[[Play], None]]:
    """Runs a coroutine function with Qt and asyncio in one loop. A failed task or callback fails the test."""
    qapp.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(qapp)
    faults: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: faults.append(context))
    asyncio.set_event_loop(loop)
    yield lambda run: loop.run_until_complete(asyncio.wait_for(run(), 240))
    loop.close()
    asyncio.set_event_loop(None)
    assert not faults


@pytest.fixture
def with_desktop(qapp: QApplication, paths: Paths, play: Callable[[Play], None]) -> Callable[..., None]:
    """Opens a desktop on a fake engine, lets the test use it, and quits it."""

    def run(use: Callable[[Desktop, FakeEngine], Awaitable[None]]) -> None:
        async def session() -> None:
            engine = FakeEngine()
            desktop = build(qapp, paths, find=lambda: engine)
            async with in_use(desktop):
                await use(desktop, engine)

        play(session)

    return run


@asynccontextmanager
async def in_use(desktop: Desktop, seconds: float = PATIENCE) -> AsyncIterator[None]:
    """From when it has reached its engine, in so many seconds, until it is quit."""
    running = asyncio.create_task(desktop.run())
    try:
        await until(lambda: desktop.state.snapshot is not None, seconds)
        yield
    finally:
        desktop.quit()
        await running
        desktop.window.deleteLater()


async def until(happened: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait for something that will be true soon."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not happened():
        assert asyncio.get_running_loop().time() < deadline, "It did not happen"
        await asyncio.sleep(0.01)


def part(parent: QWidget, name: str, kind: type = QWidget) -> Any:
    """The control of that object name. With several, the last."""
    found = parent.findChildren(kind, name)
    assert found, f"There is no {name}"
    return found[-1]


HARMLESS = (  # what the offscreen platform says of itself
    "This plugin does not support",
    "QObject::connect: No such signal QPlatformNativeInterface::systemTrayWindowChanged",
)


@pytest.fixture(autouse=True)
def quiet_qt(qtlog: Any) -> Iterator[None]:
    """A warning of Qt's own fails the test."""
    yield
    loud = [
        record.message
        for record in qtlog.records
        if record.type in (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg)
        and not record.message.startswith(HARMLESS)
    ]
    assert not loud
