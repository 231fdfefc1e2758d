"""The look: contrast, icons, tokens."""

import itertools

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from desktop.layers.row_delegate import RowDelegate
from desktop.widgets.layer_bar import LayerBar
from desktop.widgets.theme import TONE_OF, Theme, load_tokens, mark_icon, mark_svg
from engine.api.schema import Activity

TOKENS = load_tokens()
PAIRS = [
    (scheme, surface, ink)
    for scheme in ("light", "dark")
    for surface, inks in TOKENS.text_on.items()
    for ink in inks
]
PANELS = ("#F2F2F2", "#202124")


def contrast(one: QColor, other: QColor) -> float:
    """WCAG 2's ratio of relative luminances."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: QColor) -> float:
    red, green, blue = (linear(c) for c in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


@pytest.mark.parametrize(("scheme", "surface", "ink"), PAIRS)
def test_text_can_be_read(scheme: str, surface: str, ink: str) -> None:
    colours = getattr(TOKENS, scheme)
    assert contrast(QColor(colours[ink]), QColor(colours[surface])) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("surface", ["table", "surface"])
def test_the_edges_of_controls_can_be_seen(scheme: str, surface: str) -> None:
    colours = getattr(TOKENS, scheme)
    assert contrast(QColor(colours["outline"]), QColor(colours[surface])) >= 3


def test_both_themes_have_the_same_colours() -> None:
    assert TOKENS.light.keys() == TOKENS.dark.keys()


def test_spacing_keeps_to_the_grid() -> None:
    assert [space % 4 for space in TOKENS.spacing.values()] == [0] * len(TOKENS.spacing)


@pytest.mark.parametrize("activity", list(Activity))
@pytest.mark.parametrize("panel", PANELS)
def test_the_tray_icon_stands_out_on_every_panel(qapp: QApplication, activity: Activity, panel: str) -> None:
    image = mark_icon(activity).pixmap(22, 22).toImage()
    pixels = [
        image.pixelColor(x, y) for x, y in itertools.product(range(image.width()), range(image.height()))
    ]
    solid = [pixel for pixel in pixels if pixel.alpha() == 255]
    assert len(solid) > 60
    assert min(contrast(pixel, QColor(panel)) for pixel in solid) >= 3


def test_every_state_has_an_icon_of_its_own_shape(qapp: QApplication) -> None:
    shapes = {bytes(shape_of(mark_icon(activity).pixmap(22, 22).toImage())) for activity in Activity}
    assert len(shapes) == len(Activity)


@pytest.mark.parametrize("activity", list(Activity))
def test_a_state_has_one_colour_in_drawings_and_words(activity: Activity) -> None:
    mark, words = (QColor(colours[TONE_OF[activity]]) for colours in (TOKENS.marks, TOKENS.light))
    assert TOKENS.marks[TONE_OF[activity]] in mark_svg(activity)
    greyish = TONE_OF[activity] == "muted"
    hues_apart = abs(mark.hue() - words.hue())
    assert greyish or min(hues_apart, 360 - hues_apart) < 20


def test_layers_run_from_where_one_begins_to_read(qapp: QApplication) -> None:
    theme = Theme(qapp)
    bar = LayerBar(theme)
    bar.resize(100, 12)
    bar.show_layers(4, (), [(0, 1)], "the first of four")
    for direction, first in ((Qt.LayoutDirection.LeftToRight, 12), (Qt.LayoutDirection.RightToLeft, 87)):
        bar.setLayoutDirection(direction)
        drawn = bar.grab().toImage()
        assert drawn.pixelColor(first, 6) == theme.colour("giving")
        assert drawn.pixelColor(99 - first, 6) == theme.colour("hairline")


def test_a_row_names_the_layer_under_the_pointer_in_both_directions(qapp: QApplication) -> None:
    rows, box = RowDelegate(Theme(qapp), qapp), QRect(0, 0, 420, 74)
    near_left = rows.strip_box(box).left() + 5
    assert [rows.layer_at(box, near_left, 10, mirrored) for mirrored in (False, True)] == [0, 9]


def shape_of(image: QImage) -> list[bool]:
    return [
        image.pixelColor(x, y).alpha() > 127
        for x, y in itertools.product(range(image.width()), range(image.height()))
    ]


def test_the_theme_has_three_sizes_of_type(qapp: QApplication) -> None:
    theme = Theme(qapp)
    small, body, title = (theme.font(size).pointSizeF() for size in ("small", "body", "title"))
    assert small < body < title
    assert set(TOKENS.type) == {"small", "body", "title", "smallest_points"}
