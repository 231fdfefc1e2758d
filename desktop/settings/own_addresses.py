"""Addresses of this computer in the swarm, for other computers to join through it."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.settings.copying import CopyField
from desktop.widgets.parts import clear, make_label, spaced
from desktop.widgets.theme import Theme
from engine.api.schema import SwarmStatus
from engine.settings import is_loopback


class OwnAddresses(QWidget):
    """Hidden in a private swarm: its invite link leads there."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: tuple[str, ...] = ()
        self._says = make_label(theme, size="small", tone="muted", wrap=True, name="ownAddressesSay")
        self._fields = spaced(QVBoxLayout(), 0, theme.space("small"))
        words = spaced(QVBoxLayout(), 0, 2)
        words.addWidget(make_label(theme, self.tr("This computer's addresses")))
        words.addWidget(self._says)
        column = spaced(QVBoxLayout(self), 0, theme.space("small"))
        column.addLayout(words)
        column.addLayout(self._fields)

    def show_swarm(self, swarm: SwarmStatus) -> None:
        self.setVisible(not swarm.name)
        outward = tuple(address for address in swarm.addresses if not is_loopback(address))
        self._says.setText(self._sentence(swarm, outward))
        if outward != self._shown:
            self._shown = outward
            clear(self._fields)
            for number, address in enumerate(outward, start=1):
                self._fields.addWidget(self._make_field(number, address))

    def _sentence(self, swarm: SwarmStatus, outward: tuple[str, ...]) -> str:
        if outward:
            return self.tr(
                "Somebody joins through this computer who adds one of them on theirs, "
                "under “Join through these computers”."
            )
        if swarm.addresses:
            return self.tr("None that other computers can reach: they cannot join through this one.")
        return self.tr("None yet: this computer is not in the swarm.")

    def _make_field(self, number: int, address: str) -> CopyField:
        label = self.tr("Address {number}").format(number=number)
        field = CopyField(self._theme, label, f"ownAddress{number}")
        field.show_text(address)
        return field
