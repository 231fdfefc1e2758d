"""What the reader of a scrolled column looks at: it stays in its place while things come and go around it."""

from collections.abc import Iterable

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QScrollArea, QWidget


class ReadingPlace:
    """Of an area that shows one tall widget. `follows`: the reader stays at the end, whatever is added."""

    def __init__(self, area: QScrollArea) -> None:
        self._area, self._bar = area, area.verticalScrollBar()
        self.follows = True
        self._anchor: tuple[QWidget, int] | None = None  # what is read, its top below the upper edge

    def go_to_end(self) -> None:
        self._bar.setValue(self._bar.maximum())

    def forget(self, follows: bool) -> None:
        """Something else is shown, from its end or from elsewhere."""
        self.follows, self._anchor = follows, None

    def top_of(self, part: QWidget) -> int:
        """In pixels below the upper edge of what is seen."""
        return part.mapTo(self._area.widget(), QPoint(0, 0)).y() - self._bar.value()

    def is_above(self, part: QWidget) -> bool:
        """Whether the reader is past it."""
        return self.top_of(part) + part.height() <= 0

    def within(self, part: QWidget, margin: int) -> tuple[int, int]:
        """What is seen and `margin` above and below it, as heights in this part."""
        top = self.top_of(part)
        return -top - margin, self._area.viewport().height() - top + margin

    def keep(self, parts: Iterable[QWidget]) -> None:
        """Remember the first of these that is seen, if the reader does not follow the end."""
        part = next((each for each in parts if not self.is_above(each)), None)
        self._anchor = None if self.follows or part is None else (part, self.top_of(part))

    def keep_at(self, part: QWidget, top: int) -> None:
        self._anchor = part, top

    def hold(self) -> None:
        """Scroll so that what was kept is where it was."""
        if self.follows:
            self.go_to_end()
        elif self._anchor:
            part, top = self._anchor
            self.move_by(self.top_of(part) - top)

    def move_by(self, pixels: int) -> None:
        self._bar.setValue(self._bar.value() + pixels)
