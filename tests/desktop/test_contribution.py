"""The Contribution page, driven by clicks and keys on a fake engine; what it says, as tables."""

import csv
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given as given_examples
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QLocale, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton, QWidget

from desktop.app_state import Trouble
from desktop.contribution.chart import BarChart
from desktop.contribution.kinds import Kind, energy_in_words, given_in_words, line_in_words
from desktop.contribution.scale import lines_for
from desktop.contribution.series import DAYS, HOURS, MONTHS, Bar, bars_of, sum_of
from desktop.contribution.share import share_in
from desktop.main import Desktop
from engine.api.history_schema import By, History, Period
from engine.api.map_schema import MapModel, SwarmMap
from engine.api.schema import Given
from engine.errors import DiskFull
from tests.desktop.conftest import part, until
from tests.desktop.fake_engine import FakeEngine
from tests.desktop.fakes_swarm import make_server
from tests.desktop.scenes_swarm import gave

ENGLISH = QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom)
AMERICAN = QLocale(QLocale.Language.English, QLocale.Country.UnitedStates)
NOON = datetime(2024, 3, 31, 12, 30, tzinfo=timezone(timedelta(hours=2)))


# --- what the chart shows


def test_every_hour_day_and_month_has_a_bar_given_or_not() -> None:
    for by, count in ((By.HOUR, HOURS), (By.DAY, DAYS), (By.MONTH, MONTHS)):
        assert len(bars_of(History(by=by), NOON, ENGLISH)) == count


def test_an_hour_is_found_whatever_zone_it_was_told_in() -> None:
    periods = (Period(start="2024-03-31T09:00+00:00", given=Given(tokens=1)),)
    bars = bars_of(History(by=By.HOUR, periods=periods), NOON, ENGLISH)
    assert [bar.name for bar in bars if bar.given.tokens] == ["Sun 31 Mar, 11:00–12:00"]
    assert bars[-1].name == "Sun 31 Mar, 12:00–13:00"


def test_the_clock_is_that_of_the_country() -> None:
    bars = bars_of(History(by=By.HOUR), NOON, AMERICAN)
    assert bars[-1].name.replace("\N{NARROW NO-BREAK SPACE}", " ").split("–") == [
        "Sun 31 Mar, 12:00 PM",
        "1:00 PM",
    ]


def test_days_and_months_are_named_in_full_and_old_ones_left_out() -> None:
    days = [Period(start=day, given=Given(tokens=1)) for day in ("2024-01-01", "2024-03-02", "2024-03-31")]
    bars = bars_of(History(by=By.DAY, periods=tuple(days)), NOON, ENGLISH)
    assert [bar.name for bar in bars if bar.given.tokens] == ["Saturday, 2 March", "Sunday, 31 March"]
    assert sum_of(bars).tokens == 2
    months = (Period(start="2023-04", given=Given(tokens=5)),)
    assert bars_of(History(by=By.MONTH, periods=months), NOON, ENGLISH)[0].name == "April 2023"


@given_examples(st.floats(0, 1e15), st.sampled_from(list(Kind)))
def test_lines_reach_over_the_highest_bar_and_are_few(most: float, kind: Kind) -> None:
    lines = lines_for(most, kind)
    assert lines[0] == 0
    assert lines[-1] >= most * (1 - 1e-9)
    assert 2 <= len(lines) <= 5


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        (Given(watt_hours=0.0), Kind.ENERGY, "0 Wh"),
        (Given(watt_hours=4.2), Kind.ENERGY, "4.2 Wh"),
        (Given(watt_hours=1234.0), Kind.ENERGY, "1.2 kWh"),
        (Given(watt_hours=10.0, watt_hours_estimated=1.0), Kind.ENERGY, "about 10 Wh"),
        (Given(sent_bytes=1_500_000, received_bytes=500_000), Kind.TRAFFIC, "2.0 MB"),
        (Given(seconds_online=3700.0), Kind.TIME, "1 h 01 min"),
        (Given(seconds_online=412 * 3600.0 + 1500), Kind.TIME, "412 h"),
        (Given(layer_tokens=2_500_000, watt_hours_estimated=9.0), Kind.WORK, "2.5 million"),
    ],
)
def test_amounts_in_words(given: Given, kind: Kind, words: str) -> None:
    assert given_in_words(given, kind) == words


def test_lines_of_whole_hours_are_said_in_short() -> None:
    times = [line_in_words(seconds, Kind.TIME, 48 * 3600.0) for seconds in (0.0, 1800.0, 48 * 3600.0)]
    assert times == ["0", "30 min", "48 h"]


