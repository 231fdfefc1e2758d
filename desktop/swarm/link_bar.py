"""How this computer is connected, in a line, with a button to have it examined."""

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.swarm.wording import link_of
from desktop.widgets.parts import make_button, make_label, make_line, spaced
from desktop.widgets.theme import Theme
from engine.api.schema import SwarmStatus


class LinkBar(QWidget):
    def __init__(self, theme: Theme, examine: Callable[[], object]) -> None:
        super().__init__()
        self._told = make_label(theme, wrap=True, name="linkTold")
        self.examine = make_button(self.tr("Examine my connection"), "examine", examine)
        column = spaced(QVBoxLayout(self), 0, theme.space("medium"))
        column.addWidget(make_line())
        row = spaced(QHBoxLayout(), 0, theme.space("medium"))
        column.addLayout(row)
        row.addWidget(make_label(theme, self.tr("My link"), bold=True))
        row.addWidget(self._told, 1)
        row.addWidget(self.examine)

    def show_link(self, swarm: SwarmStatus) -> None:
        self._told.setText(link_of(swarm))
