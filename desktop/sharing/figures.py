"""Numbers with a word under each, in a row that does not jitter."""

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from desktop.widgets.parts import make_label, spaced
from desktop.widgets.theme import Theme

COLUMN_WIDTH = 96  # pixels at least


class Figures(QWidget):
    """One column per (object name, word); `show_values` fills them in the same order."""

    def __init__(self, theme: Theme, columns: Sequence[tuple[str, str]], heading: str = "") -> None:
        super().__init__()
        grid = _make_grid(theme, self, len(columns) + bool(heading))
        self._values: list[QLabel] = []
        if heading:
            grid.addWidget(make_label(theme, heading, tone="muted"), 0, 0)
        for at, (name, word) in enumerate(columns, start=bool(heading)):
            value = make_label(theme, "–", bold=True, name=name)
            value.setAccessibleDescription(word)
            grid.addWidget(value, 0, at)
            grid.addWidget(make_label(theme, word, size="small", tone="muted"), 1, at)
            self._values.append(value)

    def show_values(self, values: Sequence[str]) -> None:
        for label, value in zip(self._values, values, strict=True):
            label.setText(value)


def in_columns(theme: Theme, parts: Sequence[QWidget]) -> QWidget:
    """Under as many figures, so that they stand in line with them."""
    holder = QWidget()
    grid = _make_grid(theme, holder, len(parts))
    for at, part in enumerate(parts):
        grid.addWidget(part, 0, at)
    return holder


def _make_grid(theme: Theme, holder: QWidget, columns: int) -> QGridLayout:
    grid = spaced(QGridLayout(holder), 0, theme.space("tight"))
    grid.setHorizontalSpacing(theme.space("large"))
    for at in range(columns):
        grid.setColumnStretch(at, 1)
        grid.setColumnMinimumWidth(at, COLUMN_WIDTH)
    return grid
