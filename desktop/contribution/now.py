"""What the swarm does at this moment, and this computer's part in it."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.contribution.share import share_in
from desktop.contribution.share_bar import ShareBar
from desktop.contribution.wording import share_of
from desktop.widgets.parts import make_label, make_line, spaced
from desktop.widgets.theme import Theme
from engine.api.map_schema import SwarmMap


class SwarmNow(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._told = make_label(theme, wrap=True, name="swarmShare")
        self._bar = ShareBar(theme)
        hint = self.tr("As servers announce it of themselves. Nobody counts for the whole swarm over time.")
        self._hint = make_label(theme, hint, size="small", tone="muted", wrap=True)
        column = spaced(QVBoxLayout(self), 0, theme.space("small"))
        column.addWidget(make_line())
        column.addSpacing(theme.space("small"))
        column.addWidget(make_label(theme, self.tr("The swarm at this moment"), bold=True))
        column.addWidget(self._told)
        column.addWidget(self._bar)
        column.addWidget(self._hint)
        self.hide()

    def show_swarm(self, swarm: SwarmMap) -> None:
        share = share_in(swarm)
        self._told.setText(share_of(share))
        self._bar.show_share(share, share_of(share))
        self._hint.setVisible(share.servers > 0)
        self.show()
