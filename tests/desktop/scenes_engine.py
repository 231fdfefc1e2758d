"""States between the window and its engine, for the screenshots."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.app_state import Crash
from desktop.engine_link.own_engine import here
from desktop.engine_link.troubles import (
    Ending,
    Trouble,
    of_ending,
    of_error,
    of_error_elsewhere,
)
from desktop.main import Desktop
from desktop.sharing.trace import TracePanel
from engine.api.known_engines import KnownEngine
from engine.api.openai_schema import ErrorBody, ErrorDetail
from engine.api.schema import DeviceReading, Reason
from engine.errors import MembershipUnreadable, NotAnswering, NotUnderstood, PortInUse, WrongKey
from tests.desktop.conftest import until
from tests.desktop.fake_engine import SERVER, FakeEngine, make_snapshot
from tests.desktop.told import FULL_DISK

Scene = Callable[[Desktop, FakeEngine], Awaitable[None]]

FAR = "192.168.1.5:4321"
TRACE = """\
Traceback (most recent call last):
  File "engine/main.py", line 60, in _run_until_signalled
    await engine.run()
RuntimeError: the graphics driver was lost
"""
CRASH = Ending(1, TRACE)
NO_KEY = ErrorBody(error=ErrorDetail.of(MembershipUnreadable("-"))).model_dump_json()


def trouble(made: Callable[[], Trouble], crash: bool = False) -> Scene:
    async def play(desktop: Desktop, engine: FakeEngine) -> None:
        await until(lambda: desktop.state.snapshot is not None)
        said = made()
        desktop.state.lost(said, Crash(said.sentence, TRACE) if crash else None)

    return play


def version(of_engine: str) -> Scene:
    async def play(desktop: Desktop, engine: FakeEngine) -> None:
        engine.become(make_snapshot().model_copy(update={"version": of_engine}))

    return play


async def several(desktop: Desktop, engine: FakeEngine) -> None:
    """Two cards, one of which fails; their readings change for a while."""
    other = SERVER.model_copy(update={"place": "card", "start": 16, "end": 20, "device": "NVIDIA RTX 3060"})
    values = {"giving": 2, "devices": 3, "device": "NVIDIA RTX 2060", "what": FULL_DISK}
    snapshot = make_snapshot(Reason.FAILING_PARTLY, **values).model_copy(update={"servers": (SERVER, other)})
    for step in range(40):
        readings = tuple(
            DeviceReading(
                place=place,
                celsius=celsius + 7 * (step % 9) // 4,
                memory_bytes=memory,
                memory_used_bytes=memory // 2 + step * memory // 200,
            )
            for place, celsius, memory in (("cpu", 58, 12 * 10**9), ("card", 41, 8 * 10**9))
        )
        engine.become(snapshot.model_copy(update={"readings": readings}))
        await asyncio.sleep(0.02)
    for panel in desktop.home.findChildren(TracePanel):
        changes = panel._trace._changes
        now = time.monotonic()
        panel._trace._changes = [(now - 880 + 22 * at, value) for at, (_, value) in enumerate(changes[-40:])]
    engine.become(snapshot.model_copy(update={"readings": readings, "version": "0.1.0 "}))


async def lost_far(desktop: Desktop, engine: FakeEngine) -> None:
    await elsewhere("home")(desktop, engine)
    await trouble(lambda: of_error_elsewhere(NotAnswering("-"), FAR))(desktop, engine)


async def own_crashed(desktop: Desktop, engine: FakeEngine) -> None:
    await elsewhere("home")(desktop, engine)
    told = here(of_ending(CRASH, 2, 10))
    desktop.state.tell_own(told, Crash(told.sentence, TRACE))


async def own_port_taken(desktop: Desktop, engine: FakeEngine) -> None:
    await elsewhere("home")(desktop, engine)
    desktop.state.tell_own(here(of_ending(Ending(PortInUse.exit_status))))


def look_far(desktop: Desktop) -> None:
    far = FakeEngine()
    desktop.link._reach = lambda known: far
    desktop.engines.add(KnownEngine(address="127.0.0.1:4400", key="k" * 40))
    desktop.engines.add(KnownEngine(address=FAR, key="k" * 40))


def elsewhere(page: str) -> Scene:
    async def play(desktop: Desktop, engine: FakeEngine) -> None:
        look_far(desktop)
        if page == "settings":
            desktop.settings.open_section("engines")
        desktop.window.open_page(getattr(desktop, page))
        await asyncio.sleep(0.3)

    return play


async def crashed_before(desktop: Desktop, engine: FakeEngine) -> None:
    desktop.state.tell_crash(Crash(of_ending(CRASH).sentence, TRACE))


async def report(desktop: Desktop, engine: FakeEngine) -> None:
    await crashed_before(desktop, engine)
    desktop._tell_of_crash()
    _lay_over(desktop, "crashDialog")


async def adding(desktop: Desktop, engine: FakeEngine) -> None:
    await elsewhere("settings")(desktop, engine)
    desktop.engines.look_at("")
    desktop.settings.ask_key("")
    dialog = _lay_over(desktop, "addEngine")
    dialog.findChild(QLineEdit, "engineAddress").setText(FAR)
    dialog.findChild(QLineEdit, "engineKey").setText("k" * 40)
    dialog._refuse(of_error_elsewhere(WrongKey("-"), FAR).sentence)


def _lay_over(desktop: Desktop, name: str) -> QWidget:
    """Over the window, so that it is what is drawn."""
    dialog = desktop.window.findChild(QWidget, name)
    dialog.setParent(desktop.window, Qt.WindowType.Widget)
    dialog.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    dialog.move(160, 60)
    dialog.show()
    return dialog


ENGINE_SCENES: dict[str, Scene] = {
    "engine-crashed": trouble(lambda: of_ending(CRASH, 2, 10), crash=True),
    "engine-crashes-too-often": trouble(lambda: of_ending(CRASH, 5, 10, loops=True), crash=True),
    "engine-crashed-before": crashed_before,
    "engine-crash-report": report,
    "engine-hangs": trouble(lambda: of_error(NotAnswering("-"))),
    "engine-wrong-key": trouble(lambda: of_error(WrongKey("-"))),
    "engine-port-taken": trouble(lambda: of_ending(Ending(PortInUse.exit_status))),
    "engine-swarm-unreadable": trouble(lambda: of_ending(Ending(1, NO_KEY)), crash=True),
    "engine-not-understood": trouble(lambda: of_error(NotUnderstood("-", "9.0.0"))),
    "home-several-cards": several,
    "engine-older": version("0.0.9"),
    "engine-newer": version("0.2.0"),
    "elsewhere-home": elsewhere("home"),
    "elsewhere-engines": elsewhere("settings"),
    "elsewhere-layers": elsewhere("layers"),
    "elsewhere-lost": lost_far,
    "elsewhere-adding": adding,
    "elsewhere-own-crashed": own_crashed,
    "elsewhere-own-port-taken": own_port_taken,
}
