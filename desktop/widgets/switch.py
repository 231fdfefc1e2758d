"""On or off, to be seen at a glance."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from desktop.widgets.theme import Theme

SIZE = QSize(44, 28)  # with room for the ring of who uses the keyboard
TRACK = QRectF(4, 4, 36, 20)
KNOB = 14.0
GAP = 3.0


class Switch(QAbstractButton):
    """A screen reader takes it for what it is: a button that is checked or not."""

    def __init__(self, theme: Theme, name: str, label: str) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return SIZE

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ring(painter)
        self._paint_track(painter)
        self._paint_knob(painter)

    def _paint_ring(self, painter: QPainter) -> None:
        if self.hasFocus():
            painter.setPen(QPen(self._theme.colour("accent"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 13, 13)

    def _paint_track(self, painter: QPainter) -> None:
        on = self.isChecked() and self.isEnabled()
        edge = "giving" if on else "outline" if self.isEnabled() else "hairline"
        painter.setPen(QPen(self._theme.colour(edge), 1.5))
        painter.setBrush(self._theme.colour("giving" if on else "surface"))
        painter.drawRoundedRect(TRACK, TRACK.height() / 2, TRACK.height() / 2)

    def _paint_knob(self, painter: QPainter) -> None:
        """At the end of the line where it is on, whichever way is read."""
        at_end = self.isChecked() != (self.layoutDirection() is Qt.LayoutDirection.RightToLeft)
        left = TRACK.right() - GAP - KNOB if at_end else TRACK.left() + GAP
        ink = "outline" if not self.isChecked() else "surface"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour(ink if self.isEnabled() else "hairline"))
        painter.drawEllipse(QRectF(left, TRACK.top() + GAP, KNOB, KNOB))
