"""How much of something is done, as a thin strip without a number of its own."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop.widgets.layer_bar import Strip
from desktop.widgets.theme import Theme


class ProgressStrip(Strip):
    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, height=4)
        self._share = 0.0

    def show_share(self, share: float, told: str) -> None:
        """`told` says the same in words, for a screen reader."""
        self._share = min(1.0, max(0.0, share))
        self.setAccessibleName(told)
        self.update()

    def fill(self, painter: QPainter) -> None:
        done = QRectF(0, 0, self.width() * self._share, self.height())
        painter.fillRect(done, self._theme.colour("giving"))
