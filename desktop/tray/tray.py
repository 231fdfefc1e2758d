"""The pot in the tray: what Potluck does at a glance, and a menu to change it."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from desktop.app_state import AppState
from desktop.sharing.giving import Giving
from desktop.widgets.theme import mark_icon
from engine.api.schema import Activity

LOOK_FOR_TRAY_EVERY = 5_000  # milliseconds
LOOKS_BEFORE_SAYING_SO = 3  # a tray may start later than Potluck


class Tray(QObject):
    """Shows itself as soon as the desktop has a tray, also when that is late."""

    open_home = Signal()
    open_chat = Signal()
    quit = Signal()
    found = Signal(bool)  # whether the desktop has a tray; again when one appears late

    def __init__(
        self,
        state: AppState,
        giving: Giving,
        has_tray: Callable[[], bool] = QSystemTrayIcon.isSystemTrayAvailable,
        look_every: int = LOOK_FOR_TRAY_EVERY,
    ) -> None:
        super().__init__()
        self._state, self._has_tray = state, has_tray
        self.menu = QMenu()
        self._fill_menu(giving)
        self.icon = QSystemTrayIcon()
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._activated)
        self._looks = 0
        self._timer = QTimer(self, interval=look_every)
        self._timer.timeout.connect(self._look)
        self._drawn: Activity | None = None
        state.changed.connect(self._show)
        self._show()

    @property
    def visible(self) -> bool:
        return self.icon.isVisible()

    def start(self) -> None:
        self._look()
        if not self.visible:
            self._timer.start()

    def stop(self) -> None:
        self._timer.stop()
        self.icon.hide()

    def say(self, title: str, text: str) -> None:
        self.icon.showMessage(title, text, self.icon.icon())

    def _fill_menu(self, giving: Giving) -> None:
        self._sentence = self.menu.addAction("")
        self._sentence.setEnabled(False)
        self.menu.addSeparator()
        self._start = self._add("trayStart", self.tr("Start"), giving.give)
        self._pause = QMenu(self.tr("Pause"), self.menu)
        giving.fill_pause_menu(self._pause)
        self.menu.addMenu(self._pause)
        self._finish = self._add("trayFinish", self.tr("Finish, then pause"), giving.finish)
        self.menu.addSeparator()
        self._add("trayOpenChat", self.tr("Open chat"), self.open_chat.emit)
        self._add("trayOpen", self.tr("Open Potluck"), self.open_home.emit)
        self.menu.addSeparator()
        self._add("trayQuit", self.tr("Quit"), self.quit.emit)

    def _add(self, name: str, text: str, action: Callable[[], object]) -> QAction:
        made = self.menu.addAction(text, lambda: action())
        made.setObjectName(name)
        return made

    def _look(self) -> None:
        self._looks += 1
        if self._has_tray():
            self._timer.stop()
            self.icon.show()
            self.found.emit(True)
        elif self._looks == LOOKS_BEFORE_SAYING_SO:
            self.found.emit(False)

    def _show(self) -> None:
        sentence, activity = self._state.sentence, self._state.activity
        self._sentence.setText(sentence.replace("&", "&&"))
        self.icon.setToolTip(self.tr("Potluck: {sentence}").format(sentence=sentence))
        self._show_orders()
        if activity is not self._drawn:
            self._drawn = activity
            self.icon.setIcon(mark_icon(activity))

    def _show_orders(self) -> None:
        running = self._state.may_be_paused
        self._start.setEnabled(self._state.may_be_started)
        self._pause.setEnabled(running)
        self._finish.setEnabled(running and not self._state.finishing)

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self.open_home.emit()
