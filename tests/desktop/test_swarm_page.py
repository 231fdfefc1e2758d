"""The Swarm page, driven by clicks and keys on a fake engine; what it says, as tables."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPushButton, QTableView

from desktop.app_state import Trouble
from desktop.main import Desktop
from desktop.swarm.map_view import MapView
from desktop.swarm.rows import Order, coverage, layers_with, ordered, route_of, routes_on
from desktop.swarm.wording import coverage_of, described, link_of, server_in_words
from desktop.widgets.theme import Theme
from engine.api.map_schema import MapModel, MapState, SwarmMap
from engine.api.schema import AnswerReport, HopReport, SwarmStatus
from engine.errors import SwarmUnreachable
from tests.desktop.conftest import part, until
from tests.desktop.fake_engine import FakeEngine, make_snapshot
from tests.desktop.fakes_swarm import make_server, make_swarm
from tests.desktop.scenes_swarm import big_map

A, B, C = "peer-of-a", "peer-of-b", "peer-of-c"
SMALL = MapModel(
    digest="small",
    name="small-chat",
    n_layers=10,
    servers=(
        make_server(A, 0, 4, tokens_per_s=10.0, round_trip=0.2),
        make_server(B, 2, 6, tokens_per_s=90.0, round_trip=0.01, busy=0.9, waiting=3),
        make_server(C, 6, 7, state=MapState.JOINING, own=True),
    ),
)


def model(*spans: tuple[int, int], n_layers: int = 10) -> MapModel:
    servers = tuple(make_server(f"peer-{at}", *span) for at, span in enumerate(spans))
    return MapModel(digest="d", name="m", n_layers=n_layers, servers=servers)


OURS = MapModel(digest="o", name="ours", n_layers=10, servers=(make_server(A, 0, 10, own=True),))


# --- what the map shows


def test_only_who_is_online_covers_a_layer() -> None:
    assert coverage(SMALL) == (1, 1, 2, 2, 1, 1, 0, 0, 0, 0)
    assert layers_with(coverage(SMALL), 0) == ((6, 10),)
    assert layers_with(coverage(SMALL), 1) == ((0, 2), (4, 6))


@pytest.mark.parametrize(
    ("shown", "sentence"),
    [
        (model(), "Nobody serves it now."),
        (OURS, "This computer serves all 10 layers."),
        (model((0, 10)), "Each of the 10 layers hangs on one server."),
        (model((0, 10), (0, 10)), "Each of the 10 layers has at least 2 servers."),
        (model((0, 9), (0, 9)), "Nobody serves layer 10."),
        (model((0, 4), (0, 4), (6, 10)), "Nobody serves layers 5–6. Layers 7–10 hang on one server each."),
        (model((0, 10), (0, 9)), "Layer 10 hangs on one server."),
    ],
)
def test_coverage_in_sentences(shown: MapModel, sentence: str) -> None:
    assert coverage_of(shown) == sentence
    assert sentence in described(shown)


def test_rows_are_sorted_as_asked_with_this_computers_above() -> None:
    def peers(order: Order) -> list[str]:
        return [server.peer for server in ordered(SMALL.servers, order)]

    assert peers(Order.LAYERS) == [C, A, B]
    assert peers(Order.SPEED) == [C, B, A]
    assert peers(Order.DISTANCE) == [C, B, A]


def test_a_server_in_words() -> None:
    assert server_in_words(SMALL.servers[1]) == (
        "layers 3–6 · bfloat16 · 90 tokens/s · 90 % busy · 3 in its queue · 10 ms there and back · protocol 2"
    )
    assert server_in_words(SMALL.servers[2]) == "layer 7 · bfloat16 · 40 tokens/s · protocol 2"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (SwarmStatus(peer_id="x", private=True), "This computer only: nobody else takes part"),
        (SwarmStatus(private=False), "Not in the swarm yet"),
        (SwarmStatus(peer_id="x", private=False), "Directly connected · no other computer yet"),
        (
            SwarmStatus(
                peer_id="x", private=False, peers=1, addresses=("/ip4/1.2.3.4/tcp/1/p2p/r/p2p-circuit",)
            ),
            "Reached through relays · 1 other computer",
        ),
    ],
)
def test_the_link_in_words(status: SwarmStatus, words: str) -> None:
    assert link_of(status) == words


# --- the painted widget


@pytest.fixture
def view(qtbot, qapp: QApplication) -> MapView:
    view = MapView(Theme(qapp, Qt.ColorScheme.Light))
    qtbot.addWidget(view)
    view.resize(900, 400)
    view.show()
    return view


def seen(view: MapView, point: QPoint) -> str:
    return QColor(view.viewport().grab().toImage().pixel(point)).name().upper()


def test_holes_and_own_rows_have_colours_of_their_own(view: MapView) -> None:
    view.show_model(SMALL)
    colours = Theme(QApplication.instance(), Qt.ColorScheme.Light).colours
    uncovered = view.frame.column(8, 9, 0, view.frame.head_height).center().toPoint()
    assert seen(view, uncovered - QPoint(0, 12)) == colours["waiting"]
    own = SMALL.servers[2].model_copy(update={"state": MapState.ONLINE})
    view.show_model(SMALL.model_copy(update={"servers": (own, *SMALL.servers[:2])}))
    assert seen(view, view.frame.span(0, 6, 7).center().toPoint()) == colours["giving"]
    assert seen(view, view.frame.span(1, 0, 4).center().toPoint()) == colours["shared"]


def test_the_route_of_the_last_answer_is_lit_on_its_model_alone(view: MapView) -> None:
    report = AnswerReport(hops=(HopReport(peer=A, start=0, end=3), HopReport(peer=B, start=3, end=6)))
    view.show_model(SMALL)
    view.show_route(route_of("another-chat", report))
    accent = Theme(QApplication.instance(), Qt.ColorScheme.Light).colours["accent"]
    places = [view.frame.span(row, *span).center().toPoint() for row, span in ((1, (0, 3)), (2, (3, 6)))]
    assert accent not in [seen(view, place) for place in places]
    view.show_route(route_of("small-chat", report))
    assert [seen(view, place) for place in places] == [accent, accent]


def test_answers_that_are_made_now_are_lit_in_place_of_the_last_one() -> None:
    last = route_of("small-chat", AnswerReport(hops=(HopReport(peer=A, start=0, end=3),)))
    assert routes_on(SMALL, last) == (last,)
    running = SMALL.model_copy(update={"answers": ((HopReport(peer=B, start=2, end=6),),)})
    assert [route.hops[0].peer for route in routes_on(running, last)] == [B]
    assert routes_on(None, last) == routes_on(SMALL, route_of("another-chat", AnswerReport())) == ()


def test_rows_are_chosen_by_key_and_mouse_and_stay_chosen(view: MapView) -> None:
    told = []
    view.pointed.connect(lambda server: told.append(server.peer if server else None))
    view.show_model(make_swarm(80, 200))
    for key, index in (
        (Qt.Key.Key_Down, 0),
        (Qt.Key.Key_Down, 1),
        (Qt.Key.Key_End, 199),
        (Qt.Key.Key_Up, 198),
        (Qt.Key.Key_Home, 0),
    ):
        QTest.keyClick(view, key)
        assert view.chosen_index == index
    assert told[-1] == view.servers[0].peer
    row = view.frame.whole_row(3).center().toPoint()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, row)
    chosen = view.servers[3]
    view.sort_by(Order.SPEED)
    assert view.servers[view.chosen_index] == chosen
    assert view.accessibleDescription().startswith(f"…{chosen.peer[-8:]}, {chosen.state}")


def test_what_is_chosen_by_key_comes_into_sight(view: MapView) -> None:
    view.show_model(make_swarm(80, 200))
    QTest.keyClick(view, Qt.Key.Key_End)
    last = view.frame.whole_row(199)
    assert view.frame.head_height <= last.top() < last.bottom() <= view.viewport().height() + 1


def test_the_same_map_again_is_not_taken_up_again(view: MapView) -> None:
    view.show_model(make_swarm(80, 200))
    view.choose(7)
    before = view.servers
    view.show_model(make_swarm(80, 200))
    assert view.servers is before


def test_only_the_rows_in_sight_are_painted(view: MapView) -> None:
    """A map of any length costs the same: about so many rows as fit."""
    view.show_model(make_swarm(80, 200))
    rows = view.frame.rows_between(0, view.viewport().height(), 200)
    assert 5 < len(rows) < view.viewport().height() / view.frame.row_height


def test_layers_run_the_other_way_where_people_read_so(view: MapView) -> None:
    view.show_model(SMALL)
    left = view.frame.column(0, 1, 0, 1).center().x()
    view.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert view.frame.column(0, 1, 0, 1).center().x() == pytest.approx(view.viewport().width() - left)


# --- the page


def label(desktop: Desktop, name: str) -> str:
    shown = part(desktop.swarm, name, QLabel)
    return shown.text() if shown.isVisible() else ""


def click(desktop: Desktop, name: str) -> None:
    QTest.mouseClick(part(desktop.swarm, name, QPushButton), Qt.MouseButton.LeftButton)


async def opened(desktop: Desktop, engine: FakeEngine, *models: MapModel) -> MapView:
    engine.map = SwarmMap(models=models)
    desktop.window.open_page(desktop.swarm)
    view = part(desktop.swarm, "swarmMap", MapView)
    await until(view.isVisible)
    return view


def test_the_map_of_the_chosen_model(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        view = await opened(desktop, engine, SMALL, *big_map().models)
        assert label(desktop, "mapCounts") == "3 servers, 1 of them here"
        assert label(desktop, "mapCoverage").startswith("Nobody serves layers 7–10.")
        picker = part(desktop.swarm, "mapModel", QComboBox)
        picker.setFocus()
        QTest.keyClick(picker, Qt.Key.Key_Down)
        await until(lambda: len(view.servers) == 200)
        assert "Nobody serves layers 42–43." in view.accessibleDescription()

    with_desktop(use)


def test_the_same_in_a_table_with_the_server_that_is_chosen_there(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine, SMALL)
        click(desktop, "asTable")
        click(desktop, "orderSpeed")
        table = part(desktop.swarm, "serverTable", QTableView)
        rows = [table.model().index(row, 1).data() for row in range(table.model().rowCount())]
        assert rows == ["7", "3–6", "1–4"]
        table.setFocus()
        QTest.keyClick(table, Qt.Key.Key_Down)
        assert label(desktop, "serverWho") == "…eer-of-b, online"
        assert "90 tokens/s" in label(desktop, "serverWhat")

    with_desktop(use)


def test_the_map_follows_the_swarm_only_while_it_is_looked_at(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        assert engine.map_asked == 0
        await opened(desktop, engine, SMALL)
        engine.map = SwarmMap(models=(SMALL.model_copy(update={"servers": SMALL.servers[:1]}),))
        engine.become(make_snapshot().model_copy(update={"models": ()}))
        await until(lambda: label(desktop, "mapCounts") == "1 server")
        desktop.window.open_page(desktop.home)
        asked = engine.map_asked
        engine.become(make_snapshot())
        await until(lambda: desktop.state.models != ())
        assert engine.map_asked == asked

    with_desktop(use)


def test_an_empty_swarm_a_failure_and_a_lost_engine_are_said(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        desktop.window.open_page(desktop.swarm)
        await until(lambda: label(desktop, "swarmMessage").startswith("Nobody serves anything yet."))
        engine.swarm_failure = SwarmUnreachable("No peer answers: check the network.")
        engine.become(make_snapshot().model_copy(update={"models": ()}))
        await until(lambda: label(desktop, "swarmMessage") == "No peer answers: check the network.")
        engine.swarm_failure = None
        click(desktop, "askMapAgain")
        await until(lambda: label(desktop, "swarmMessage").startswith("Nobody serves anything yet."))
        desktop.state.lost(Trouble("Potluck's engine ended."))
        assert label(desktop, "offlineSentence") == "Potluck's engine ended."
        assert not part(desktop.swarm, "examine").isVisible()

    with_desktop(use)


def test_the_doctor_says_what_is_wrong_and_what_to_do(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine, SMALL)
        click(desktop, "examine")
        await until(lambda: label(desktop, "examined") == "How others reach this computer: Through relays")
        findings = [found.text() for found in desktop.swarm.findChildren(QLabel, "finding")]
        assert findings == [finding.sentence for finding in engine.diagnosis.findings]
        advice = {found.text() for found in desktop.swarm.findChildren(QLabel, "advice")}
        assert advice == {finding.advice for finding in engine.diagnosis.findings if finding.advice}
        click(desktop, "backToMap")
        assert part(desktop.swarm, "swarmMap").isVisible()

    with_desktop(use)


def test_an_examination_can_be_given_up(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine, SMALL)
        engine.hold_diagnosis = True
        click(desktop, "examine")
        await until(lambda: engine.diagnoses_asked == 1)
        click(desktop, "cancelExamination")
        await until(lambda: engine.diagnoses_given_up == 1)
        assert part(desktop.swarm, "swarmMap").isVisible()
        engine.hold_diagnosis = False
        click(desktop, "examine")
        await until(lambda: part(desktop.swarm, "backToMap").isVisible())

    with_desktop(use)


def test_the_way_of_an_answer_reaches_the_map(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        desktop.conductor.ask(None, "Hello", "tiny-chat")
        await until(lambda: desktop.swarm.route.hops)
        assert desktop.swarm.route.model == "tiny-chat"
        assert [(hop.start, hop.end) for hop in desktop.swarm.route.hops] == [(0, 8), (8, 30)]

    with_desktop(use)
