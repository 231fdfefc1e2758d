"""‹ 2 of 3 ›: which of several messages in one place is shown, and the way to the others."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.chat.wording import position_of
from desktop.widgets.parts import IconButton, make_label, spaced
from desktop.widgets.theme import Theme


class Position(QWidget):
    """Not to be seen where there is only one. `kind` ends the controls' names."""

    turned = Signal(int, int)  # message id, step

    def __init__(
        self, theme: Theme, message_id: int, siblings: list[int], earlier: str, later: str, kind: str
    ) -> None:
        super().__init__()
        self._id = message_id
        self._at = make_label(theme, size="small", tone="muted", name=f"{kind.lower()}Position")
        self._previous = IconButton(
            theme, "previous", earlier, f"previous{kind}", lambda: self.turned.emit(self._id, -1)
        )
        self._next = IconButton(theme, "next", later, f"next{kind}", lambda: self.turned.emit(self._id, 1))
        row = spaced(QHBoxLayout(self), 0, 0)
        for part in (self._previous, self._at, self._next):
            row.addWidget(part)
        self.show_siblings(siblings)

    def changeEvent(self, event: QEvent) -> None:
        """The arrows point to where the others are read."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            self._previous.set_icon("next" if mirrored else "previous")
            self._next.set_icon("previous" if mirrored else "next")

    def show_siblings(self, siblings: list[int]) -> None:
        self._at.setText(position_of(self._id, siblings))
        self._previous.setEnabled(self._id != siblings[0])
        self._next.setEnabled(self._id != siblings[-1])
        self.setVisible(len(siblings) > 1)
