"""Asks for the address and the key of an engine elsewhere, and whether it is reached with them."""

from collections.abc import Callable

from pydantic import ValidationError
from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from desktop.app_state import Help
from desktop.elsewhere.checking import reach_once
from desktop.engine_link.calls import Calls
from desktop.engine_link.link import Engine
from desktop.engine_link.troubles import help_in_words, sentence_elsewhere
from desktop.widgets.parts import make_button, make_field, make_label, set_tone, spaced
from desktop.widgets.theme import Theme
from engine.api.known_engines import KnownEngine, is_on_this_computer, parse_address
from engine.errors import PotluckError

TUNNEL_PORT = 4321  # any that is free here
TUNNEL = f"127.0.0.1:{TUNNEL_PORT}"

Reach = Callable[[KnownEngine], Engine]


class AddDialog(QDialog):
    """`added` gets the engine once it has answered."""

    def __init__(
        self,
        theme: Theme,
        reach: Reach,
        added: Callable[[KnownEngine], object],
        parent: QWidget,
        address: str = "",
    ) -> None:
        super().__init__(parent)
        self.setObjectName("addEngine")
        change = help_in_words(Help.ENGINES)
        self.setWindowTitle(change if address else self.tr("Add an engine on another computer"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(480)
        self._reach, self._added = reach, added
        self._calls = Calls(self)
        self._address = make_field("engineAddress", address, TUNNEL, self._typed)
        self._key = make_field("engineKey", "", "", self._typed)
        self._key.setEchoMode(QLineEdit.EchoMode.Password)
        self._open = make_label(theme, size="small", tone="waiting", wrap=True, name="engineOpenly")
        self._said = make_label(theme, size="small", tone="problem", wrap=True, name="engineSaid")
        self._do = change if address else self.tr("Add")
        self._go = make_button(self._do, "engineAdd", self._add, primary=True)
        self._go.setDefault(True)
        self._lay_out(theme)
        self._calls.failed.connect(self._refuse)
        self._typed()
        (self._key if address else self._address).setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._calls.give_up()
        super().closeEvent(event)

    def reject(self) -> None:
        self._calls.give_up()
        super().reject()

    def _lay_out(self, theme: Theme) -> None:
        told = self.tr(
            "Potluck on the other computer shows its address and key in its settings, under Local address. "
            "Best come through an SSH tunnel, which nobody can listen to. Run this in a terminal here:"
        )
        then = self.tr(
            "PORT is the number at the end of the address that is shown there. As long as this runs, the "
            "address to write below is {tunnel}."
        ).format(tunnel=TUNNEL)
        tunnel = QLabel(f"ssh -N -L {TUNNEL_PORT}:127.0.0.1:PORT USER@COMPUTER", objectName="engineTunnel")
        tunnel.setFont(theme.code_font())
        set_tone(tunnel, "text")
        flags = Qt.TextInteractionFlag
        tunnel.setTextInteractionFlags(flags.TextSelectableByMouse | flags.TextSelectableByKeyboard)
        form = QFormLayout()
        form.setSpacing(theme.space("small"))
        for word, field in ((self.tr("Address"), self._address), (self.tr("Key"), self._key)):
            label = make_label(theme, word)
            label.setMinimumHeight(field.minimumHeight())  # so that both stand on one line
            label.setBuddy(field)
            form.addRow(label, field)
        buttons = spaced(QHBoxLayout(), 0, theme.space("small"))
        buttons.addStretch()
        buttons.addWidget(make_button(self.tr("Cancel"), "engineCancel", self.reject))
        buttons.addWidget(self._go)
        column = spaced(QVBoxLayout(self), theme.space("large"), theme.space("medium"))
        column.addWidget(make_label(theme, told, size="small", tone="muted", wrap=True))
        column.addWidget(tunnel)
        column.addWidget(make_label(theme, then, size="small", tone="muted", wrap=True, name="engineThen"))
        column.addLayout(form)
        column.addWidget(self._open)
        column.addWidget(self._said)
        column.addLayout(buttons)

    def _fit(self) -> None:
        """`adjustSize` would give wrapped sentences the height that they have when narrow."""
        width = max(self.minimumWidth(), self.layout().minimumSize().width())
        self.resize(width, self.layout().totalHeightForWidth(width))

    def _typed(self) -> None:
        self._said.hide()
        try:
            openly = not is_on_this_computer(parse_address(self._address.text()))
        except ValueError:
            openly = False
        self._open.setText(
            self.tr(
                "To this address the key and your chats travel unencrypted: who listens on the way reads "
                "them, and can steer that computer. Go on only in a network that you trust."
            )
        )
        self._open.setVisible(openly)
        self._fit()

    def _add(self) -> None:
        if self._calls.busy:
            return
        try:
            address = parse_address(self._address.text())
        except ValueError:
            self._refuse(
                self.tr(
                    "Write a name or numbers, a colon and the port, such as kitchen.local:4321 or "
                    "192.168.1.5:4321."
                )
            )
            return
        try:
            known = KnownEngine(address=address, key=self._key.text().strip())
        except ValidationError:
            self._refuse(self.tr("This is no key: copy it whole from the settings there."))
            return
        self._go.setEnabled(False)
        self._go.setText(self.tr("Reaching it…"))
        self._calls.start(self._check(known), self._take)

    async def _check(self, known: KnownEngine) -> KnownEngine | str:
        try:
            return await reach_once(known, self._reach)
        except PotluckError as error:
            return sentence_elsewhere(error, known.address)

    def _take(self, answer: KnownEngine | str) -> None:
        if isinstance(answer, str):
            self._refuse(answer)
        else:
            self._added(answer)
            self.accept()

    def _refuse(self, sentence: str) -> None:
        self._go.setEnabled(True)
        self._go.setText(self._do)
        self._said.setText(sentence)
        self._said.show()
        self._fit()