@pytest.mark.parametrize(
    ("kind", "lines", "words"),
    [
        (Kind.ENERGY, (500.0, 1000.0, 1500.0), ["0.5 kWh", "1 kWh", "1.5 kWh"]),
        (Kind.ENERGY, (200.0, 400.0), ["200 Wh", "400 Wh"]),
        (Kind.TRAFFIC, (5e8, 1e9), ["0.5 GB", "1 GB"]),
        (Kind.WORK, (2e7, 6e7), ["20 million", "60 million"]),
    ],
)
def test_lines_are_short_and_in_one_unit(kind: Kind, lines: tuple[float, ...], words: list[str]) -> None:
    assert [line_in_words(line, kind, lines[-1]) for line in lines] == words


def test_energy_keeps_a_digit_where_it_says_something() -> None:
    assert [energy_in_words(wh) for wh in (0.04, 0.06, 9.94, 9.96, 999.0, 999.6, 98_000.0)] == [
        "0 Wh",
        "0.1 Wh",
        "9.9 Wh",
        "10 Wh",
        "999 Wh",
        "1.0 kWh",
        "98 kWh",
    ]


def test_the_share_is_of_what_is_done_at_this_moment() -> None:
    servers = (
        make_server("a", 0, 10, tokens_per_s=100.0, busy=0.5),
        make_server("b", 0, 5, tokens_per_s=40.0, busy=0.25, own=True),
    )
    share = share_in(SwarmMap(models=(MapModel(digest="d", name="m", n_layers=10, servers=servers),)))
    assert (share.swarm, share.own, share.servers) == (550.0, 50.0, 2)


# --- the page


def shown(desktop: Desktop, name: str) -> str:
    label = part(desktop.contribution, name, QLabel)
    return label.text() if label.isVisible() else ""


def click(desktop: Desktop, name: str) -> None:
    QTest.mouseClick(part(desktop.contribution, name, QPushButton), Qt.MouseButton.LeftButton)


async def opened(desktop: Desktop, engine: FakeEngine, given: bool = True) -> None:
    engine.become(gave(given))
    desktop.window.open_page(desktop.contribution)
    if given:
        await until(lambda: part(desktop.contribution, "givenChart").isVisible())
    else:
        await until(lambda: shown(desktop, "contributionMessage").startswith("Nothing yet"))


