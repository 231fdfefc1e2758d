"""This computer's part of what the swarm does, as a strip."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop.contribution.share import Share
from desktop.widgets.layer_bar import Strip
from desktop.widgets.theme import Theme


class ShareBar(Strip):
    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, 12)
        self.setObjectName("shareBar")
        self._share = Share(0.0, 0.0, 0)

    def show_share(self, share: Share, told: str) -> None:
        """`told`: the same in words."""
        self._share = share
        self.setAccessibleName(told)
        self.setVisible(share.swarm > 0)
        self.update()

    def fill(self, painter: QPainter) -> None:
        if self._share.swarm <= 0:
            return
        own = self.width() * self._share.own / self._share.swarm
        painter.fillRect(self.rect(), self._theme.colour("shared"))
        painter.fillRect(QRectF(0, 0, own, self.height()), self._theme.colour("giving"))
