"""Parts beside each other, or below each other where the page is narrow."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from desktop.widgets.parts import spaced

Direction = QBoxLayout.Direction


class Folding(QWidget):
    """Parts are added to `box`; narrower than `width` pixels, it folds."""

    def __init__(self, width: int, spacing: int) -> None:
        super().__init__()
        self._width = width
        self.box = spaced(QBoxLayout(Direction.LeftToRight, self), 0, spacing)

    def minimumSizeHint(self) -> QSize:
        """It may always be made narrow enough to fold."""
        widest = max((self.box.itemAt(at).minimumSize().width() for at in range(self.box.count())), default=0)
        return QSize(widest, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wanted = Direction.TopToBottom if event.size().width() < self._width else Direction.LeftToRight
        if self.box.direction() != wanted:
            self.box.setDirection(wanted)
