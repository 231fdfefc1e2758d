"""How a row of the list of conversations is painted."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QHelpEvent,
    QPainter,
    QPalette,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from desktop.chat.conversation_model import Index, Kind, Role
from desktop.chat.search import Run, plain
from desktop.widgets.parts import plain_tooltip
from desktop.widgets.theme import Theme

SIDE = 12  # pixels between a row's text and its edges
ICON = 14
FOR_MARKS = 12  # pixels by which bold words may make a line longer


class ConversationRow(QStyledItemDelegate):
    """Groups with a chevron, titles, and lines in which a search found its words, with the words marked."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        around = self._theme.space("tight" if index.data(Role.KIND) == Kind.HIT else "small")
        return QSize(0, option.fontMetrics.height() + 2 * around)

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """All of what there is no room for."""
        if event.type() == QEvent.Type.ToolTip and index.isValid():
            QToolTip.showText(event.globalPos(), plain_tooltip(str(index.data())), view)
            return True
        return super().helpEvent(event, view, option, index)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option)
        box = option.rect.adjusted(SIDE, 0, -SIDE, 0)
        kind = index.data(Role.KIND)
        if kind == Kind.GROUP:
            self._paint_group(painter, box, option, str(index.data()))
        elif kind == Kind.HIT:
            self._paint_hit(painter, _indented(box, option, SIDE), option, index.data(Role.RUNS))
        else:
            inside = SIDE if index.parent().isValid() else 0
            self._paint_line(
                painter, _indented(box, option, inside), option, str(index.data()), "body", "text"
            )
        painter.restore()

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        editor.setGeometry(option.rect)
        editor.setAutoFillBackground(True)
        editor.setPalette(QPalette(option.palette))

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        active = QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver
        if option.state & active:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("selected"))
            painter.drawRoundedRect(option.rect.adjusted(0, 1, 0, -1), 8, 8)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(self._theme.colour("outline"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(option.rect.adjusted(1, 2, -1, -2), 8, 8)

    def _paint_group(self, painter: QPainter, box: QRect, option: QStyleOptionViewItem, text: str) -> None:
        is_open = bool(option.state & QStyle.StateFlag.State_Open)
        left_to_right = option.direction == Qt.LayoutDirection.LeftToRight
        icon = self._theme.icon(
            "chevron" if is_open else "next" if left_to_right else "previous", "muted", ICON
        )
        place = QRect(box.left() - 4, box.center().y() - ICON // 2 + 1, ICON, ICON)
        icon.paint(painter, QStyle.visualRect(option.direction, box, place))
        self._paint_line(painter, _indented(box, option, ICON), option, text, "small", "muted", bold=True)

    def _paint_line(
        self,
        painter: QPainter,
        box: QRect,
        option: QStyleOptionViewItem,
        text: str,
        size: str,
        tone: str,
        bold: bool = False,
    ) -> None:
        painter.setFont(self._theme.font(size, bold=bold))
        painter.setPen(self._theme.colour(tone))
        shown = painter.fontMetrics().elidedText(
            " ".join(text.split()), Qt.TextElideMode.ElideRight, box.width()
        )
        painter.drawText(QRectF(box), shown, _on_one_line(option))

    def _paint_hit(
        self, painter: QPainter, box: QRect, option: QStyleOptionViewItem, runs: Sequence[Run]
    ) -> None:
        font = self._theme.font("small")
        runs = _from_first_found(runs)
        room = box.width() - FOR_MARKS
        shown = QFontMetrics(font).elidedText(plain(runs), Qt.TextElideMode.ElideRight, room)
        layout = QTextLayout(shown, font)
        layout.setFormats(self._marks(runs, font))
        layout.setTextOption(_on_one_line(option))
        layout.beginLayout()
        line = layout.createLine()
        line.setLineWidth(box.width())
        layout.endLayout()
        painter.setClipRect(box)
        painter.setPen(self._theme.colour("muted"))
        layout.draw(painter, QPointF(box.left(), box.center().y() - line.height() / 2 + 1))

    def _marks(self, runs: Sequence[Run], font: QFont) -> list[QTextLayout.FormatRange]:
        marks, at = [], 0
        for run in runs:
            if run.found:
                mark = QTextLayout.FormatRange()
                shape = QTextCharFormat()
                shape.setForeground(self._theme.colour("text"))
                shape.setFontWeight(QFont.Weight.Bold)
                mark.start, mark.length, mark.format = at, len(run.text), shape
                marks.append(mark)
            at += len(run.text)
        return marks


def _indented(box: QRect, option: QStyleOptionViewItem, by: int) -> QRect:
    """From where one begins to read."""
    return QStyle.visualRect(option.direction, box, box.adjusted(by, 0, 0, 0))


def _on_one_line(option: QStyleOptionViewItem) -> QTextOption:
    side = QStyle.visualAlignment(option.direction, Qt.AlignmentFlag.AlignLeading)
    text_option = QTextOption(side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter)
    text_option.setWrapMode(QTextOption.WrapMode.NoWrap)
    return text_option


def _from_first_found(runs: Sequence[Run], before: int = 14) -> list[Run]:
    """Little of what stands before the first word that was found, so that a narrow row shows it."""
    if runs and not runs[0].found and len(runs[0].text) > before:
        return [Run("…" + runs[0].text[-before:].partition(" ")[2], False), *runs[1:]]
    return list(runs)
