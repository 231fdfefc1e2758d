"""A choice of many: a box with the chosen one, and a list that opens."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox

from desktop.widgets.theme import Theme

ARROW = 14


class Picker(QComboBox):
    def __init__(self, theme: Theme, name: str, label: str) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName(name)
        self.setAccessibleName(label)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        place = QRect(0, (self.height() - ARROW) // 2, ARROW, ARROW)
        place.moveLeft(8 if mirrored else self.width() - ARROW - 8)
        self._theme.icon("chevron", "muted", ARROW).paint(QPainter(self), place)
