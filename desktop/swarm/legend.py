"""What the map's colours mean."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.widgets.flow import Flow
from desktop.widgets.parts import make_label, spaced
from desktop.widgets.theme import Theme

SWATCH = QSize(14, 10)


class Legend(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        flow = Flow(self, theme.space("medium"))
        for colour, pattern, text in (
            ("giving", Qt.BrushStyle.SolidPattern, self.tr("this computer")),
            ("shared", Qt.BrushStyle.SolidPattern, self.tr("others")),
            ("waiting", Qt.BrushStyle.BDiagPattern, self.tr("coming")),
            ("waiting", Qt.BrushStyle.SolidPattern, self.tr("one server or none")),
            ("accent", Qt.BrushStyle.SolidPattern, self.tr("an answer's way")),
        ):
            flow.addWidget(_Entry(theme, _Swatch(theme, colour, pattern), text))


class _Entry(QWidget):
    def __init__(self, theme: Theme, swatch: QWidget, text: str) -> None:
        super().__init__()
        row = spaced(QHBoxLayout(self), 0, theme.space("small"))
        row.addWidget(swatch)
        row.addWidget(make_label(theme, text, size="small", tone="muted"))


class _Swatch(QWidget):
    def __init__(self, theme: Theme, colour: str, pattern: Qt.BrushStyle) -> None:
        super().__init__()
        self._theme, self._name, self._pattern = theme, colour, pattern
        self.setFixedSize(SWATCH)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self._theme.colour(self._name)
        painter.setBrush(QBrush(colour, self._pattern))
        painter.setPen(QPen(colour, 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
