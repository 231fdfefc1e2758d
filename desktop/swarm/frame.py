"""Where the map's parts are, in pixels. Pure but for font metrics."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetrics

FIGURES = "00 000 tokens/s"
PROFILE = 64  # height of the coverage profile
GAP = 12


class Frame:
    """Names at one side, figures at the other, layers in between."""

    def __init__(
        self,
        width: int,
        n_layers: int,
        metrics: QFontMetrics,
        label: str,
        mirrored: bool = False,
        scrolled: int = 0,
    ) -> None:
        """`label`: as wide as the name of a row gets."""
        self._width, self._n_layers, self._mirrored, self._scrolled = width, n_layers, mirrored, scrolled
        self.row_height = metrics.height() + 8
        self.label_width = min(metrics.horizontalAdvance(label) + 3 * GAP, max(width // 3, 1))
        self.figures_width = metrics.horizontalAdvance(FIGURES) + 2 * GAP
        self.axis_height = metrics.height() + 6
        self.head_height = PROFILE + self.axis_height + 6

    @property
    def layers_width(self) -> int:
        return max(self._width - self.label_width - self.figures_width, 1)

    def column(self, start: int, end: int, top: float, height: float) -> QRectF:
        """Layers [start, end) across."""
        scale = self.layers_width / self._n_layers
        left = self.label_width + start * scale
        return self._placed(QRectF(left, top, (end - start) * scale, height))

    def span(self, row: int, start: int, end: int) -> QRectF:
        """A server's layers in its row."""
        return self.column(start, end, self.top_of(row) + 4, self.row_height - 8).adjusted(0.5, 0, -0.5, 0)

    def label(self, row: int) -> QRectF:
        return self._placed(QRectF(GAP, self.top_of(row), self.label_width - 2 * GAP, self.row_height))

    def figures(self, row: int) -> QRectF:
        left = self._width - self.figures_width + GAP
        return self._placed(QRectF(left, self.top_of(row), self.figures_width - 2 * GAP, self.row_height))

    def whole_row(self, row: int) -> QRectF:
        return QRectF(0, self.top_of(row), self._width, self.row_height)

    def top_of(self, row: int) -> float:
        return self.head_height + row * self.row_height - self._scrolled

    def row_at(self, y: int) -> int:
        """-1 above the rows."""
        return -1 if y < self.head_height else (y - self.head_height + self._scrolled) // self.row_height

    def rows_between(self, top: int, bottom: int, count: int) -> range:
        first = max(0, (max(top, self.head_height) - self.head_height + self._scrolled) // self.row_height)
        last = (bottom - self.head_height + self._scrolled) // self.row_height + 1
        return range(first, min(max(last, first), count))

    def _placed(self, rect: QRectF) -> QRectF:
        if self._mirrored:
            rect.moveLeft(self._width - rect.right())
        return rect
