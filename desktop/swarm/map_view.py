"""The map, painted: layers across, one row per server, and above them how many serve each layer.

Only the rows in sight are painted, so that a map of any length costs the same.
"""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame

from desktop.swarm.frame import Frame
from desktop.swarm.painting import MapPainter
from desktop.swarm.rows import Order, Route, coverage, ordered, routes_on
from desktop.swarm.wording import described, peer_of, server_in_words, state_of
from desktop.widgets.theme import Theme
from engine.api.map_schema import MapModel, MapServer


class MapView(QAbstractScrollArea):
    """`pointed` carries the server whose details are wanted, or None."""

    pointed = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("swarmMap")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self._theme = theme
        self._order = Order.LAYERS
        self._model: MapModel | None = None
        self._route = Route()
        self.servers: tuple[MapServer, ...] = ()
        self._counts: tuple[int, ...] = ()
        self._chosen = ""  # peer, by click or key
        self._hovered = -1
        self._label = self.tr("this computer")
        self._by_keyboard = False
        theme.changed.connect(self.viewport().update)

    def sizeHint(self) -> QSize:
        return QSize(600, 320)

    # --- what is shown

    def show_model(self, model: MapModel | None) -> None:
        if model == self._model:
            return
        self._model = model
        self._counts = coverage(model) if model else ()
        self._sort()
        self._describe()

    def show_route(self, route: Route) -> None:
        self._route = route
        self.viewport().update()

    def sort_by(self, order: Order) -> None:
        self._order = order
        self._sort()

    def _sort(self) -> None:
        self.servers = ordered(self._model.servers, self._order) if self._model else ()
        self._hovered = -1
        self._fit()
        self.pointed.emit(self.pointed_server)
        self.viewport().update()

    @property
    def pointed_server(self) -> MapServer | None:
        """Under the mouse, else chosen."""
        if 0 <= self._hovered < len(self.servers):
            return self.servers[self._hovered]
        return next((server for server in self.servers if server.peer == self._chosen), None)

    def choose(self, index: int) -> None:
        """By its place in the order that is shown."""
        if 0 <= index < len(self.servers):
            self._chosen, self._hovered = self.servers[index].peer, -1
            self._bring_into_sight(index)
            self._describe()
            self.pointed.emit(self.pointed_server)
            self.viewport().update()

    @property
    def chosen_index(self) -> int:
        """-1: none."""
        return next((at for at, server in enumerate(self.servers) if server.peer == self._chosen), -1)

    def _describe(self) -> None:
        """For a screen reader: the whole in sentences, then the server that was chosen."""
        told = described(self._model) if self._model else ""
        if (at := self.chosen_index) >= 0:
            server = self.servers[at]
            told = f"{peer_of(server)}, {state_of(server.state)}: {server_in_words(server)}. {told}"
        if told != self.accessibleDescription():
            self.setAccessibleDescription(told)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    # --- where things are

    @property
    def frame(self) -> Frame:
        metrics = QFontMetrics(self._theme.font("small", bold=True, tabular=True))
        n_layers = self._model.n_layers if self._model else 1
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        scrolled = self.verticalScrollBar().value()
        return Frame(self.viewport().width(), n_layers, metrics, self._label, mirrored, scrolled)

    def _fit(self) -> None:
        frame, bar = self.frame, self.verticalScrollBar()
        room = self.viewport().height() - frame.head_height
        bar.setRange(0, max(0, len(self.servers) * frame.row_height - room))
        bar.setPageStep(max(room, 1))
        bar.setSingleStep(frame.row_height)

    def _bring_into_sight(self, index: int) -> None:
        frame, bar = self.frame, self.verticalScrollBar()
        top = index * frame.row_height
        room = self.viewport().height() - frame.head_height - frame.row_height
        bar.setValue(min(max(bar.value(), top - room), top))

    def _row_at(self, point: QPoint) -> int:
        row = self.frame.row_at(point.y())
        return row if 0 <= row < len(self.servers) else -1

    # --- keys and mouse

    def keyPressEvent(self, event: QKeyEvent) -> None:
        at, last = self.chosen_index, len(self.servers) - 1
        page = max(1, self.verticalScrollBar().pageStep() // self.frame.row_height - 1)
        targets = {
            Qt.Key.Key_Down: min(at + 1, last),
            Qt.Key.Key_Up: max(at - 1, 0),
            Qt.Key.Key_PageDown: min(max(at, 0) + page, last),
            Qt.Key.Key_PageUp: max(at - page, 0),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        if event.key() in targets:
            self.choose(targets[event.key()])
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.choose(self._row_at(event.position().toPoint()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._row_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)

    def _hover(self, row: int) -> None:
        if row != self._hovered:
            for changed in {row, self._hovered} - {-1}:
                self.viewport().update(self.frame.whole_row(changed).toAlignedRect())
            self._hovered = row
            self.pointed.emit(self.pointed_server)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The ring is for those who use the keyboard."""
        self._by_keyboard = event.reason() is not Qt.FocusReason.MouseFocusReason
        super().focusInEvent(event)

    # --- painting

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        frame = self.frame
        painting = MapPainter(painter, self._theme, frame)
        rows = frame.rows_between(event.rect().top(), event.rect().bottom(), len(self.servers))
        marked = {self.chosen_index, self._hovered} - {-1}
        painting.paint_rows(self.servers, rows, marked)
        for hops in self._ways():
            painting.paint_route(hops)
        painting.paint_head(self._counts)
        if self.hasFocus() and self._by_keyboard:
            painting.paint_focus(self.viewport().rect())

    def _ways(self) -> Iterable[Sequence[tuple[int, int, int]]]:
        """Row, start and end of each hop on this map: of the running answers, else of the last one."""
        at = {server.peer: row for row, server in enumerate(self.servers)}
        for route in routes_on(self._model, self._route):
            yield [(at[hop.peer], hop.start, hop.end) for hop in route.hops if hop.peer in at]
