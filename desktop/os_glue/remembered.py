"""What the window remembers between launches: geometry, and what it has said once."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QSplitter, QWidget


class Remembered:
    def __init__(self, data: Path) -> None:
        self._settings = QSettings(str(data / "window.ini"), QSettings.Format.IniFormat)

    def restore_geometry(self, window: QWidget) -> None:
        geometry = self._settings.value("window/geometry")
        if isinstance(geometry, QByteArray):
            window.restoreGeometry(geometry)

    def save_geometry(self, window: QWidget) -> None:
        self._settings.setValue("window/geometry", window.saveGeometry())

    def restore_splitter(self, splitter: QSplitter) -> None:
        state = self._settings.value(f"splitter/{splitter.objectName()}")
        if isinstance(state, QByteArray):
            splitter.restoreState(state)

    def save_splitter(self, splitter: QSplitter) -> None:
        self._settings.setValue(f"splitter/{splitter.objectName()}", splitter.saveState())

    def text(self, key: str) -> str:
        return str(self._settings.value(key, ""))

    def keep_text(self, key: str, value: str) -> None:
        self._settings.setValue(key, value)

    def first_time(self, what: str) -> bool:
        """True exactly once per installation, for things that are said once."""
        key = f"said/{what}"
        if self._settings.value(key) is not None:
            return False
        self._settings.setValue(key, "yes")
        self._settings.sync()
        return True
