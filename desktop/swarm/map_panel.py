"""The map of one model and what belongs to it: picker, order, legend, details, and the same as a table."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from desktop.swarm.details import Details
from desktop.swarm.legend import Legend
from desktop.swarm.map_view import MapView
from desktop.swarm.rows import Order, Route
from desktop.swarm.server_table import ServerTable
from desktop.swarm.wording import counts_of, coverage_of, tone_of
from desktop.widgets.parts import make_label, set_tone, spaced
from desktop.widgets.picker import Picker
from desktop.widgets.segments import Segments
from desktop.widgets.theme import Theme
from engine.api.map_schema import MapModel, SwarmMap

HIGH = 360  # pixels, from which on there is room for more than the map


class MapPanel(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._map = SwarmMap()
        self._picker = Picker(theme, "mapModel", self.tr("Model"))
        self._picker.setMinimumWidth(220)
        self._servers = make_label(theme, size="small", tone="muted", name="mapCounts")
        self._coverage = make_label(theme, wrap=True, name="mapCoverage")
        self._orders = Segments(theme, self.tr("Order"), self._order_names())
        self._views = Segments(theme, self.tr("Show as"), self._view_names())
        self.map = MapView(theme)
        self.map.setAccessibleName(self.tr("Map of the swarm"))
        self._table = ServerTable(theme)
        self._stack = QStackedWidget()
        self._legend = Legend(theme)
        self._details = Details(theme)
        self._lay_out()
        self._picker.activated.connect(self._show)
        self._orders.chosen.connect(self._sort)
        self._views.chosen.connect(self._show_as)
        self.map.pointed.connect(self._details.show_server)
        self._table.pointed.connect(self._details.show_server)

    def _order_names(self) -> list[tuple[str, str]]:
        return [
            ("orderLayers", self.tr("Layers")),
            ("orderSpeed", self.tr("Speed")),
            ("orderDistance", self.tr("Distance")),
        ]

    def _view_names(self) -> list[tuple[str, str]]:
        return [("asMap", self.tr("Map")), ("asTable", self.tr("Table"))]

    def _lay_out(self) -> None:
        column = spaced(QVBoxLayout(self), 0, self._theme.space("medium"))
        for row in (
            (self._picker, self._servers, None, self._views),
            (self._coverage, self._labelled(self.tr("By"), self._orders)),
        ):
            column.addLayout(self._make_row(*row))
        self._stack.addWidget(self.map)
        self._stack.addWidget(self._table)
        column.addWidget(self._stack, 1)
        column.addWidget(self._legend)
        column.addWidget(self._details)

    def _make_row(self, *parts: QWidget | None) -> QHBoxLayout:
        row = spaced(QHBoxLayout(), 0, self._theme.space("medium"))
        for part in parts:
            if part is None:
                row.addStretch(1)
            else:
                row.addWidget(part, isinstance(part, QLabel) and part.wordWrap())
        return row

    def _labelled(self, text: str, part: QWidget) -> QWidget:
        whole = QWidget()
        row = spaced(QHBoxLayout(whole), 0, self._theme.space("small"))
        row.addWidget(make_label(self._theme, text, size="small", tone="muted"))
        row.addWidget(part)
        return whole

    # --- what is shown

    @property
    def model(self) -> MapModel | None:
        digest = self._picker.currentData()
        return next((model for model in self._map.models if model.digest == digest), None)

    def show_map(self, swarm: SwarmMap) -> None:
        self._map = swarm
        self._fill_picker()
        self._show()

    def show_route(self, route: Route) -> None:
        self.map.show_route(route)

    def _fill_picker(self) -> None:
        """The choice stays, as long as the model is there."""
        wanted = [(model.name, model.digest) for model in self._map.models]
        there = [(self._picker.itemText(at), self._picker.itemData(at)) for at in range(self._picker.count())]
        if wanted != there:
            chosen = self._picker.currentData()
            self._picker.clear()
            for name, digest in wanted:
                self._picker.addItem(name, digest)
            self._picker.setCurrentIndex(max(self._picker.findData(chosen), 0))

    def _show(self) -> None:
        model = self.model
        self.map.show_model(model)
        self._table.servers.show_servers(self.map.servers)
        if model is not None:
            self._servers.setText(counts_of(model))
            self._coverage.setText(coverage_of(model))
            set_tone(self._coverage, tone_of(model))

    def _show_as(self, index: int) -> None:
        self._stack.setCurrentIndex(index)
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """In a low window the servers come before what explains them."""
        high = self.height() >= HIGH
        self._legend.setVisible(high and self._stack.currentWidget() is self.map)
        self._details.setVisible(high)

    def _sort(self, index: int) -> None:
        self.map.sort_by(tuple(Order)[index])
        self._table.servers.show_servers(self.map.servers)
