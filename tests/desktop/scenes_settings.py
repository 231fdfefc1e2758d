"""States of the Settings page and of the first run, for the screenshots."""

import asyncio
from collections.abc import Awaitable, Callable

from PySide6.QtWidgets import QListWidget, QPushButton

from desktop.app_state import Trouble
from desktop.first_run.window import FirstRun
from desktop.main import Desktop
from desktop.os_glue.autostart import AtLogin
from engine.api.plan_schema import CardFacts
from engine.errors import EngineError
from engine.preferences.preferences import Preferences
from tests.desktop.fake_engine import FakeEngine
from tests.desktop.fakes_settings import GB, SettingsInMemory
from tests.desktop.told import UNSETTABLE

Scene = Callable[[Desktop, FakeEngine], Awaitable[None]]

LOG = """\
2026-03-04 18:30:01,114 INFO potluck.engine: Potluck's engine 0.1.0 listens on port 4321
2026-03-04 18:30:07,820 INFO potluck.giving: Layers 9–16 of wide-chat are on their way
2026-03-04 18:31:12,002 WARNING potluck.exchange: A peer broke off: layers come from another one
2026-03-04 18:31:40,377 INFO potluck.supervisor: The block server is online
2026-03-04 19:02:03,481 ERROR potluck.engine: The swarm's state cannot be read: TimeoutError()
"""


class AutostartInMemory:
    """`trouble` is raised by every change."""

    def __init__(self) -> None:
        self.at_login = AtLogin.NOTHING
        self.trouble: OSError | None = None

    def read(self) -> AtLogin:
        return self.at_login

    def write(self, at_login: AtLogin) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.at_login = at_login


def section(group: str, **values: object) -> Scene:
    """`values`: what is set, by keys with __ for the dot."""

    async def play(desktop: Desktop, engine: FakeEngine) -> None:
        if values:
            engine.preferences.change({key.replace("__", "."): value for key, value in values.items()})
        desktop.settings.open_section(group)
        desktop.window.open_page(desktop.settings)
        await asyncio.sleep(0.3)

    return play


async def changed(desktop: Desktop, engine: FakeEngine) -> None:
    await section("when")(desktop, engine)
    desktop.settings.keeper.change("when.on_battery", True)
    await asyncio.sleep(0.1)


async def waits_for_restart(desktop: Desktop, engine: FakeEngine) -> None:
    await section("how_much", give__upload=2_000_000)(desktop, engine)
    desktop.settings.keeper.change("give.download", 5_000_000)
    await asyncio.sleep(0.1)


async def refused(desktop: Desktop, engine: FakeEngine) -> None:
    await section("swarm")(desktop, engine)
    desktop.settings.keeper.change("swarm.peers", ("example.org",))
    await asyncio.sleep(0.1)


async def limits_of_devices(desktop: Desktop, engine: FakeEngine) -> None:
    """Of two cards, and of one that is not here now."""
    machine = engine.planned.machine
    small = CardFacts(key="GPU-34cd", name="NVIDIA GTX 1660 Super", vendor="nvidia", memory_bytes=6 * GB)
    both = machine.model_copy(update={"cards": (*machine.cards, small)})
    engine.planned = engine.planned.model_copy(update={"machine": both})
    limits = {"GPU-12ab": 9 * GB, "GPU-56ef": 4 * GB}
    await section("devices", devices__memory=limits, devices__duty={"GPU-34cd": 60})(desktop, engine)


async def limits_by_the_command_line(desktop: Desktop, engine: FakeEngine) -> None:
    engine.preferences = Preferences(SettingsInMemory(), {"give.memory": 4 * GB, "devices.memory": {}})
    await limits_of_devices(desktop, engine)


async def in_private_swarm(desktop: Desktop, engine: FakeEngine) -> None:
    engine._belong_to("Kitchen friends")
    await section("swarm")(desktop, engine)
    button = desktop.settings.findChild(QPushButton, "showInvite")
    button.click()
    await asyncio.sleep(0.1)


async def unreadable(desktop: Desktop, engine: FakeEngine) -> None:
    engine.settings_failure = EngineError(UNSETTABLE)
    await section("when")(desktop, engine)


async def lost(desktop: Desktop, engine: FakeEngine) -> None:
    await section("when")(desktop, engine)
    desktop.state.lost(Trouble("Potluck's engine crashed: the graphics driver was lost."))


async def logs(desktop: Desktop, engine: FakeEngine) -> None:
    folder = desktop.settings.paths.logs
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "engine.log").write_text(LOG)
    await section("logs")(desktop, engine)
    desktop.settings.findChild(QListWidget, "settingsSections").setFocus()


def first_run(step: int) -> Scene:
    """Laid over the window, so that it is what is drawn."""

    async def play(desktop: Desktop, engine: FakeEngine) -> None:
        page = FirstRun(desktop.theme, desktop.state, lambda: engine, desktop.remembered, AutostartInMemory())
        desktop.window.setMinimumSize(page.minimumSize())
        desktop.window.resize(page.size())
        page.setParent(desktop.window)
        page.show()
        await asyncio.sleep(0.2)
        for _ in range(step):
            page.findChild(QPushButton, "next").click()

    return play


SETTINGS_SCENES: dict[str, Scene] = {
    "settings-when": section(
        "when",
        when__idle_minutes=10,
        when__schedule=["mon-fri 22:00-07:00", "sat,sun 00:00-00:00"],
        when__apps=["blender", "steam"],
    ),
    "settings-changed": changed,
    "settings-how-much": waits_for_restart,
    "settings-devices": section("devices", devices__use=["GPU-12ab"], devices__precision="int8"),
    "settings-devices-limits": limits_of_devices,
    "settings-devices-told": limits_by_the_command_line,
    "settings-swarm": section("swarm"),
    "settings-swarm-refused": refused,
    "settings-swarm-member": in_private_swarm,
    "settings-chat": section("chat"),
    "settings-appearance": section("app"),
    "settings-api": section("api"),
    "settings-logs": logs,
    "settings-unreadable": unreadable,
    "settings-lost": lost,
    "first-run-welcome": first_run(0),
    "first-run-privacy": first_run(1),
    "first-run-found": first_run(2),
    "first-run-choice": first_run(3),
}
