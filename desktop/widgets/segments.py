"""A choice of a few, side by side: one is pressed."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from desktop.widgets.parts import make_button, spaced
from desktop.widgets.theme import Theme


class Segments(QWidget):
    """One button per (object name, text). `chosen` carries the index of what a person picked."""

    chosen = Signal(int)

    def __init__(
        self, theme: Theme, label: str, choices: Sequence[tuple[str, str]], pressed: int = 0
    ) -> None:
        super().__init__()
        self.setAccessibleName(label)
        self._group = QButtonGroup(self)
        row = spaced(QHBoxLayout(self), 0, theme.space("tight"))
        for index, (name, text) in enumerate(choices):
            button = make_button(text, name)
            button.setCheckable(True)
            button.setProperty("segment", True)
            self._group.addButton(button, index)
            row.addWidget(button)
        self._group.button(pressed).setChecked(True)
        self._group.idClicked.connect(self.chosen.emit)

    @property
    def index(self) -> int:
        return self._group.checkedId()
