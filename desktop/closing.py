"""What closing the window means: with a tray all goes on, without one it may be the end."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtWidgets import QMessageBox

from desktop.app_state import AppState
from desktop.os_glue.remembered import Remembered
from desktop.tray.tray import Tray
from desktop.window import Window
from engine.api.schema import Activity

translate = QCoreApplication.translate


class Closing(QObject):
    """`has_engine`: whether this window has started one that runs. `open` and `quit`: all of Potluck."""

    def __init__(
        self,
        window: Window,
        tray: Tray,
        state: AppState,
        remembered: Remembered,
        has_engine: Callable[[], bool],
        open: Callable[[], None],
        quit: Callable[[], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window, self._tray, self._state, self._remembered = window, tray, state, remembered
        self._has_engine, self._open, self._quit = has_engine, open, quit
        window.closed.connect(self._closed)
        tray.found.connect(self._tray_found)

    def _closed(self) -> None:
        """With a tray, closing keeps giving; without one there would be no way back, so it ends."""
        if not self._tray.visible:
            self._ask_before_quitting()
            return
        self._window.hide()
        if self._remembered.first_time("closing keeps giving"):
            self._tray.say(
                translate("Desktop", "Potluck is still here"),
                translate(
                    "Desktop", "Closing the window keeps what runs running. Quit is in the tray's menu."
                ),
            )

    def _tray_found(self, found: bool) -> None:
        self._window.offer_quit(not found)
        if not found and not self._window.isVisible():
            self._open()
        if not found and self._remembered.first_time("there is no tray"):
            self._window.say(
                translate(
                    "Desktop",
                    "This desktop has no tray, so this window does everything; closing it quits Potluck.",
                )
            )

    @property
    def _stops_something(self) -> bool:
        if self._state.elsewhere:
            return self._has_engine()
        resting = self._state.activity in (Activity.PAUSED, Activity.PROBLEM)
        return self._state.snapshot is not None and not resting

    def _ask_before_quitting(self) -> None:
        """Only if quitting stops something."""
        if not self._stops_something:
            self._quit()
            return
        box = QMessageBox(self._window, objectName="askQuit")
        box.setText(translate("Desktop", "Quit Potluck?"))
        box.setInformativeText(
            translate("Desktop", "Without the window this computer stops giving. Minimised, it goes on.")
        )
        leave = box.addButton(translate("Desktop", "Quit"), QMessageBox.ButtonRole.AcceptRole)
        stay = box.addButton(translate("Desktop", "Minimise"), QMessageBox.ButtonRole.RejectRole)
        leave.clicked.connect(self._quit)
        stay.clicked.connect(self._window.showMinimized)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(stay)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()
