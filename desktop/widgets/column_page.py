"""A page that scrolls: one column of parts in the middle of the window."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.widgets.parts import spaced
from desktop.widgets.theme import Theme


class ColumnPage(QScrollArea):
    """Parts are added to `column`."""

    def __init__(self, theme: Theme, name: str, width: int) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its parts take the focus, and hand page keys on to it
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scrolled = QWidget(objectName="scrolled")
        row = spaced(QHBoxLayout(scrolled), theme.space("huge"), 0)
        holder = QWidget()
        holder.setMaximumWidth(width)
        row.addStretch(1)
        row.addWidget(holder, 1000)
        row.addStretch(1)
        self.column = spaced(QVBoxLayout(holder), 0, theme.space("large"))
        self.setWidget(scrolled)
