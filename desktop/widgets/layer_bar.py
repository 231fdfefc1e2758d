"""A model's layers as one strip: which are served, which are ours, which are missing."""

from collections.abc import Iterable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.widgets.parts import plain_tooltip
from desktop.widgets.theme import Theme

Span = tuple[int, int]  # half-open range of layers


class Strip(QWidget):
    """A rounded track across the column, which its kinds fill."""

    def __init__(self, theme: Theme, height: int) -> None:
        super().__init__()
        self._theme, self._height = theme, height
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(160, self._height)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QPainterPath()
        track.addRoundedRect(QRectF(self.rect()), self._height / 2, self._height / 2)
        painter.setClipPath(track)
        painter.fillRect(self.rect(), self._theme.colour("hairline"))
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            painter.translate(self.width(), 0)
            painter.scale(-1, 1)
        self.fill(painter)

    def fill(self, painter: QPainter) -> None:
        """What lies on the track, from the left: it is mirrored where one reads from the right."""


class LayerBar(Strip):
    """Painted, not built from widgets: a model may have a hundred layers."""

    def __init__(self, theme: Theme, height: int = 12) -> None:
        super().__init__(theme, height)
        self._n_layers = 1
        self._covered: tuple[Span, ...] = ()
        self._ours: tuple[Span, ...] = ()

    def show_layers(self, n_layers: int, covered: Iterable[Span], ours: Iterable[Span], told: str) -> None:
        """`told` says the same in words, for the tooltip's and the screen reader's sake."""
        self._n_layers, self._covered, self._ours = max(1, n_layers), tuple(covered), tuple(ours)
        self.setAccessibleName(told)
        self.setToolTip(plain_tooltip(told))
        self.update()

    def fill(self, painter: QPainter) -> None:
        self._paint_spans(painter, self._covered, "shared")
        self._paint_spans(painter, self._ours, "giving")
        self._paint_seams(painter)

    def _paint_spans(self, painter: QPainter, spans: tuple[Span, ...], colour: str) -> None:
        for start, end in spans:
            left, right = self._x(start), self._x(end)
            painter.fillRect(QRectF(left, 0, right - left, self.height()), self._theme.colour(colour))

    def _paint_seams(self, painter: QPainter) -> None:
        if self.width() / self._n_layers < 5:
            return
        painter.setPen(self._theme.colour("table"))
        for layer in range(1, self._n_layers):
            painter.drawLine(round(self._x(layer)), 0, round(self._x(layer)), self.height())

    def _x(self, layer: int) -> float:
        return self.width() * layer / self._n_layers
