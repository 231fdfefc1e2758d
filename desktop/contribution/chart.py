"""Bars over time, painted; one of them is read out, by pointing at it or with the arrow keys."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QBrush,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.contribution.kinds import Kind, amount_of, estimated_of, line_in_words
from desktop.contribution.scale import lines_for
from desktop.contribution.series import Bar
from desktop.widgets.theme import Theme

HEIGHT = 220
WIDEST_BAR = 36.0


class BarChart(QWidget):
    """`pointed` carries the index of the bar that is read out, or -1."""

    pointed = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("givenChart")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setMinimumHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme = theme
        self._bars: tuple[Bar, ...] = ()
        self._kind = Kind.WORK
        self._lines: tuple[float, ...] = (0.0, 1.0)
        self.index = -1
        self._chosen_by_key = False
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(480, HEIGHT)

    def show_bars(self, bars: Sequence[Bar], kind: Kind) -> None:
        if len(bars) != len(self._bars):
            self.point_at(-1)
        self._bars, self._kind = tuple(bars), kind
        self._lines = lines_for(max((self._amount(bar) for bar in bars), default=0.0), kind)
        self.update()

    def point_at(self, index: int) -> None:
        if index != self.index:
            self.index = index
            self.pointed.emit(index)
            self.update()

    def describe(self, name: str, told: str) -> None:
        """What a screen reader says of it."""
        self.setAccessibleName(name)
        if told != self.accessibleDescription():
            self.setAccessibleDescription(told)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    # --- keys and mouse

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._bars) - 1
        forward = Qt.Key.Key_Left if self._mirrored else Qt.Key.Key_Right
        back = Qt.Key.Key_Right if self._mirrored else Qt.Key.Key_Left
        steps = {
            forward: min(self.index + 1, last),
            back: last if self.index < 0 else max(self.index - 1, 0),
            Qt.Key.Key_Home: min(0, last),
            Qt.Key.Key_End: last,
        }
        if event.key() in steps:
            self._chosen_by_key = True
            self.point_at(steps[event.key()])
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._chosen_by_key = False
        self.point_at(self._bar_at(event.position().x()))

    def leaveEvent(self, event: QEvent) -> None:
        if not self._chosen_by_key:
            self.point_at(-1)

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.font("small", tabular=True))
        self._paint_lines(painter)
        for index, bar in enumerate(self._bars):
            self._paint_bar(painter, index, bar)
        self._paint_ticks(painter)
        if self.hasFocus():
            painter.setPen(QPen(self._theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)

    def _paint_lines(self, painter: QPainter) -> None:
        area = self._area
        for line in self._lines:
            y = self._y(line)
            painter.setPen(self._theme.colour("hairline"))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            words = self._words_of(line)
            painter.setPen(self._theme.colour("muted"))
            place = QRectF(area.right() + 8, y - 10, self._margin - 12, 20)
            align = Qt.AlignmentFlag.AlignLeft
            if self._mirrored:
                place.moveRight(area.left() - 8)
                align = Qt.AlignmentFlag.AlignRight
            painter.drawText(place, align | Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_bar(self, painter: QPainter, index: int, bar: Bar) -> None:
        amount = self._amount(bar)
        place = self._column(index)
        if index == self.index:
            painter.fillRect(place, self._theme.colour("selected"))
        if amount <= 0:
            return
        width = min(place.width() * 0.72, WIDEST_BAR)
        top = min(self._y(amount), self._area.bottom() - 2)
        body = QRectF(place.center().x() - width / 2, top, width, self._area.bottom() - top)
        shape = QPainterPath()
        shape.addRoundedRect(body, min(3.0, width / 3), min(3.0, width / 3))
        painter.fillPath(shape, self._theme.colour("giving"))
        guessed = body.height() * estimated_of(bar.given, self._kind) / amount
        if guessed > 0:
            painter.save()
            painter.setClipPath(shape)
            upper = QRectF(body.left(), body.top(), width, guessed)
            painter.fillRect(upper, self._theme.colour("shared"))
            painter.fillRect(upper, QBrush(self._theme.colour("giving"), Qt.BrushStyle.BDiagPattern))
            painter.restore()

    def _paint_ticks(self, painter: QPainter) -> None:
        painter.setPen(self._theme.colour("muted"))
        metrics, free_from = QFontMetrics(painter.font()), None
        for index, bar in enumerate(self._bars):
            if not bar.tick:
                continue
            width = metrics.horizontalAdvance(bar.tick) + 12
            place = QRectF(0, self._area.bottom() + 4, width, metrics.height())
            place.moveCenter(QPointF(self._column(index).center().x(), place.center().y()))
            fits = self._area.left() <= place.left() + 6 and place.right() - 6 <= self._area.right()
            if fits and (free_from is None or not place.intersects(free_from)):
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, bar.tick)
                free_from = place

    # --- where things are

    @property
    def _mirrored(self) -> bool:
        return self.layoutDirection() is Qt.LayoutDirection.RightToLeft

    @property
    def _margin(self) -> float:
        """For the words beside the lines."""
        metrics = QFontMetrics(self._theme.font("small", tabular=True))
        return 20.0 + max(metrics.horizontalAdvance(self._words_of(line)) for line in self._lines)

    @property
    def _area(self) -> QRectF:
        low = QFontMetrics(self._theme.font("small")).height() + 12
        left, right = (self._margin, 4.0) if self._mirrored else (4.0, self._margin)
        return QRectF(left, 14, self.width() - left - right, self.height() - 14 - low)

    def _column(self, index: int) -> QRectF:
        area, width = self._area, self._area.width() / max(1, len(self._bars))
        left = area.right() - (index + 1) * width if self._mirrored else area.left() + index * width
        return QRectF(left, area.top(), width, area.height())

    def _bar_at(self, x: float) -> int:
        area = self._area
        if not self._bars or not area.left() <= x < area.right():
            return -1
        index = int((x - area.left()) / area.width() * len(self._bars))
        return len(self._bars) - 1 - index if self._mirrored else index

    def _y(self, amount: float) -> float:
        return self._area.bottom() - self._area.height() * amount / self._lines[-1]

    def _words_of(self, line: float) -> str:
        return line_in_words(line, self._kind, self._lines[-1])

    def _amount(self, bar: Bar) -> float:
        return amount_of(bar.given, self._kind)
