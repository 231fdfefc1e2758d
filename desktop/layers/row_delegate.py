"""Draws one stored model: its name, what is to be said of it, and its layers as one strip."""

import time
from itertools import groupby

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QHelpEvent, QPainter, QPainterPath
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from desktop.layers.list_model import ROW, Index, Row, Shade
from desktop.layers.wording import layer_in_words
from desktop.widgets.parts import plain_tooltip
from desktop.widgets.theme import Theme

STRIP_HEIGHT = 12
PADDING = 12
SEAM_FROM = 8.0  # pixels of a layer: below that, seams would be all that is seen


class RowDelegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        lines = self._metrics("body").height() + self._metrics("small").height()
        return QSize(0, lines + STRIP_HEIGHT + self._theme.space("small") + 2 * PADDING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row = index.data(ROW)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option)
        box = option.rect.adjusted(PADDING, PADDING, -PADDING, -PADDING)
        name = QRect(box.left(), box.top(), box.width(), self._metrics("body").height())
        self._paint_line(painter, name, row.model.name, self._theme.font("body", bold=True), "text")
        words = QRect(box.left(), name.bottom() + 1, box.width(), self._metrics("small").height())
        self._paint_line(painter, words, row.words, self._theme.font("small", tabular=True), "muted")
        self._paint_strip(painter, self.strip_box(option.rect), row.shades)
        painter.restore()

    def strip_box(self, row: QRect) -> QRect:
        box = row.adjusted(PADDING, PADDING, -PADDING, -PADDING)
        return QRect(box.left(), box.bottom() - STRIP_HEIGHT + 1, box.width(), STRIP_HEIGHT)

    def layer_at(self, row: QRect, x: int, n_layers: int, mirrored: bool = False) -> int:
        """Which layer of the strip lies there. `mirrored`: the first is at the right."""
        strip = self.strip_box(row)
        along = strip.right() - x if mirrored else x - strip.left()
        return min(n_layers - 1, max(0, along * n_layers // max(1, strip.width())))

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        if event.type() != QEvent.Type.ToolTip or not index.isValid():
            return super().helpEvent(event, view, option, index)
        row: Row = index.data(ROW)
        mirrored = option.direction is Qt.LayoutDirection.RightToLeft
        layer = self.layer_at(option.rect, event.pos().x(), len(row.shades), mirrored)
        on_strip = self.strip_box(option.rect).contains(event.pos())
        text = layer_in_words(row.model, layer, time.time()) if on_strip else row.model.name
        QToolTip.showText(event.globalPos(), plain_tooltip(text), view)
        return True

    def _metrics(self, size: str) -> QFontMetrics:
        return QFontMetrics(self._theme.font(size))

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        state, corner = option.state, self._theme.tokens.shape["corner"]
        if not state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            return
        focused = _is(state, "HasFocus") and _is(state, "Selected")
        edge = "accent" if focused else "outline" if _is(state, "Selected") else "hairline"
        painter.setPen(self._theme.colour(edge))
        painter.setBrush(self._theme.colour("surface"))
        painter.drawRoundedRect(QRectF(option.rect).adjusted(0.5, 1.5, -0.5, -1.5), corner, corner)

    def _paint_line(self, painter: QPainter, box: QRect, text: str, font: QFont, tone: str) -> None:
        painter.setFont(font)
        painter.setPen(self._theme.colour(tone))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter, shown)

    def _paint_strip(self, painter: QPainter, box: QRect, shades: tuple[Shade, ...]) -> None:
        track = QPainterPath()
        track.addRoundedRect(QRectF(box), box.height() / 2, box.height() / 2)
        painter.setClipPath(track)
        if painter.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            painter.translate(2 * box.left() + box.width(), 0)
            painter.scale(-1, 1)
        width, at = box.width() / max(1, len(shades)), 0
        for shade, run in groupby(shades):
            length = len(list(run))
            left = box.left() + at * width
            painter.fillRect(
                QRectF(left, box.top(), length * width, box.height()), self._theme.colour(shade.value)
            )
            at += length
        if width >= SEAM_FROM:
            painter.setPen(self._theme.colour("table"))
            for layer in range(1, len(shades)):
                x = round(box.left() + layer * width)
                painter.drawLine(x, box.top(), x, box.bottom())


def _is(state: QStyle.StateFlag, name: str) -> bool:
    return bool(state & QStyle.StateFlag[f"State_{name}"])
