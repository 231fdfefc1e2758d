"""The way of the Tab key through what is laid out: as it is read."""

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QWidget

TAB = Qt.FocusPolicy.TabFocus


def stops_in(widget: QWidget) -> Iterator[QWidget]:
    """Itself and what is laid out in it, as far as the Tab key may stop there; hidden ones, too."""
    if widget.focusPolicy() & TAB:
        yield widget
    if layout := widget.layout():
        yield from _stops_of(layout)


def _stops_of(layout: QLayout) -> Iterator[QWidget]:
    for at in range(layout.count()):
        item = layout.itemAt(at)
        if widget := item.widget():
            yield from stops_in(widget)
        elif inner := item.layout():
            yield from _stops_of(inner)
