"""The stored models below each other, and what the colours of their strips mean."""

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListView, QWidget

from desktop.layers.list_model import LayerRows, Shade
from desktop.layers.row_delegate import RowDelegate
from desktop.widgets.column_page import ColumnPage
from desktop.widgets.parts import make_label, spaced
from desktop.widgets.theme import Theme


class LayerList(QListView):
    """As tall as its rows: the page scrolls, not the list."""

    def __init__(self, theme: Theme, rows: LayerRows) -> None:
        super().__init__()
        self.setObjectName("layerList")
        self.setAccessibleName(self.tr("Models in the layer store"))
        self.setModel(rows)
        self.setItemDelegate(RowDelegate(theme, self))
        self.setMouseTracking(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        theme.changed.connect(self.viewport().update)

    def fit(self) -> None:
        rows = self.model().rowCount()
        height = self.sizeHintForRow(0) if rows else 0
        self.setFixedHeight(rows * height)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Whoever comes by keyboard stands on a row."""
        super().focusInEvent(event)
        by_mouse = event.reason() is Qt.FocusReason.MouseFocusReason
        if not by_mouse and self.currentIndex().isValid():
            self.setCurrentIndex(self.currentIndex())  # Qt's own choice of one is not seen

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        super().currentChanged(current, previous)
        area = self.parentWidget()
        while area is not None and not isinstance(area, ColumnPage):
            area = area.parentWidget()
        if area is not None and current.isValid():
            middle = self.mapTo(area.widget(), self.visualRect(current).center())
            area.ensureVisible(0, middle.y(), 0, self.visualRect(current).height())


class Legend(QWidget):
    """What the colours of the strips mean."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._swatches: list[tuple[QLabel, Shade]] = []
        row = spaced(QHBoxLayout(self), 0, theme.space("small"))
        for shade, text in (
            (Shade.USED, self.tr("in use")),
            (Shade.HERE, self.tr("here")),
            (Shade.ARRIVING, self.tr("arriving")),
            (Shade.ABSENT, self.tr("not here")),
        ):
            swatch = QLabel()
            swatch.setFixedSize(12, 12)
            self._swatches.append((swatch, shade))
            row.addWidget(swatch)
            row.addWidget(make_label(theme, text, size="small", tone="muted"))
        theme.changed.connect(self._draw)
        self._draw()

    def _draw(self) -> None:
        for swatch, shade in self._swatches:
            swatch.setStyleSheet(f"background: {self._theme.colours[shade.value]}; border-radius: 3px;")
