"""The look as data: colours, spacing and type from `resources/themes`, in the light or dark of the system."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from engine.api.schema import Activity

TONE_OF = {
    Activity.DONATING: "giving",
    Activity.IDLE: "giving",
    Activity.WAITING: "waiting",
    Activity.PAUSED: "muted",
    Activity.PROBLEM: "problem",
}


@dataclass(frozen=True)
class Tokens:
    """Everything in `tokens.toml`."""

    light: Mapping[str, str]
    dark: Mapping[str, str]
    text_on: Mapping[str, list[str]]
    marks: Mapping[str, str]
    spacing: Mapping[str, int]
    shape: Mapping[str, int]
    type: Mapping[str, float]


@cache
def load_tokens() -> Tokens:
    return Tokens(**tomllib.loads(_resource("themes", "tokens.toml")))


@cache
def _resource(folder: str, name: str) -> str:
    return files("resources").joinpath(folder, name).read_text(encoding="utf-8")


class Theme(QObject):
    """Colours, fonts and icons for the current colour scheme; `changed` when the scheme does."""

    changed = Signal()

    def __init__(self, app: QApplication, scheme: Qt.ColorScheme | None = None) -> None:
        """`scheme` None follows the system."""
        super().__init__(app)
        self._app, self._scheme = app, scheme
        self.tokens = load_tokens()
        self._icons: dict[tuple[str, str, int, float], QIcon] = {}
        self._base = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
        self._base.setPointSizeF(max(self._base.pointSizeF(), self.tokens.type["smallest_points"]))
        app.setStyle("Fusion")
        app.setFont(self.font("body"))
        app.styleHints().colorSchemeChanged.connect(self._apply)
        self._apply()

    def set_scheme(self, scheme: Qt.ColorScheme | None) -> None:
        """None follows the system."""
        self._scheme = scheme
        self._apply()

    @property
    def dark(self) -> bool:
        return (self._scheme or self._app.styleHints().colorScheme()) is Qt.ColorScheme.Dark

    @property
    def colours(self) -> Mapping[str, str]:
        return self.tokens.dark if self.dark else self.tokens.light

    def colour(self, name: str) -> QColor:
        return QColor(self.colours[name])

    def space(self, name: str) -> int:
        return self.tokens.spacing[name]

    def font(self, size: str, *, bold: bool = False, tabular: bool = False) -> QFont:
        """`size` is small, body or title. Tabular figures have one width: changing numbers do not jitter."""
        font = QFont(self._base)
        font.setPointSizeF(self._base.pointSizeF() * self.tokens.type[size])
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        if tabular:
            font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def code_font(self) -> QFont:
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(self._base.pointSizeF())
        return font

    def icon(self, name: str, tone: str = "text", size: int = 20) -> QIcon:
        """A drawing of `resources/icons` in one colour of the theme."""
        ratio = self._app.devicePixelRatio()
        key = (name, self.colours[tone], size, ratio)
        if key not in self._icons:
            svg = _resource("icons", f"{name}.svg").replace("currentColor", self.colours[tone])
            self._icons[key] = QIcon(draw_svg(svg, size, ratio))
        return self._icons[key]

    def _apply(self, *_: Any) -> None:
        self._app.setPalette(self._palette())
        self._app.setStyleSheet(self._stylesheet())
        self.changed.emit()

    def _stylesheet(self) -> str:
        shape = {"corner": self.tokens.shape["corner"], "hairline_px": self.tokens.shape["hairline"]}
        return Template(_resource("themes", "potluck.qss")).substitute(self.colours, **shape)

    def _palette(self) -> QPalette:
        palette = QPalette()
        for role, name in _PALETTE.items():
            palette.setColor(role, self.colour(name))
        for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.colour("muted"))
        return palette


_PALETTE = {
    QPalette.ColorRole.Window: "table",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "sunken",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.PlaceholderText: "muted",
    QPalette.ColorRole.Button: "surface",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.ToolTipBase: "surface",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.Highlight: "accent",
    QPalette.ColorRole.HighlightedText: "on_accent",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.LinkVisited: "accent",
    QPalette.ColorRole.Accent: "accent",
}


def mark_icon(activity: Activity) -> QIcon:
    """The pot in the state of this activity: for the tray and the window."""
    svg = mark_svg(activity)
    icon = QIcon()
    for size in (16, 22, 24, 32, 44, 64, 128):
        icon.addPixmap(draw_svg(svg, size, 1.0))
    return icon


def mark_svg(activity: Activity) -> str:
    """The pot in the tone that text about this activity has."""
    drawing = _resource("icons", f"tray-{activity.value}.svg")
    return drawing.replace("currentColor", load_tokens().marks[TONE_OF[activity]])


def draw_svg(svg: str, size: int, ratio: float) -> QPixmap:
    """A square pixmap of `size` device-independent pixels."""
    pixmap = QPixmap(QSize(size, size) * ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, size * ratio, size * ratio))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
