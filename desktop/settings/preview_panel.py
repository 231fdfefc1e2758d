"""What the rules would have meant in the last 24 hours, and what this computer does not tell of itself."""

from collections.abc import Iterable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.sentences import in_words
from desktop.settings.wording import kept_in_words, preview_in_words
from desktop.widgets.parts import make_label, spaced
from desktop.widgets.theme import Theme
from engine.api.manners_schema import Preview

BAR_HEIGHT = 8


class PreviewPanel(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._said = make_label(theme, wrap=True, name="preview")
        self._bar = _Bar(theme)
        self._kept = make_label(theme, size="small", tone="muted", wrap=True, name="previewKept")
        self._not_told = make_label(theme, size="small", tone="waiting", wrap=True, name="notTold")
        column = spaced(QVBoxLayout(self), 0, theme.space("small"))
        for part in (self._said, self._bar, self._kept, self._not_told):
            column.addWidget(part)
        self.show_preview((), Preview())

    def show_preview(self, not_told_now: Iterable[str], preview: Preview) -> None:
        """`not_told_now`: what this computer does not tell, as sentences."""
        self._said.setText(preview_in_words(preview))
        kept = kept_in_words(preview)
        self._kept.setText("\n".join(kept))
        self._kept.setVisible(bool(kept))
        recorded = preview.recorded_seconds
        self._bar.show_share(preview.giving_seconds / recorded if recorded else 0.0)
        self._bar.setVisible(bool(recorded))
        not_told = dict.fromkeys(map(in_words, (*not_told_now, *preview.not_told)))
        self._not_told.setText("\n".join(not_told))
        self._not_told.setVisible(bool(not_told))


class _Bar(QWidget):
    """The share of the time in which it would have given; the sentence above says it, too."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._share = 0.0
        self.setFixedHeight(BAR_HEIGHT)
        theme.changed.connect(self.update)

    def show_share(self, share: float) -> None:
        self._share = share
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        self._paint(painter, whole, "hairline")
        given = QRectF(whole)
        given.setWidth(whole.width() * self._share)
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            given.moveRight(whole.right())
        painter.setClipRect(given)
        self._paint(painter, whole, "giving")

    def _paint(self, painter: QPainter, whole: QRectF, colour: str) -> None:
        painter.setBrush(self._theme.colour(colour))
        painter.drawRoundedRect(whole, BAR_HEIGHT / 2, BAR_HEIGHT / 2)
