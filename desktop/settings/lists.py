"""A control of settings that hold several entries."""

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.settings.controls import Control, Known
from desktop.settings.wording import declared_text
from desktop.widgets.parts import ElidedLabel, IconButton, clear, make_button, spaced
from desktop.widgets.theme import Theme
from engine.api.preferences_schema import Setting, Value


class NamesControl(Control):
    """A line for each name, with a button that takes it out, and one line to add another."""

    def __init__(self, theme: Theme, setting: Setting) -> None:
        super().__init__()
        self._theme, self._setting = theme, setting
        self._names: tuple[str, ...] = ()
        self._lines = spaced(QVBoxLayout(), 0, theme.space("tight"))
        self._new = QLineEdit(objectName=f"{setting.key}.new")
        self._new.setAccessibleName(self.tr("Add to: {what}").format(what=declared_text(setting.short)))
        self._new.setPlaceholderText(self.tr("Add one"))
        self._new.returnPressed.connect(self._add)
        self._button = make_button(self.tr("Add"), f"{setting.key}.add", self._add)
        self._button.setEnabled(False)
        self._new.textChanged.connect(lambda text: self._button.setEnabled(bool(text.strip())))
        column = spaced(QVBoxLayout(self), 0, theme.space("small"))
        column.addLayout(self._lines)
        row = spaced(QHBoxLayout(), 0, theme.space("small"))
        row.addWidget(self._new, 1)
        row.addWidget(self._button)
        column.addLayout(row)

    def show_value(self, value: Value, known: Known) -> None:
        names = value if isinstance(value, tuple) else ()
        if names == self._names:
            return
        if self._new.text().strip() in set(names) - set(self._names):
            self._new.clear()  # what was typed has arrived
        self._names = names
        clear(self._lines)
        for name in names:
            self._lines.addWidget(self._make_line(name))

    def _make_line(self, name: str) -> QWidget:
        line = QWidget()
        row = spaced(QHBoxLayout(line), 0, self._theme.space("small"))
        text = ElidedLabel(self._theme, f"{self._setting.key}.name")
        text.show_text(name)
        row.addWidget(text, 1)
        label = self.tr("Remove {name}").format(name=name)
        row.addWidget(
            IconButton(self._theme, "close", label, f"{self._setting.key}.remove", lambda: self._remove(name))
        )
        return line

    def _add(self) -> None:
        name = self._new.text().strip()
        if name in self._names:
            self._new.clear()
        elif name:
            self.chosen.emit((*self._names, name))

    def _remove(self, name: str) -> None:
        self.chosen.emit(tuple(other for other in self._names if other != name))


class ProgramsControl(NamesControl):
    """Offers those that run now."""

    def __init__(self, theme: Theme, setting: Setting) -> None:
        super().__init__(theme, setting)
        self._running = QStringListModel(self)
        completer = QCompleter(self._running, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.popup().setObjectName("suggestions")
        self._new.setCompleter(completer)
        self._new.setPlaceholderText(self.tr("Name of a program"))

    def show_value(self, value: Value, known: Known) -> None:
        super().show_value(value, known)
        if known.programs != tuple(self._running.stringList()):
            self._running.setStringList(known.programs)
