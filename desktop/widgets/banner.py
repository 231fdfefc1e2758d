"""A sentence above all pages, as long as it is true, with buttons."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.widgets.parts import make_button, make_label, set_tone, spaced
from desktop.widgets.theme import Theme


class Banner(QWidget):
    """`buttons`: object name, text and what is done, in their order. Hidden while it has nothing to say."""

    def __init__(
        self, theme: Theme, name: str, tone: str, buttons: tuple[tuple[str, str, Callable[[], object]], ...]
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("banner", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._label = make_label(theme, size="small", wrap=True, name=f"{name}Text")
        set_tone(self._label, tone)
        row = spaced(QHBoxLayout(self), 0, theme.space("small"))
        row.setContentsMargins(16, 8, 16, 8)
        row.addWidget(self._label, 1)
        self.buttons = tuple(make_button(text, each, action) for each, text, action in buttons)
        for button in self.buttons:
            row.addWidget(button)
        self.hide()

    def say(self, text: str) -> None:
        self._label.setText(text)
        self.setVisible(bool(text))
