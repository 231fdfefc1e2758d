"""One server of the map in words."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.swarm.wording import peer_of, server_in_words, state_of
from desktop.widgets.parts import make_label, plain_tooltip, spaced
from desktop.widgets.theme import Theme
from engine.api.map_schema import MapServer


class Details(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._who = make_label(theme, bold=True, name="serverWho")
        self._what = make_label(theme, size="small", tone="muted", wrap=True, name="serverWhat")
        column = spaced(QVBoxLayout(self), 0, theme.space("tight"))
        column.addWidget(self._who)
        column.addWidget(self._what)
        column.addStretch()
        self.setMinimumHeight(self._who.sizeHint().height() + 2 * self._what.sizeHint().height())
        self.show_server(None)

    def show_server(self, server: MapServer | None) -> None:
        self._who.setVisible(server is not None)
        if server is None:
            self._what.setText(
                self.tr("Point at a row, or choose one with the arrow keys, to see more of it.")
            )
            self._what.setToolTip("")
            return
        who = f"{peer_of(server)}, {state_of(server.state)}"
        self._who.setText(who[:1].upper() + who[1:])
        self._what.setText(server_in_words(server))
        self._what.setToolTip(plain_tooltip(server.peer))
