"""Today, 30 days and all time at a glance: a row for each, a column for each kind."""

from PySide6.QtWidgets import QGridLayout, QWidget

from desktop.contribution.kinds import Kind, given_in_words, name_of
from desktop.widgets.parts import make_label, spaced
from desktop.widgets.theme import Theme
from engine.api.schema import Given


class Glance(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        rows = (("today", self.tr("Today")), ("days", self.tr("30 days")), ("total", self.tr("All time")))
        grid = spaced(QGridLayout(self), 0, theme.space("small"))
        grid.setHorizontalSpacing(theme.space("medium"))
        for column, kind in enumerate(Kind, start=1):
            grid.addWidget(make_label(theme, name_of(kind), size="small", tone="muted"), 0, column)
            grid.setColumnStretch(column, 1)
        self._cells = {}
        for row, (name, heading) in enumerate(rows, start=1):
            grid.addWidget(make_label(theme, heading, tone="muted"), row, 0)
            for column, kind in enumerate(Kind, start=1):
                cell = make_label(theme, "–", bold=True, name=f"{name}-{kind.value}")
                cell.setAccessibleDescription(f"{heading}, {name_of(kind)}")
                grid.addWidget(cell, row, column)
                self._cells[name, kind] = cell

    def show_given(self, name: str, given: Given) -> None:
        """`name`: today, days or total."""
        for kind in Kind:
            self._cells[name, kind].setText(given_in_words(given, kind))
