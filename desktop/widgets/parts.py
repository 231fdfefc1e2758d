"""Labels, buttons and lines in Potluck's look."""

from collections.abc import Callable
from html import escape
from itertools import pairwise
from typing import TypeVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from desktop.widgets.theme import Theme

_Layout = TypeVar("_Layout", bound=QLayout)


def make_label(
    theme: Theme,
    text: str = "",
    *,
    size: str = "body",
    tone: str = "text",
    bold: bool = False,
    wrap: bool = False,
    name: str = "",
) -> QLabel:
    """A plain-text label: what comes from other computers is never read as rich text."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setFont(theme.font(size, bold=bold, tabular=True))
    label.setWordWrap(wrap)
    label.setObjectName(name)
    set_tone(label, tone)
    return label


class ElidedLabel(QLabel):
    """One line that ends in … where there is no room for all of it; the tooltip has the rest."""

    def __init__(
        self, theme: Theme, name: str, *, size: str = "body", tone: str = "text", bold: bool = False
    ) -> None:
        super().__init__()
        self._whole = ""
        self.setObjectName(name)
        self.setFont(theme.font(size, bold=bold, tabular=True))
        set_tone(self, tone)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMinimumWidth(theme.space("huge"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._whole) + 2, super().sizeHint().height())

    def show_text(self, text: str) -> None:
        self._whole = text
        self.setAccessibleName(text)
        self.setToolTip(plain_tooltip(text))
        self.updateGeometry()
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width()))


def plain_tooltip(text: str) -> str:
    """A tooltip that shows `text` as it is: tooltips would read it as rich text otherwise."""
    return f"<span>{escape(text)}</span>"


def set_tone(widget: QWidget, tone: str) -> None:
    if widget.property("tone") == tone:
        return
    widget.setProperty("tone", tone)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def make_button(
    text: str, name: str, action: Callable[[], object] | None = None, *, primary: bool = False
) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setProperty("primary", primary)
    button.setAutoDefault(False)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # the ring is for those who use the keyboard
    if action:
        button.clicked.connect(lambda: action())
    return button


class IconButton(QToolButton):
    """A drawing that can be pressed; `label` is its tooltip and its accessible name."""

    def __init__(
        self,
        theme: Theme,
        icon: str,
        label: str,
        name: str,
        action: Callable[[], object],
        tone: str = "muted",
    ) -> None:
        super().__init__()
        self._theme, self._icon, self._tone = theme, icon, tone
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setIconSize(QSize(18, 18))
        self.set_label(label)
        self.clicked.connect(lambda: action())
        theme.changed.connect(self._draw)
        self._draw()

    def set_label(self, label: str) -> None:
        self.setToolTip(label)
        self.setAccessibleName(label)

    def set_icon(self, icon: str) -> None:
        self._icon = icon
        self._draw()

    def set_tone(self, tone: str) -> None:
        self._tone = tone
        self._draw()

    def _draw(self) -> None:
        self.setIcon(self._theme.icon(self._icon, self._tone))


def make_field(name: str, text: str, hint: str, typed: Callable[[], object]) -> QLineEdit:
    """`hint` is read while it is empty; `typed` is called at each change."""
    field = QLineEdit(text, objectName=name, placeholderText=hint)
    field.textChanged.connect(lambda _: typed())
    field.setMinimumHeight(field.sizeHint().height())
    return field


def make_line() -> QFrame:
    line = QFrame()
    line.setProperty("line", True)
    return line


def spaced(layout: _Layout, margins: int, spacing: int) -> _Layout:
    layout.setContentsMargins(margins, margins, margins, margins)
    layout.setSpacing(spacing)
    return layout


def has_focus(part: QWidget) -> bool:
    """Whether what is pressed goes to it, or to something in it."""
    focus = QApplication.focusWidget()
    return focus is not None and (part is focus or part.isAncestorOf(focus))


def tab_through(*parts: QWidget) -> None:
    """The Tab key goes from each to the next."""
    for before, after in pairwise(parts):
        QWidget.setTabOrder(before, after)


def clear(layout: QLayout) -> None:
    """Take everything out of the layout and let it go."""
    while item := layout.takeAt(0):
        if widget := item.widget():
            widget.hide()
            widget.deleteLater()