def test_what_was_given_at_a_glance(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        assert shown(desktop, "today-work") == "18.2 million"
        assert shown(desktop, "today-time") == "3 h 12 min"
        assert shown(desktop, "today-traffic") == "11 GB"
        assert shown(desktop, "total-energy") == "about 98 kWh"
        days = bars_of(engine.histories[By.DAY], datetime.now().astimezone(), ENGLISH)
        assert shown(desktop, "days-work") == given_in_words(sum_of(days), Kind.WORK)

    with_desktop(use)


def test_the_chart_shows_another_figure_and_another_period(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        chart = part(desktop.contribution, "givenChart", BarChart)
        assert chart.accessibleName() == "Tokens × layers, Last 30 days"
        click(desktop, "energy")
        assert chart.accessibleName() == "Energy, Last 30 days"
        assert shown(desktop, "chartReadout").endswith("What is striped is an estimate.")
        click(desktop, "byMonth")
        await until(lambda: By.MONTH in engine.histories_asked)
        await until(lambda: chart.accessibleName() == "Energy, Last 12 months")
        await until(lambda: chart.accessibleDescription() == shown(desktop, "chartReadout"))

    with_desktop(use)


def _point_at(chart: BarChart, x: int) -> None:
    """Straight to the widget: the screen's own pointer is moved by others, too, and tells windows so."""
    at = QPointF(x, 100)
    nothing = Qt.MouseButton.NoButton
    event = QMouseEvent(
        QEvent.Type.MouseMove, at, chart.mapToGlobal(at), nothing, nothing, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(chart, event)


def test_bars_are_read_out_by_key_and_by_mouse(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        chart = part(desktop.contribution, "givenChart", BarChart)
        summary = shown(desktop, "chartReadout")
        chart.setFocus()
        read = []
        for key in (Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Left):
            QTest.keyClick(chart, key)
            read.append(chart.index)
            assert shown(desktop, "chartReadout") == chart.accessibleDescription() != summary
        assert read == [0, 1, DAYS - 1, DAYS - 2]
        QApplication.sendEvent(chart, QEvent(QEvent.Type.Leave))  # of a mouse that did not point
        assert chart.index == DAYS - 2
        _point_at(chart, 40)
        assert chart.index in (0, 1, 2)
        QApplication.sendEvent(chart, QEvent(QEvent.Type.Leave))
        assert chart.index == -1
        _point_at(chart, chart.width() - 3)
        assert chart.index == -1
        assert shown(desktop, "chartReadout") == summary

    with_desktop(use)


def test_so_much_of_a_bar_is_striped_as_is_estimated(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        chart = part(desktop.contribution, "givenChart", BarChart)
        giving, shared = desktop.theme.colour("giving"), desktop.theme.colour("shared")
        striped = []
        for estimated in (0.0, 30.0, 60.0):
            given = Given(watt_hours=60.0, watt_hours_estimated=estimated)
            chart.show_bars((Bar(given, "today"),), Kind.ENERGY)
            drawn = chart.grab().toImage()
            middle = next(x for x in range(drawn.width()) if drawn.pixelColor(x, 180) in (giving, shared)) + 4
            column = [drawn.pixelColor(middle, y) for y in range(drawn.height())]
            striped.append(column.count(shared))
        assert striped[0] == 0
        assert 0.4 * striped[2] < striped[1] < 0.6 * striped[2]

    with_desktop(use)


def test_time_runs_the_other_way_where_people_read_so(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        chart = part(desktop.contribution, "givenChart", BarChart)
        chart.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        QTest.keyClick(chart, Qt.Key.Key_Home)
        QTest.keyClick(chart, Qt.Key.Key_Left)
        assert chart.index == 1
        assert not chart.grab().isNull()

    with_desktop(use)


def test_a_table_is_saved_and_can_be_read_back(with_desktop, tmp_path: Path, monkeypatch) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        path = tmp_path / "given.csv"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
        click(desktop, "saveCsv")
        assert shown(desktop, "csvSaved") == f"Saved in {path}"
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        read = [
            Period(start=row.pop("day"), given=Given(**{k: float(v) for k, v in row.items()})) for row in rows
        ]
        assert tuple(read) == engine.histories[By.DAY].periods

    with_desktop(use)


def test_a_place_that_cannot_be_written_is_said(with_desktop, tmp_path: Path, monkeypatch) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path), ""))
        click(desktop, "saveCsv")
        assert "choose another place" in shown(desktop, "csvSaved")

    with_desktop(use)


def test_who_gave_nothing_yet_is_told_how_it_begins(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine, given=False)
        assert not part(desktop.contribution, "givenChart").isVisible()
        await until(lambda: shown(desktop, "swarmShare") == "Nobody serves anything right now.")

    with_desktop(use)


def test_a_failure_is_said_once_and_asked_again_on_a_click(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.swarm_failure = DiskFull("The disk is full: free some space.")
        engine.become(gave())
        desktop.window.open_page(desktop.contribution)
        await until(lambda: shown(desktop, "contributionMessage") == "The disk is full: free some space.")
        engine.swarm_failure = None
        click(desktop, "askHistoryAgain")
        await until(lambda: part(desktop.contribution, "givenChart").isVisible())
        assert shown(desktop, "contributionMessage") == ""

    with_desktop(use)


def test_nothing_is_asked_while_nobody_looks_nor_shown_of_an_engine_that_is_gone(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        assert engine.histories_asked == []
        await opened(desktop, engine)
        desktop.state.lost(Trouble("Potluck's engine ended."))
        assert not part(desktop.contribution, "givenChart").isVisible()
        assert shown(desktop, "offlineSentence") == "Potluck's engine ended."
        assert not [w for w in desktop.contribution.findChildren(QWidget, "swarmShare") if w.isVisible()]

    with_desktop(use)


def test_hours_around_a_change_of_clocks_are_one_bar_each() -> None:
    zone_after = timezone(timedelta(hours=2))
    now = datetime(2024, 3, 31, 5, 0, tzinfo=zone_after)
    moments = {datetime.fromisoformat("2024-03-31T00:00+00:00") + timedelta(hours=n) for n in range(3)}
    periods = tuple(
        Period(start=moment.astimezone(UTC).isoformat(timespec="minutes"), given=Given(tokens=1))
        for moment in sorted(moments)
    )
    assert sum_of(bars_of(History(by=By.HOUR, periods=periods), now, ENGLISH)).tokens == 3
