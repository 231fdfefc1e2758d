"""`python -m tests.desktop.screenshots OUTDIR [--language de] [--width 760] [SCENE…]` draws pages and states.

All scenes unless some are named, in light and in dark.
"""

import argparse
import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp()  # what starts at login stays as it is

import qasync
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QLineEdit, QToolButton

from desktop.app_state import Trouble
from desktop.main import Desktop, build
from desktop.os_glue.language import ENGLISH, LANGUAGES, speak
from desktop.window import FIRST_SIZE
from engine.api.schema import Reason, Snapshot
from engine.errors import MissingLayers, NotRunning
from engine.settings import Paths
from tests.desktop.conftest import until
from tests.desktop.fake_engine import ARRIVING, TINY, WIDE, FakeEngine, make_snapshot
from tests.desktop.sample_answer import ANSWER
from tests.desktop.scenes_chat import CHAT_SCENES
from tests.desktop.scenes_engine import ENGINE_SCENES
from tests.desktop.scenes_settings import SETTINGS_SCENES
from tests.desktop.scenes_store import STORE_SCENES
from tests.desktop.scenes_swarm import SCENES as SWARM_SCENES
from tests.desktop.told import NO_FIT

Scene = Callable[[Desktop, FakeEngine], Awaitable[None]]


async def settle(seconds: float = 0.25) -> None:
    await asyncio.sleep(seconds)


def home(snapshot: Snapshot) -> Scene:
    async def play(desktop: Desktop, engine: FakeEngine) -> None:
        engine.become(snapshot)

    return play


async def lost(desktop: Desktop, engine: FakeEngine) -> None:
    desktop.state.lost(Trouble("Potluck's engine crashed: the graphics driver was lost."))


async def starting(desktop: Desktop, engine: FakeEngine) -> None:
    desktop.state.starting()


async def empty_chat(desktop: Desktop, engine: FakeEngine) -> None:
    desktop.window.open_page(desktop.chat)


async def answered(desktop: Desktop, engine: FakeEngine) -> None:
    desktop.window.open_page(desktop.chat)
    for title in ("Names for a sourdough starter", "Explain attention like a recipe", "Trip to the lake"):
        desktop.conductor.store.create(title)
    engine.pieces = ("Gladly.",)
    await ask(desktop, "Hi! Can you help me cook?")
    engine.pieces = (ANSWER,)
    await ask(desktop, "How do I make a good stock, and how much water do I need for 1.5 kg of bones?")


async def top_of_answer(desktop: Desktop, engine: FakeEngine) -> None:
    await answered(desktop, engine)
    desktop.chat.messages.verticalScrollBar().setValue(0)


async def searched(desktop: Desktop, engine: FakeEngine) -> None:
    await answered(desktop, engine)
    desktop.chat.findChild(QLineEdit, "searchChats").setText("bones")


async def deleted(desktop: Desktop, engine: FakeEngine) -> None:
    await answered(desktop, engine)
    desktop.chat.findChild(QAction, "deleteConversation").trigger()


async def served(desktop: Desktop, engine: FakeEngine) -> None:
    await answered(desktop, engine)
    desktop.chat.findChildren(QToolButton, "servers")[-1].click()
    desktop.chat.findChildren(QToolButton, "regenerate")[-1].click()
    await settle(0.5)
    desktop.chat.findChildren(QToolButton, "servers")[-1].click()


async def without_tray(desktop: Desktop, engine: FakeEngine) -> None:
    desktop.tray.found.emit(False)


async def streaming(desktop: Desktop, engine: FakeEngine) -> None:
    desktop.window.open_page(desktop.chat)
    engine.pieces, engine.hold = (ANSWER[:430],), True
    await ask(desktop, "How do I make a good stock?")


async def broken(desktop: Desktop, engine: FakeEngine) -> None:
    desktop.window.open_page(desktop.chat)
    engine.pieces, engine.failure = (
        ("A stock is the base of a soup. It begins with",),
        NotRunning("The engine ended."),
    )
    await ask(desktop, "How do I make a good stock?")
    engine.pieces, engine.failure = (), MissingLayers("wide-chat", ((8, 16),), 32)
    await ask(desktop, "Are you still there?")


async def ask(desktop: Desktop, text: str) -> None:
    await settle(0.1)
    desktop.chat.composer.text.setPlainText(text)
    desktop.chat.composer.findChild(object, "send").click()
    await settle()


SCENES: dict[str, Scene] = {
    "home-serving": home(make_snapshot()),
    "home-ready": home(make_snapshot(Reason.READY)),
    "home-never-started": home(
        make_snapshot(Reason.NEVER_STARTED, None).model_copy(update={"models": (TINY,)})
    ),
    "home-paused": home(make_snapshot(Reason.PAUSED_UNTIL, None, until="18:30")),
    "home-waiting": home(
        make_snapshot(
            Reason.MISSING_LAYERS, missing=8, ranges="9–16", model="wide-chat", n_layers=32
        ).model_copy(update={"models": (WIDE,)})
    ),
    "home-fetching": home(
        make_snapshot(Reason.FETCHING_LAYERS, None, percent=37).model_copy(update={"transfers": ARRIVING})
    ),
    "home-finishing": home(make_snapshot(Reason.FINISHING)),
    "home-problem": home(make_snapshot(Reason.NOT_ENOUGH_MEMORY, None, detail=NO_FIT)),
    "home-starting": starting,
    "home-lost": lost,
    "chat-empty": empty_chat,
    "chat-answered": answered,
    "chat-answered-top": top_of_answer,
    "chat-streaming": streaming,
    "chat-broken": broken,
    "chat-searched": searched,
    "chat-deleted": deleted,
    "chat-served": served,
    "home-without-tray": without_tray,
    **CHAT_SCENES,
    **SWARM_SCENES,
    **STORE_SCENES,
    **SETTINGS_SCENES,
    **ENGINE_SCENES,
}


async def draw(app: QApplication, scene: Scene, scheme: Qt.ColorScheme, width: int, file: Path) -> None:
    engine = FakeEngine()
    with tempfile.TemporaryDirectory() as home_folder:
        root = Path(home_folder)
        desktop = build(
            app, Paths(root / "data", root / "cache", root / "logs"), find=lambda: engine, scheme=scheme
        )
        desktop.window.resize(width, FIRST_SIZE.height())
        running = asyncio.create_task(desktop.run())
        await until(lambda: desktop.state.snapshot is not None)
        await settle()
        await scene(desktop, engine)
        await settle()
        desktop.window.grab().save(str(file))
        desktop.quit()
        await running
        desktop.window.deleteLater()


async def draw_all(app: QApplication, asked: argparse.Namespace) -> None:
    for scheme, suffix in ((Qt.ColorScheme.Light, "light"), (Qt.ColorScheme.Dark, "dark")):
        for name in asked.scenes or SCENES:
            await draw(app, SCENES[name], scheme, asked.width, asked.out / f"{name}-{suffix}.png")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("scenes", nargs="*", metavar="SCENE")
    parser.add_argument("--language", choices=LANGUAGES, default=ENGLISH)
    parser.add_argument("--width", type=int, default=FIRST_SIZE.width(), help="of the window, in pixels")
    return parser.parse_args()


def main() -> None:
    asked = parse_arguments()
    asked.out.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    speak(app, asked.language)
    with qasync.QEventLoop(app) as loop:
        loop.run_until_complete(draw_all(app, asked))


if __name__ == "__main__":
    main()
