"""Where an answer's time went: one row per server with its layers, and a bar of computing and of the way."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.chat.wording import hop_details, hop_title, route_of, route_summary
from desktop.figures import decimal
from desktop.widgets.parts import ElidedLabel, make_label, spaced
from desktop.widgets.theme import Theme
from engine.api.schema import AnswerReport, HopReport

BAR_HEIGHT = 6  # pixels


class RoutePanel(QFrame):
    def __init__(self, theme: Theme, report: AnswerReport, own_peer: str) -> None:
        super().__init__()
        self.setObjectName("routePanel")
        self.setAccessibleName(route_of(report, own_peer))
        column = spaced(QVBoxLayout(self), 12, theme.space("small"))
        longest = max((hop.seconds for hop in report.hops), default=0.0)
        for hop in report.hops:
            column.addLayout(_row(theme, hop, own_peer, longest))
        column.addWidget(
            make_label(
                theme, route_summary(report), size="small", tone="muted", wrap=True, name="routeSummary"
            )
        )


def _row(theme: Theme, hop: HopReport, own_peer: str, longest: float) -> QVBoxLayout:
    column = spaced(QVBoxLayout(), 0, theme.space("tight"))
    top = spaced(QHBoxLayout(), 0, theme.space("small"))
    title = ElidedLabel(theme, "hopTitle", size="small")
    title.show_text(hop_title(hop, own_peer))
    top.addWidget(title, 1)
    top.addWidget(make_label(theme, f"{decimal(hop.seconds, 2)} s", size="small", name="hopSeconds"))
    column.addLayout(top)
    column.addWidget(_Bar(theme, hop, longest))
    column.addWidget(make_label(theme, hop_details(hop), size="small", tone="muted", wrap=True))
    return column


class _Bar(QWidget):
    """Computing in full colour, then the way; as long as its share of the slowest row."""

    def __init__(self, theme: Theme, hop: HopReport, longest: float) -> None:
        super().__init__()
        self._theme = theme
        self._computing = hop.compute_seconds / longest if longest else 0.0
        self._whole = max(hop.seconds / longest if longest else 0.0, self._computing)
        self.setFixedHeight(BAR_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            painter.translate(self.width(), 0)
            painter.scale(-1, 1)
        for share, tone in ((1.0, "hairline"), (self._whole, "waiting"), (self._computing, "giving")):
            painter.setBrush(self._theme.colour(tone))
            painter.drawRoundedRect(
                QRectF(0, 0, min(1.0, share) * self.width(), BAR_HEIGHT), BAR_HEIGHT / 2, BAR_HEIGHT / 2
            )
