"""The Settings page: a list of sections at the left, one of them at the right."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QStackedWidget, QVBoxLayout, QWidget

from desktop.app_state import AppState, LinkPhase
from desktop.crash.report import secrets_of
from desktop.elsewhere.engine_book import EngineBook
from desktop.elsewhere.engine_list import EngineList
from desktop.engine_link.link import engine_elsewhere
from desktop.engine_link.troubles import help_in_words
from desktop.os_glue.autostart import Autostart
from desktop.os_glue.remembered import Remembered
from desktop.sentences import in_words
from desktop.settings.appearance import Appearance
from desktop.settings.engine import SettingsEngine
from desktop.settings.keeper import Keeper
from desktop.settings.local_address import LocalAddress
from desktop.settings.logs import Logs
from desktop.settings.notices import Notices, Unknown
from desktop.settings.own_addresses import OwnAddresses
from desktop.settings.preview_panel import PreviewPanel
from desktop.settings.private_swarm import PrivateSwarm
from desktop.settings.section import DevicesSection, Section, SettingsSection
from desktop.settings.undo_bar import UndoBar
from desktop.settings.wording import section_title
from desktop.widgets.parts import spaced
from desktop.widgets.theme import Theme
from engine import __version__
from engine.api.diagnostics import diagnostics
from engine.api.log_lines import LogLine, read_log
from engine.api.preferences_schema import Setting
from engine.errors import EngineError
from engine.settings import Paths

LIST_WIDTH = 160
ENTRY_HEIGHT = 38
FROM_ENGINE = ("when", "how_much", "devices", "swarm", "chat", "api")
OF_WINDOW = ("app", "engines", "logs")  # are there without an engine, too
ORDER = ("when", "how_much", "devices", "swarm", "chat", "app", "api", "engines", "logs")
OF_THIS_COMPUTER = ("api",)  # not to be set from another one


class SettingsPage(QWidget):
    def __init__(
        self,
        theme: Theme,
        state: AppState,
        engine: Callable[[], SettingsEngine],
        remembered: Remembered,
        autostart: Autostart,
        paths: Paths,
        retry: Callable[[], object],
        engines: EngineBook,
    ) -> None:
        """`retry` does what the state says that helps."""
        super().__init__()
        self.setObjectName("settingsPage")
        self._theme, self._state, self._engine, self.paths = theme, state, engine, paths
        self.keeper = Keeper(engine, self)
        self._settings = {group: SettingsSection(theme, group) for group in FROM_ENGINE}
        self._settings["devices"] = DevicesSection(theme)
        self._own = {group: Section(theme, group) for group in OF_WINDOW}
        self._swarm = PrivateSwarm(theme, engine)
        self._address = LocalAddress(theme, engine)
        self._appearance = Appearance(theme, remembered, autostart)
        self._engines = EngineList(theme, engines, engine_elsewhere)
        self._looks_at = ""
        self._logs = Logs(theme, self._read_log, self._diagnostics)
        self._list = QListWidget(objectName="settingsSections")
        self._stack = QStackedWidget(objectName="settingsStack")
        self._notices = Notices(theme, self._try_again, self.keeper.restart_engine)
        self._unknown = Unknown(theme, self._try_again)
        self._addresses = OwnAddresses(theme)
        self._retry = retry
        self._undo = UndoBar(theme, self.keeper.undo)
        self._failure = ""
        self._preview = PreviewPanel(theme)
        self._fill()
        self._lay_out()
        self._connect()
        self._state_changed()

    def open_section(self, group: str) -> None:
        self._list.setCurrentRow(ORDER.index(group))

    def ask_key(self, address: str) -> None:
        """Of an engine elsewhere that does not take the one that is known."""
        self._engines.ask(address)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._appearance.refresh()
        self._logs.refresh()
        self._read()

    def _fill(self) -> None:
        self._settings["when"].add(self._preview)
        self._settings["swarm"].add(self._swarm)
        self._settings["swarm"].add(self._addresses)
        self._settings["api"].add(self._address)
        self._own["app"].add(self._appearance)
        self._own["engines"].add(self._engines)
        self._own["logs"].add(self._logs)
        sections = {**self._settings, **self._own}
        for group in ORDER:
            entry = QListWidgetItem(section_title(group))
            entry.setSizeHint(QSize(0, ENTRY_HEIGHT))
            self._list.addItem(entry)
            self._stack.addWidget(sections[group])
        self._list.setCurrentRow(0)

    def _lay_out(self) -> None:
        self._list.setFixedWidth(LIST_WIDTH)
        self._list.setAccessibleName(self.tr("Sections of the settings"))
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusProxy(self._list)
        row = spaced(QHBoxLayout(self), 0, 0)
        row.addWidget(self._list)
        side = spaced(QVBoxLayout(), 0, 0)
        side.addWidget(self._notices)
        side.addWidget(self._stack, 1)
        foot = spaced(QHBoxLayout(), self._theme.space("medium"), 0)
        foot.addWidget(self._undo)
        side.addLayout(foot)
        row.addLayout(side, 1)

    def _connect(self) -> None:
        self._list.currentRowChanged.connect(self._open)
        self._state.changed.connect(self._state_changed)
        self.keeper.shown.connect(self._show)
        self.keeper.failed.connect(self._fail)
        self.keeper.saved.connect(self._saved)
        self.keeper.previewed.connect(self._preview.show_preview)
        self.keeper.refused.connect(self._complain)
        for section in self._settings.values():
            section.chosen.connect(self.keeper.change)
            section.forgotten.connect(self.keeper.forget)

    def _open(self, row: int) -> None:
        self._stack.setCurrentIndex(row)
        if ORDER[row] == "logs":
            self._logs.refresh()
        self._show_notice()

    def _read(self) -> None:
        """Only while it is looked at: the file may have been changed elsewhere."""
        self._failure = ""
        if self._reached and self.isVisible():
            self.keeper.read()
            self.keeper.preview()
            self.keeper.look_at_devices()
        self._show_notice()

    def _try_again(self) -> None:
        if self._reached:
            self._read()
        else:
            self._retry()

    @property
    def _reached(self) -> bool:
        return self._state.snapshot is not None

    def _state_changed(self) -> None:
        self._show_place()
        if not self._reached:
            self.keeper.report = None
        elif self.keeper.report is None and not self.keeper.busy and not self._failure:
            self._read()
        self.keeper.know_models(tuple(model.name for model in self._state.models))
        if self._state.snapshot is not None:
            self._swarm.show_snapshot(self._state.snapshot)
            self._addresses.show_swarm(self._state.snapshot.swarm)
            self.keeper.know_readings(self._state.snapshot.readings)
        self._show()

    def _show_place(self) -> None:
        """What concerns this computer only goes while the engine is elsewhere."""
        where = self._state.elsewhere
        if where != self._looks_at:
            self._looks_at = where
            self.keeper.forget_engine()
        for group in OF_THIS_COMPUTER:
            self._list.item(ORDER.index(group)).setHidden(bool(where))
        if where and ORDER[self._list.currentRow()] in OF_THIS_COMPUTER:
            self.open_section("engines")
        self._swarm.setVisible(not where)
        self._appearance.show_login(not where)

    def _saved(self, setting: Setting) -> None:
        self._undo.say(setting)
        if setting.group == "when":
            self.keeper.preview()

    def _fail(self, sentence: str) -> None:
        self._failure = sentence
        self._show_notice()

    def _complain(self, key: str, sentence: str) -> None:
        for section in self._settings.values():
            section.complain(key, sentence)

    def _show(self) -> None:
        report = self.keeper.report
        for section in self._settings.values():
            section.show_reached(report is not None)
            if report is not None:
                section.show_report(report, self.keeper.known)
        if report is not None:
            self._failure = ""
            self._show_address()
        self._show_notice()

    def _show_address(self) -> None:
        try:
            self._address.show_engine()
        except EngineError as error:
            self._failure = in_words(str(error))

    def _show_notice(self) -> None:
        """What keeps the settings from being seen, or is wrong with their file."""
        section = self._stack.currentWidget()
        report = self.keeper.report if section in self._settings.values() else None
        troubles = (*(report.troubles if report else ()), self._failure if report else "")
        self._notices.say_trouble(" ".join(map(in_words, filter(None, troubles))), bool(self._failure))
        here = not self._state.elsewhere
        self._notices.say_pending(report is not None and here and self.keeper.waits_for_restart)
        if isinstance(section, SettingsSection):
            section.column.insertWidget(1, self._unknown)
        self._unknown.say(*self._why_unknown())

    def _why_unknown(self) -> tuple[str, str]:
        """What stands in the place of the settings, and what helps; both may be empty."""
        if self._state.phase is LinkPhase.LOST:
            return self._state.sentence, help_in_words(self._state.help)
        if self.keeper.report is not None:
            return "", ""
        if self._failure:
            return self._failure, self.tr("Try again")
        return self.tr("Reading the settings"), ""

    def _read_log(self) -> tuple[LogLine, ...]:
        files = sorted(self.paths.logs.glob("*.log"))
        return read_log(files, self._secrets())

    def _secrets(self) -> tuple[str, ...]:
        try:
            own = (self._engine().key,)
        except EngineError:
            own = ()
        return (*own, *secrets_of(self.paths))

    def _diagnostics(self, lines: tuple[LogLine, ...]) -> str:
        if self._state.elsewhere:  # the log and the parts are of two computers then
            return diagnostics(__version__, self._state.sentence, None, None, None, lines)
        snapshot = self._state.snapshot
        version = snapshot.version if snapshot else self.tr("of unknown version")
        return diagnostics(
            version, self._state.sentence, snapshot, self.keeper.known.machine, self.keeper.report, lines
        )
