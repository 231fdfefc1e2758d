"""A number over the last minutes: kept as it changes, and painted as a short line."""

import time
from collections.abc import Callable

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from desktop.widgets.parts import make_label, spaced
from desktop.widgets.theme import Theme

MINUTES = 15
LINE = QSize(112, 32)


class Trace:
    """What a number was, and since when. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, seconds: float = 60.0 * MINUTES) -> None:
        self._clock, self._seconds = clock, seconds
        self._changes: list[tuple[float, float]] = []

    def add(self, value: float) -> None:
        now = self._clock()
        if not self._changes or self._changes[-1][1] != value:
            self._changes.append((now, value))
        begin = now - self._seconds
        while len(self._changes) > 1 and self._changes[1][0] <= begin:
            del self._changes[0]

    def points(self) -> list[tuple[float, float]]:
        """(share of the time, value), from the first that is known to now; each value holds to the next."""
        now = self._clock()
        begin = now - self._seconds
        found: list[tuple[float, float]] = []
        for at, value in self._changes:
            share = max(0.0, (at - begin) / self._seconds)
            if found:
                found.append((share, found[-1][1]))
            found.append((share, value))
        return [*found, (1.0, found[-1][1])] if found else []


class TracePanel(QWidget):
    """The number, what it is, and its line. `least` to `most`: from the line's foot to its top."""

    def __init__(self, theme: Theme, name: str, word: str) -> None:
        super().__init__()
        self.setObjectName(f"{name}Panel")
        self._word = word
        self._trace = Trace()
        self._value = make_label(theme, bold=True, name=name)
        self._value.setAccessibleDescription(word)
        self._line = _Line(theme)
        column = spaced(QVBoxLayout(self), 0, theme.space("tight"))
        column.addWidget(self._value)
        column.addWidget(make_label(theme, word, size="small", tone="muted"))
        column.addWidget(self._line)

    def show_value(self, value: float, least: float, most: float, words: str) -> None:
        self._trace.add(value)
        self._value.setText(words)
        told = self.tr("{what}: {now}. The line shows the last {count} minutes.")
        self._line.setAccessibleName(told.format(what=self._word, now=words, count=MINUTES))
        self._line.show_points(self._trace.points(), least, most)

    def forget(self) -> None:
        self._trace = Trace()
        self.hide()


class _Line(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._points: list[tuple[float, float]] = []
        self._least, self._most = 0.0, 1.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return LINE

    def show_points(self, points: list[tuple[float, float]], least: float, most: float) -> None:
        self._points, self._least, self._most = points, least, most
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("hairline"), 1))
        foot = self.height() - 0.5
        painter.drawLine(QPointF(0, foot), QPointF(self.width(), foot))
        painter.setPen(QPen(self._theme.colour("giving"), 1.5))
        painter.drawPolyline(QPolygonF([self._place(*point) for point in self._points]))

    def _place(self, share: float, value: float) -> QPointF:
        """Time goes the way that people read."""
        high = (value - self._least) / max(1e-9, self._most - self._least)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        across = 1 - share if mirrored else share
        return QPointF(across * self.width(), (1 - min(1.0, max(0.0, high))) * (self.height() - 4) + 2)
