"""A sentence above all pages, as long as it is true, with buttons."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QWidget

from desktop.widgets.parts import make_button, make_label, set_tone, spaced
from desktop.widgets.theme import Theme

FOR_TEXT = 240  # pixels, margins among them
SIDE_BY_SIDE, BELOW = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom


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
        self._line = spaced(QBoxLayout(SIDE_BY_SIDE, self), 0, theme.space("small"))
        self._line.setContentsMargins(16, 8, 16, 8)
        self._line.addWidget(self._label, 1)
        self.buttons = tuple(make_button(text, each, action) for each, text, action in buttons)
        row = spaced(QHBoxLayout(), 0, theme.space("small"))
        row.addStretch()
        for button in self.buttons:
            row.addWidget(button)
        self._line.addLayout(row)
        self.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Where the buttons leave the sentence too little room, they stand below it."""
        shown = [button.sizeHint().width() for button in self.buttons if not button.isHidden()]
        self._line.setDirection(SIDE_BY_SIDE if self.width() - sum(shown) >= FOR_TEXT else BELOW)

    def say(self, text: str) -> None:
        self._label.setText(text)
        self._arrange()
        self.setVisible(bool(text))
