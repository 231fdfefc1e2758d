"""Composition root of the desktop: builds every part by its constructor and runs it until Quit."""

import asyncio
import gc
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import qasync
from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtWidgets import QApplication

from desktop.app_state import AppState, Crash, Help
from desktop.banners import Banners
from desktop.chat.conductor import Conductor
from desktop.chat.page import ChatPage
from desktop.chat.store import ChatStore
from desktop.closing import Closing
from desktop.crash.own_faults import OwnFaults
from desktop.elsewhere.engine_book import EngineBook
from desktop.engine_link.backoff import Backoff
from desktop.engine_link.calls import Calls
from desktop.engine_link.found import FoundEngine, looks_like
from desktop.engine_link.link import Engine, EngineLink, find_engine
from desktop.engine_link.process import EngineProcess
from desktop.first_run.window import FirstRun
from desktop.layers.keeper import Keeper
from desktop.os_glue.autostart import BACKGROUND, START_PAUSED, Autostart, autostart_of_this_system
from desktop.os_glue.interrupts import Interrupts
from desktop.os_glue.language import LANGUAGE, speak
from desktop.os_glue.remembered import Remembered
from desktop.os_glue.single_instance import SingleInstance
from desktop.sentences import in_words
from desktop.settings.appearance import take_up_theme
from desktop.sharing.giving import Giving
from desktop.sharing.home_page import HomePage
from desktop.tray.tray import Tray
from desktop.widgets.theme import Theme
from desktop.window import Page, Window
from engine.api.schema import AnswerReport
from engine.errors import EngineError
from engine.settings import Paths

if TYPE_CHECKING:
    from desktop.contribution.page import ContributionPage
    from desktop.layers.page import LayersPage
    from desktop.models.page import ModelsPage
    from desktop.settings.page import SettingsPage
    from desktop.swarm.page import SwarmPage

ENGINE_COMMAND = (sys.executable, "-m", "engine.cli", "run", "--json")


