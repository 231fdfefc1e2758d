"""Times of the week: for each, the days on which it begins, and from when to when."""

import re

from PySide6.QtCore import Qt, QTime, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QTimeEdit, QToolButton, QVBoxLayout, QWidget

from desktop.settings.controls import Control, Known
from desktop.settings.folding import Folding
from desktop.settings.wording import DAY_KEYS, day_names, declared_text
from desktop.widgets.parts import IconButton, clear, make_button, make_label, spaced
from desktop.widgets.theme import Theme
from engine.api.preferences_schema import Setting, Value

NEW = "mon-sun 22:00-07:00"
FORMAT = "HH:mm"
FOLD_BELOW = 520  # pixels


class TimesControl(Control):
    def __init__(self, theme: Theme, setting: Setting) -> None:
        super().__init__()
        self._theme, self._setting = theme, setting
        self._lines: list[_Line] = []
        self._column = spaced(QVBoxLayout(), 0, theme.space("small"))
        column = spaced(QVBoxLayout(self), 0, theme.space("small"))
        column.addLayout(self._column)
        add = make_button(self.tr("Add a time"), f"{setting.key}.add", self._add)
        column.addWidget(add, 0, Qt.AlignmentFlag.AlignLeading)

    def show_value(self, value: Value, known: Known) -> None:
        texts = [canonical(text) for text in value] if isinstance(value, tuple) else []
        if texts == [line.text for line in self._lines]:
            return
        clear(self._column)
        self._lines = [self._make_line(text) for text in texts]
        for line in self._lines:
            self._column.addWidget(line)

    def _make_line(self, text: str) -> "_Line":
        line = _Line(self._theme, self._setting, text)
        line.edited.connect(self._choose)
        line.removed.connect(lambda: self._remove(line))
        return line

    def _add(self) -> None:
        self.chosen.emit((*(line.text for line in self._lines), NEW))

    def _remove(self, line: "_Line") -> None:
        self.chosen.emit(tuple(other.text for other in self._lines if other is not line))

    def _choose(self) -> None:
        self.chosen.emit(tuple(line.text for line in self._lines))


class _Line(Folding):
    """`mon,tue 22:00-07:00`, to be changed by hand. A time without days would be none: the last one stays."""

    edited = Signal()
    removed = Signal()

    def __init__(self, theme: Theme, setting: Setting, text: str) -> None:
        super().__init__(FOLD_BELOW, theme.space("small"))
        days, start, end = parts_of(text)
        week, hours = QWidget(), QWidget()
        row = spaced(QHBoxLayout(week), 0, theme.space("tight"))
        self._days = {key: self._make_day(key, letters, name) for key, letters, name in day_names()}
        for key, button in self._days.items():
            button.setChecked(key in days)
            row.addWidget(button)
        row = spaced(QHBoxLayout(hours), 0, theme.space("tight"))
        what = declared_text(setting.short)
        self._start = self._make_time("start", self.tr("From: {what}").format(what=what), start)
        self._end = self._make_time("end", self.tr("To: {what}").format(what=what), end)
        row.addWidget(self._start)
        row.addWidget(make_label(theme, "–", tone="muted"))
        row.addWidget(self._end)
        row.addStretch(1)
        remove = self.tr("Remove this time")
        row.addWidget(IconButton(theme, "close", remove, "removeTime", self.removed.emit))
        self.box.addWidget(week, 0, Qt.AlignmentFlag.AlignLeading)
        self.box.addWidget(hours, 1)

    @property
    def text(self) -> str:
        days = [key for key in DAY_KEYS if self._days[key].isChecked()]
        start, end = self._start.time().toString(FORMAT), self._end.time().toString(FORMAT)
        return f"{','.join(days)} {start}-{end}"

    def _make_day(self, key: str, letters: str, name: str) -> QToolButton:
        button = QToolButton(objectName=f"day.{key}", text=letters, checkable=True, toolTip=name)
        button.setProperty("day", True)
        button.setAccessibleName(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda on: self._day_clicked(button, on))
        return button

    def _day_clicked(self, button: QToolButton, on: bool) -> None:
        if not any(day.isChecked() for day in self._days.values()):
            button.setChecked(True)
            return
        self.edited.emit()

    def _make_time(self, name: str, label: str, text: str) -> "_Time":
        edit = _Time(QTime.fromString(text, FORMAT), objectName=name)
        edit.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # digits are read so everywhere
        edit.setDisplayFormat(FORMAT)
        edit.setAccessibleName(label)
        edit.setAlignment(Qt.AlignmentFlag.AlignCenter)
        edit.editingFinished.connect(self._time_edited)
        edit.setProperty("before", text)
        return edit

    def _time_edited(self) -> None:
        times = [edit.time().toString(FORMAT) for edit in (self._start, self._end)]
        if times != [edit.property("before") for edit in (self._start, self._end)]:
            for edit, text in zip((self._start, self._end), times, strict=True):
                edit.setProperty("before", text)
            self.edited.emit()


class _Time(QTimeEdit):
    """Scrolling over it scrolls the page."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


def parts_of(text: str) -> tuple[frozenset[str], str, str]:
    """Days, start and end; the engine lets nothing else through. The end of a day is the next one's start."""
    match = re.fullmatch(r"(?:(.+?) )?(\d{1,2}:\d{2})[-–](\d{1,2}:\d{2})", text.strip().lower())
    days, start, end = match.groups() if match else (None, "00:00", "00:00")
    return _days_of(days or "mon-sun"), start.zfill(5), "00:00" if end == "24:00" else end.zfill(5)


def canonical(text: str) -> str:
    """As a line writes it."""
    days, start, end = parts_of(text)
    return f"{','.join(key for key in DAY_KEYS if key in days)} {start}-{end}"


def _days_of(text: str) -> frozenset[str]:
    days: set[str] = set()
    for part in text.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        begin, end = DAY_KEYS.index(first), DAY_KEYS.index(last or first)
        days.update(DAY_KEYS[day % 7] for day in range(begin, end + 1 + (7 if end < begin else 0)))
    return frozenset(days)
