"""Paints the parts of the map into the places that the frame names."""

from collections.abc import Collection, Iterable, Sequence

from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPen

from desktop.swarm.frame import PROFILE, Frame
from desktop.swarm.wording import peer_of, speed_of, state_of
from desktop.widgets.theme import Theme
from engine.api.map_schema import MapServer, MapState

translate = QCoreApplication.translate

LOAD_HEIGHT = 3
TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)  # layers between two numbers on the axis
TICK_WIDTH = 44  # pixels


class MapPainter:
    def __init__(self, painter: QPainter, theme: Theme, frame: Frame) -> None:
        self._painter, self._frame = painter, frame
        self._colour = {name: theme.colour(name) for name in theme.colours}
        self._font = theme.font("small", tabular=True)
        self._bold = theme.font("small", bold=True, tabular=True)
        self._styles = {(state, own): self._style(state, own) for state in MapState for own in (False, True)}
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)

    def _style(self, state: MapState, own: bool) -> tuple[QBrush, QPen]:
        waiting = self._colour["waiting"]
        if state is MapState.ONLINE:
            return QBrush(self._colour["giving" if own else "shared"]), QPen(Qt.PenStyle.NoPen)
        if state is MapState.JOINING:
            return QBrush(waiting, Qt.BrushStyle.BDiagPattern), QPen(waiting, 1)
        if state is MapState.CHOOSING:
            return QBrush(Qt.BrushStyle.NoBrush), QPen(waiting, 1, Qt.PenStyle.DashLine)
        return QBrush(Qt.BrushStyle.NoBrush), QPen(self._colour["outline"], 1)

    # --- rows

    def paint_rows(self, servers: Sequence[MapServer], rows: range, marked: Collection[int]) -> None:
        for row in rows:
            if row in marked:
                self._painter.fillRect(self._frame.whole_row(row), self._colour["selected"])
            self._paint_row(row, servers[row])

    def _paint_row(self, row: int, server: MapServer) -> None:
        painter = self._painter
        painter.setPen(self._colour["text" if server.own else "muted"])
        painter.setFont(self._bold if server.own else self._font)
        painter.drawText(self._frame.label(row), Qt.AlignmentFlag.AlignVCenter, peer_of(server))
        painter.setFont(self._font)
        self._paint_span(row, server)
        self._paint_figures(row, server)

    def _paint_span(self, row: int, server: MapServer) -> None:
        body = self._frame.span(row, server.start, server.end)
        brush, pen = self._styles[server.state, server.own]
        self._painter.setBrush(brush)
        self._painter.setPen(pen)
        self._painter.drawRoundedRect(body, 3, 3)

    def _paint_figures(self, row: int, server: MapServer) -> None:
        """How fast it is and how busy; for those that do not serve yet or any more, why not."""
        place = self._frame.figures(row)
        self._painter.setPen(self._colour["muted"])
        if server.state is not MapState.ONLINE:
            self._painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, state_of(server.state))
            return
        self._painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, speed_of(server))
        track = QRectF(place.left(), place.bottom() - LOAD_HEIGHT - 1, place.width(), LOAD_HEIGHT)
        self._painter.fillRect(track, self._colour["hairline"])
        track.setWidth(track.width() * server.busy)
        self._painter.fillRect(track, self._colour["giving"])

    # --- the route of an answer

    def paint_route(self, hops: Iterable[tuple[int, int, int]]) -> None:
        """Row, start and end of each hop, lit and joined in their order."""
        painter, before = self._painter, None
        painter.setPen(QPen(self._colour["accent"], 2))
        for row, start, end in hops:
            body = self._frame.span(row, start, end)
            painter.setBrush(self._colour["accent"])
            painter.drawRoundedRect(body.adjusted(1, 1, -1, -1), 3, 3)
            here = body.center().y()
            if before is not None:
                border = self._frame.column(start, start, 0, 0).left()
                painter.drawLine(QPointF(border, before), QPointF(border, here))
            before = here

    # --- above the rows

    def paint_head(self, counts: Sequence[int]) -> None:
        """Covers what is scrolled below it."""
        head = QRectF(0, 0, self._frame.whole_row(0).width(), self._frame.head_height)
        self._painter.fillRect(head, self._colour["table"])
        if counts:
            self._paint_profile(counts)
            self._paint_axis(len(counts))
        self._painter.setPen(self._colour["hairline"])
        self._painter.drawLine(head.bottomLeft(), head.bottomRight())

    def _paint_profile(self, counts: Sequence[int]) -> None:
        most = max(max(counts), 3)
        self._painter.setPen(self._colour["muted"])
        label = self._frame.label(0)
        label.moveTop(PROFILE - label.height())
        self._painter.drawText(label, Qt.AlignmentFlag.AlignVCenter, _servers_each(counts))
        for start, end, count in _runs(counts):
            self._paint_run(start, end, count, most)

    def _paint_run(self, start: int, end: int, count: int, most: int) -> None:
        if count == 0:
            hole = self._frame.column(start, end, 4, PROFILE - 4)
            self._painter.fillRect(hole, self._colour["waiting"])
            return
        height = max((PROFILE - 8) * count / most, 3.0)
        bar = self._frame.column(start, end, PROFILE - height, height)
        self._painter.fillRect(bar, self._colour["waiting" if count == 1 else "shared"])

    def _paint_axis(self, n_layers: int) -> None:
        scale = self._frame.layers_width / n_layers
        every = next((tick for tick in TICKS if tick * scale >= TICK_WIDTH), TICKS[-1])
        self._painter.setPen(self._colour["muted"])
        for layer in sorted({1, *range(every, n_layers + 1, every)}):
            place = self._frame.column(layer - 1, layer, PROFILE + 2, self._frame.axis_height)
            middle = place.center().x()
            place.setLeft(middle - TICK_WIDTH / 2)
            place.setRight(middle + TICK_WIDTH / 2)
            self._painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(layer))

    def paint_focus(self, area: QRect) -> None:
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.setPen(QPen(self._colour["accent"], 2))
        self._painter.drawRoundedRect(QRectF(area).adjusted(1, 1, -1, -1), 4, 4)


def _runs(counts: Sequence[int]) -> Iterable[tuple[int, int, int]]:
    """Start, end and count of layers in a row that have as many servers."""
    start = 0
    for layer in range(1, len(counts) + 1):
        if layer == len(counts) or counts[layer] != counts[start]:
            yield start, layer, counts[start]
            start = layer


def _servers_each(counts: Sequence[int]) -> str:
    least, most = min(counts), max(counts)
    if least == most == 1:
        return translate("Swarm", "1 server")
    each = f"{least}" if least == most else f"{least}–{most}"
    return translate("Swarm", "{each} servers").format(each=each)