class Desktop(QObject):
    """All parts of a running desktop, and what holds them together: opening and quitting."""

    def __init__(
        self,
        app: QApplication,
        paths: Paths,
        link: EngineLink,
        state: AppState,
        theme: Theme,
        autostart: Autostart,
        first_run: bool = False,
    ) -> None:
        """`first_run`: say and ask what is said and asked once, where it was not yet."""
        super().__init__()
        self.state, self.link = state, link
        self.remembered = Remembered(paths.data)
        self.theme = theme
        take_up_theme(theme, self.remembered)
        self.store = ChatStore(paths.data / "conversations.sqlite")
        self.conductor = Conductor(self.store, link.chat, self)
        self.giving = Giving(link.donate, self)
        self.home = HomePage(self.theme, state, self.giving, self._help, self._tell_of_crash)
        self.chat = ChatPage(self.theme, state, self.conductor, self.remembered)
        self.keeper = Keeper(state, lambda: link.engine, self)
        self.engines = EngineBook(paths.known_engines, link.look_at, self)
        self._autostart, self._paths = autostart, paths
        self._last_route: tuple[str, AnswerReport] | None = None  # the model of the last answer, and its way
        self.pages = {page.name: page for page in self._pages()}
        self.first_run: FirstRun | None = None
        if first_run and not self.engines.chosen and FirstRun.is_due(self.remembered):
            self.first_run = FirstRun(theme, state, lambda: link.engine, self.remembered, autostart)
        self.window = Window(self.theme, state, self.remembered, tuple(self.pages.values()))
        self.window.add_banner(
            Banners(
                theme,
                state,
                lambda: self.engines.look_at(""),
                self._mend,
                self._tell_of_crash,
                self._help_own,
            )
        )
        self.tray = Tray(state, self.giving)
        self._quit = asyncio.Event()
        self.opens_anew = False  # when it has quit
        self._closing = Closing(
            self.window,
            self.tray,
            state,
            self.remembered,
            lambda: link.has_engine,
            self.open,
            self.quit,
            self,
        )
        self._connect(app)

    def open(self) -> None:
        if self.first_run is not None:
            self.first_run.show()
            self.first_run.raise_()
            self.first_run.activateWindow()
            return
        self.window.open_page(self.window.page)

    def quit(self) -> None:
        self._quit.set()

    async def run(self, background: bool = False) -> None:
        """Until the user quits; then everything that was begun has ended.

        `background`: no window is opened, unless there is something to ask, or no tray to open one from.
        """
        if not background or self.first_run is not None:
            self.open()
        if background and self.engines.chosen:  # who starts at login gives, wherever the window looks
            self._start_here()
        self.tray.start()
        following = asyncio.create_task(self.link.run())
        quitting = asyncio.create_task(self._quit.wait())
        try:
            await asyncio.wait({following, quitting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._end(following, quitting)

    def _start_here(self) -> None:
        try:
            self.link.start_here()
        except EngineError as error:
            self.window.say(in_words(str(error)))

    async def _end(self, following: asyncio.Task[None], quitting: asyncio.Task[object]) -> None:
        self.window.remember()
        self.window.hide()
        self.tray.stop()
        self.chat.keep_draft()
        await self.conductor.close()  # before the engine ends, which would break its answers off
        await self.chat.close_work()
        quitting.cancel()
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
        if self.first_run is not None:
            self.first_run.hide()
            await self.first_run.close_calls()
        await asyncio.gather(*(calls.close() for calls in self.window.findChildren(Calls)))
        await self.keeper.close()
        await self.link.close()
        self.store.close()

    # --- pages; those behind Home and Chat are imported and made when they are first opened

    def _pages(self) -> tuple[Page, ...]:
        return (
            Page(self.home, "navHome", self.tr("Home"), "home"),
            Page(self.chat, "navChat", self.tr("Chat"), "chat"),
            Page(self._make_models, "navModels", self.tr("Models"), "models"),
            Page(self._make_layers, "navLayers", self.tr("Layers"), "layers"),
            Page(self._make_contribution, "navContribution", self.tr("Contribution"), "contribution"),
            Page(self._make_swarm, "navSwarm", self.tr("Swarm"), "swarm"),
            Page(self._make_settings, "navSettings", self.tr("Settings"), "settings"),
        )

    def _make_models(self) -> "ModelsPage":
        from desktop.models.page import ModelsPage

        page = ModelsPage(self.theme, self.state, self.keeper, self._help)
        page.chat_wanted.connect(self._chat_with)
        return page

    def _make_layers(self) -> "LayersPage":
        from desktop.layers.page import LayersPage

        return LayersPage(self.theme, self.state, self.keeper, self._help)

    def _make_contribution(self) -> "ContributionPage":
        from desktop.contribution.page import ContributionPage

        return ContributionPage(self.theme, self.state, self._engine, self._help)

    def _make_swarm(self) -> "SwarmPage":
        from desktop.swarm.page import SwarmPage

        page = SwarmPage(self.theme, self.state, self._engine, self._help)
        if self._last_route is not None:
            page.show_route(*self._last_route)
        return page

    def _make_settings(self) -> "SettingsPage":
        from desktop.settings.page import SettingsPage

        return SettingsPage(
            self.theme,
            self.state,
            self._engine,
            self.remembered,
            self._autostart,
            self._paths,
            self._help,
            self.engines,
        )

    def _engine(self) -> Engine:
        return self.link.engine

    @property
    def models(self) -> "ModelsPage":
        return self.pages["navModels"].widget

    @property
    def layers(self) -> "LayersPage":
        return self.pages["navLayers"].widget

    @property
    def contribution(self) -> "ContributionPage":
        return self.pages["navContribution"].widget

    @property
    def swarm(self) -> "SwarmPage":
        return self.pages["navSwarm"].widget

    @property
    def settings(self) -> "SettingsPage":
        return self.pages["navSettings"].widget

    def _answered(self, message_id: int) -> None:
        """The way of an answer that has just ended is lit on the map."""
        message = self.store.message(message_id)
        if message.report is None:
            return
        self._last_route = message.model, message.report
        if self.pages["navSwarm"].is_made:
            self.swarm.show_route(*self._last_route)

    # --- while there is no engine

    def _help(self) -> None:
        """Do what the state says that helps."""
        if self.state.help is Help.REOPEN:
            self.reopen()
        elif self.state.help is Help.ENGINES:
            self.settings.open_section("engines")
            self.window.open_page(self.settings)
            self.settings.ask_key(self.state.elsewhere)
        elif self.state.help is Help.LEAVE_SWARM:
            self._leave_swarm(self.link.help)
        else:
            self.link.help()

    def _help_own(self) -> None:
        """The same for this computer's engine while another is looked at."""
        trouble = self.state.own_trouble
        if trouble is not None and trouble.help is Help.LEAVE_SWARM:
            self._leave_swarm(self.link.own.help)
        else:
            self.link.own.help()

    def _leave_swarm(self, left: Callable[[], object]) -> None:
        from desktop.engine_link.leaving import ask_to_leave

        ask_to_leave(self.window, self._paths.swarm_file, left, self.window.say)

    def _mend(self, help: Help) -> None:
        """The same while there is an engine."""
        if help is Help.REOPEN:
            self.reopen()
        else:
            self.keeper.restart_engine()

    def reopen(self) -> None:
        """Quit, and open the Potluck that is installed by now."""
        self.opens_anew = True
        self.quit()

    def tell_fault(self, printed: str) -> None:
        """Of something in this window: the first, which those that follow may come from."""
        if self.state.crash is not None:
            return
        said = self.tr("Something in this window went wrong. The engine is not affected.")
        self.state.tell_crash(Crash(said, printed))

    def _tell_of_crash(self) -> None:
        from desktop.crash.dialog import CrashDialog

        if self.state.crash is not None:
            CrashDialog(self.theme, self.state.crash, self._paths, self.window).open()

    # --- what goes on

    def _connect(self, app: QApplication) -> None:
        self.conductor.answered.connect(self._answered)
        self.window.quit.connect(self.quit)
        self.tray.quit.connect(self.quit)
        self.tray.open_home.connect(lambda: self.window.open_page(self.home))
        self.tray.open_chat.connect(lambda: self.window.open_page(self.chat))
        if self.first_run is not None:
            self.first_run.done.connect(self._first_run_done)
            self.first_run.left.connect(self.quit)
        app.aboutToQuit.connect(self.quit)
        app.commitDataRequest.connect(lambda _: self.chat.keep_draft())

    def _chat_with(self, model: str) -> None:
        self.chat.picker.choose(model)
        self.window.open_page(self.chat)

    def _first_run_done(self) -> None:
        if self.first_run is not None:
            self.first_run.deleteLater()
        self.first_run = None
        self.window.open_page(self.home)


def build(
    app: QApplication,
    paths: Paths,
    find: Callable[[], Engine] | None = None,
    command: Sequence[str] = ENGINE_COMMAND,
    scheme: Qt.ColorScheme | None = None,
    autostart: Autostart | None = None,
    first_run: bool = False,
) -> Desktop:
    """A desktop that is ready to run inside the running event loop. Tests pass their own engine."""
    state = AppState()
    process = EngineProcess(command, paths.logs / "engine-start.log")
    found = FoundEngine(paths.run_file, looks_like(command))
    link = EngineLink(state, find or (lambda: find_engine(paths.run_file)), process, found, Backoff())
    theme = Theme(app, scheme)
    return Desktop(app, paths, link, state, theme, autostart or autostart_of_this_system(), first_run)


async def _run(
    app: QApplication, paths: Paths, command: Sequence[str], instance: SingleInstance, interrupts: Interrupts
) -> bool:
    """Whether Potluck is to be opened anew."""
    arguments = app.arguments()
    paused = ("--paused",) if START_PAUSED in arguments else ()
    desktop = build(app, paths, command=(*command, *paused), first_run=True)
    instance.opened.connect(desktop.open)
    interrupts.received.connect(desktop.quit)
    faults = OwnFaults()
    faults.happened.connect(desktop.tell_fault)
    faults.watch(asyncio.get_running_loop())
    gc.freeze()  # what was imported stays: looking for it among the garbage would hold an answer up
    try:
        await desktop.run(background=BACKGROUND in arguments)
    finally:
        faults.release()
    return desktop.opens_anew


def main(engine_command: Sequence[str] = ENGINE_COMMAND) -> int:
    """Open Potluck, or the window of the Potluck that is open."""
    QCoreApplication.setApplicationName("Potluck")
    app = QApplication(sys.argv)
    app.setQuitOnLastWindowClosed(False)
    app.setDesktopFileName("potluck")
    paths = Paths.from_environment()
    instance = SingleInstance(paths.data)
    if not instance.claim():
        return 0
    speak(app, Remembered(paths.data).text(LANGUAGE))
    interrupts = Interrupts()
    interrupts.watch()
    with qasync.QEventLoop(app) as loop:
        anew = loop.run_until_complete(_run(app, paths, engine_command, instance, interrupts))
    interrupts.release()
    instance.release()
    if anew:
        subprocess.Popen([sys.executable, "-m", "desktop"], start_new_session=True)
    return 0
