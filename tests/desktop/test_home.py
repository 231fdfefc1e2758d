"""The Home page and the tray, driven by what the engine says."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QWidget

from desktop.main import Desktop
from desktop.os_glue.language import LANGUAGES, speak
from desktop.sharing.trace import Trace, TracePanel
from desktop.widgets.layer_bar import LayerBar
from desktop.window import SMALLEST_SIZE
from engine.api.schema import DeviceReading, DonationOrder, Given, Reason, ServerPhase, Snapshot
from engine.api.store_schema import TransferState
from tests.desktop.conftest import part, until
from tests.desktop.fake_engine import ARRIVING, SERVER, FakeEngine, make_snapshot
from tests.desktop.told import NO_FIT

BUTTONS = ("start", "pause", "finish", "tryAgain")


def shown(desktop: Desktop, name: str) -> str:
    label = part(desktop.home, name, QLabel)
    return label.text() if label.isVisible() else ""


def offered(desktop: Desktop) -> set[str]:
    return {name for name in BUTTONS if part(desktop.home, name, QPushButton).isVisible()}


async def become(desktop: Desktop, engine: FakeEngine, snapshot: Snapshot) -> None:
    engine.become(snapshot)
    await until(lambda: desktop.state.snapshot == snapshot)


def test_home_shows_what_is_served_and_given(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        assert shown(desktop, "sentence") == "Giving: layers 9–16 of 30 of tiny-chat, 2 in use now"
        assert shown(desktop, "span") == "Layers 9–16 of 30 of tiny-chat"
        assert shown(desktop, "means") == "NVIDIA RTX 4070 · bfloat16 · 3.4 GB of weights"
        assert shown(desktop, "why").startswith(
            "Layers 9–16 of 30 of tiny-chat in bfloat16: a single computer"
        )
        figures = [shown(desktop, name) for name in ("tokensPerSecond", "sessions", "cacheUse")]
        assert figures == ["41.7", "2", "30 % of 2.0 GB"]
        given = [shown(desktop, name) for name in ("todayLayerTokens", "totalTokens", "totalHours")]
        assert given == ["184 thousand", "6.0 million", "412 h 25 min"]
        models = {label.text() for label in desktop.home.findChildren(QLabel, "modelHealth")}
        assert models == {"complete", "layers 9–16 are missing"}

    with_desktop(use)


def test_home_shows_what_is_on_its_way(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        assert not part(desktop.home, "arrivals", QWidget).isVisible()
        fetching = make_snapshot(Reason.FETCHING_LAYERS, None, percent=37)
        await become(desktop, engine, fetching.model_copy(update={"transfers": ARRIVING}))
        assert shown(desktop, "sentence") == "Getting layers 9–16 of 30 of tiny-chat: 37 %"
        lines = [label for label in desktop.home.findChildren(QLabel, "arrival") if label.isVisible()]
        assert [line.text().partition(" · ")[0] for line in lines] == [
            "Fetching layers 9–16 of tiny-chat",
            "Importing a-large-model-from-a-hub-70B",
        ]
        ended = tuple(t.model_copy(update={"state": TransferState.DONE}) for t in ARRIVING)
        await become(desktop, engine, make_snapshot().model_copy(update={"transfers": ended}))
        assert not part(desktop.home, "arrivals", QWidget).isVisible()

    with_desktop(use)


@pytest.mark.parametrize(
    ("snapshot", "buttons"),
    [
        (make_snapshot(Reason.NEVER_STARTED, None), {"start"}),
        (make_snapshot(Reason.PAUSED_BY_OWNER, None), {"start"}),
        (make_snapshot(Reason.SERVING), {"pause", "finish"}),
        (make_snapshot(Reason.READY), {"pause", "finish"}),
        (make_snapshot(Reason.PREPARING_MODEL, None, percent=40), {"pause"}),
        (make_snapshot(Reason.FINISHING), {"start", "pause"}),
        (make_snapshot(Reason.LAYERS_UNAVAILABLE, None, detail="Nobody has them."), {"start", "pause"}),
        (make_snapshot(Reason.DISK_FULL, None, detail="The disk is full."), {"start"}),
    ],
)
def test_only_what_can_be_done_now_is_offered(with_desktop, snapshot: Snapshot, buttons: set[str]) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await become(desktop, engine, snapshot)
        assert offered(desktop) == buttons

    with_desktop(use)


def test_each_device_that_serves_is_shown(with_desktop) -> None:
    def said(desktop: Desktop, name: str) -> list[str]:
        labels = desktop.home.findChildren(QLabel, name)
        return [label.text() for label in labels if label.isVisible()]

    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        other = SERVER.model_copy(update={"place": "card", "start": 16, "end": 20, "layer_precisions": "nf4"})
        one = make_snapshot(Reason.SERVING)
        await become(desktop, engine, one.model_copy(update={"servers": (SERVER, other)}))
        assert said(desktop, "span") == ["Layers 9–16 of 30 of tiny-chat", "Layers 17–20 of 30 of tiny-chat"]
        await become(desktop, engine, one.model_copy(update={"servers": (other,)}))
        assert said(desktop, "means") == ["NVIDIA RTX 4070 · nf4 · 3.4 GB of weights"]
        assert said(desktop, "span") == ["Layers 17–20 of 30 of tiny-chat"]

    with_desktop(use)


READING = DeviceReading(
    place=SERVER.place, celsius=68, memory_bytes=12_000_000_000, memory_used_bytes=9_100_000_000
)


def test_a_card_shows_how_warm_and_how_full_it_is(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        assert shown(desktop, "celsius") == shown(desktop, "cardMemory") == ""
        await become(desktop, engine, engine.snapshot.model_copy(update={"readings": (READING,)}))
        assert (shown(desktop, "celsius"), shown(desktop, "cardMemory")) == ("68 °C", "9.1 GB of 12 GB")
        cooler = READING.model_copy(update={"celsius": 61, "memory_bytes": None})
        await become(desktop, engine, engine.snapshot.model_copy(update={"readings": (cooler,)}))
        assert (shown(desktop, "celsius"), shown(desktop, "cardMemory")) == ("61 °C", "")
        server = desktop.home.findChildren(TracePanel, "celsiusPanel")[0]
        assert {value for _, value in server._trace.points()} == {68, 61}
        engine.die()
        await until(lambda: desktop.state.snapshot is None)
        assert server._trace.points() == []

    with_desktop(use)


def test_a_trace_holds_each_value_until_the_next_and_forgets_what_is_long_ago() -> None:
    now = [0.0]
    trace = Trace(lambda: now[0], seconds=100.0)
    assert trace.points() == []
    for at, value in ((0.0, 5.0), (50.0, 5.0), (60.0, 7.0)):
        now[0] = at
        trace.add(value)
    assert trace.points() == [(0.4, 5.0), (1.0, 5.0), (1.0, 7.0), (1.0, 7.0)]
    now[0] = 150.0
    trace.add(8.0)
    assert trace.points() == [
        (0.0, 5.0),
        (pytest.approx(0.1), 5.0),
        (pytest.approx(0.1), 7.0),
        *[(1.0, 7.0), (1.0, 8.0), (1.0, 8.0)],
    ]
    now[0] = 400.0
    assert trace.points()[0][0] == 0.0


def test_one_device_of_several_that_fails_may_be_tried_again_while_the_rest_gives(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        values = {"giving": 1, "devices": 2, "device": "RTX 2", "what": "Stopped: No room"}
        await become(desktop, engine, make_snapshot(Reason.FAILING_PARTLY, **values))
        assert shown(desktop, "sentence") == "Giving with 1 of 2 devices; RTX 2 – stopped: No room"
        assert offered(desktop) == {"start", "pause", "finish"}

    with_desktop(use)


@pytest.mark.parametrize(
    ("snapshot", "asked"),
    [
        (make_snapshot(Reason.NEVER_STARTED, None), True),
        (make_snapshot(Reason.PREPARING_MODEL, None, percent=40), False),
        (make_snapshot(Reason.PAUSED_ON_BATTERY, None), False),
    ],
)
def test_pages_ask_to_press_start_only_where_there_is_start(
    with_desktop, snapshot: Snapshot, asked: bool
) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.become(snapshot.model_copy(update={"models": (), "given_total": Given()}))
        engine.store_status = engine.store_status.model_copy(update={"models": ()})
        await until(lambda: desktop.state.snapshot == engine.snapshot)
        assert ("start" in offered(desktop)) == asked
        pages = (desktop.home, desktop.models, desktop.contribution, desktop.swarm)
        names = ("noModels", "modelsEmpty", "contributionMessage", "swarmMessage")
        for page, name in zip(pages, names, strict=True):
            desktop.window.open_page(page)
            said = part(page, name, QLabel)
            await until(lambda said=said: " yet" in said.text())
            assert ("Start" in said.text()) == asked, name

    with_desktop(use)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_sentence_is_a_short_headline_and_the_rest_below(
    with_desktop, silenced_after: QApplication, language: str
) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        desktop.window.resize(SMALLEST_SIZE)
        await become(desktop, engine, make_snapshot(Reason.NOT_ENOUGH_MEMORY, None, detail=NO_FIT))
        said = part(desktop.home, "sentence", QLabel)
        lines = said.fontMetrics().boundingRect(said.rect(), Qt.TextFlag.TextWordWrap, said.text())
        assert lines.height() // said.fontMetrics().lineSpacing() <= 4
        whole, rest = desktop.state.sentence, shown(desktop, "sentenceRest")
        assert whole.startswith(said.text())
        assert said.text()[-1].isalnum()
        assert whole.lower().endswith(rest.lower())
        assert rest[0] == rest[0].upper()
        assert whole[len(said.text()) : -len(rest)].strip() in (":", ".", ";", "")
        await become(desktop, engine, make_snapshot(Reason.NEVER_STARTED, None))
        assert shown(desktop, "sentence") == desktop.state.sentence
        assert shown(desktop, "sentenceRest") == ""

    speak(silenced_after, language)
    with_desktop(use)


@pytest.mark.parametrize(
    ("phase", "said"),
    [
        (ServerPhase.CHOOSING, "Layers 9–16 of 30 of tiny-chat, unless others take them"),
        (ServerPhase.LOADING, "Layers 9–16 of 30 of tiny-chat, soon"),
    ],
)
def test_layers_that_are_not_served_yet_are_not_drawn_as_served(with_desktop, phase, said) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        one = make_snapshot(Reason.CHOOSING)
        await become(desktop, engine, one.model_copy(update={"servers": (SERVER,)}))
        drawn = ours(desktop)
        assert any(drawn)
        later = SERVER.model_copy(update={"phase": phase})
        await become(desktop, engine, one.model_copy(update={"servers": (later,)}))
        assert shown(desktop, "span") == said
        assert not any(ours(desktop))

    def ours(desktop: Desktop) -> list[object]:
        return [bar._ours for bar in desktop.home.findChildren(LayerBar)]

    with_desktop(use)


def test_without_a_server_the_card_is_yours(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await become(desktop, engine, make_snapshot(Reason.NEVER_STARTED, None))
        assert shown(desktop, "servesNothing") == "Nothing right now: this computer is all yours."
        assert shown(desktop, "span") == ""

    with_desktop(use)


def test_a_lost_engine_is_said_with_a_button_that_helps(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.die()
        await until(lambda: desktop.state.snapshot is None)
        assert shown(desktop, "sentence") == "The connection to Potluck's engine was lost."
        assert shown(desktop, "span") == ""
        assert offered(desktop) == {"tryAgain"}

    with_desktop(use)


def test_buttons_give_orders(with_desktop, qtbot) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        part(desktop.home, "finish").click()
        menu = part(desktop.home, "pauseMenu", QMenu)
        for action in menu.actions():
            action.trigger()
        await become(desktop, engine, make_snapshot(Reason.PAUSED_BY_OWNER, None))
        part(desktop.home, "start").click()
        await until(lambda: len(engine.orders) == 6)
        assert engine.orders == [
            DonationOrder(action="finish"),
            DonationOrder(action="pause", for_seconds=1800),
            DonationOrder(action="pause", for_seconds=3600),
            DonationOrder(action="pause", for_seconds=10800),
            DonationOrder(action="pause"),
            DonationOrder(action="start"),
        ]

    with_desktop(use)


def test_an_order_that_does_not_arrive_is_said(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.gone = True  # the event stream has not noticed yet
        part(desktop.home, "finish").click()
        await until(lambda: shown(desktop, "orderTrouble"))
        assert shown(desktop, "orderTrouble") == "The connection to Potluck's engine was lost."

    with_desktop(use)


def test_names_from_the_swarm_are_never_read_as_rich_text(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        evil = "<img src='http://example.org/x.png'>"
        server = engine.snapshot.servers[0].model_copy(update={"model": evil, "why": evil})
        model = engine.snapshot.models[0].model_copy(update={"name": evil})
        await become(
            desktop, engine, engine.snapshot.model_copy(update={"servers": (server,), "models": (model,)})
        )
        labels = [label for label in desktop.window.findChildren(QLabel) if evil in label.text()]
        assert len(labels) >= 3
        assert {label.textFormat().name for label in labels} == {"PlainText"}

    with_desktop(use)


def tray_texts(desktop: Desktop) -> list[str]:
    return [action.text() for action in desktop.tray.menu.actions() if not action.isSeparator()]


def test_the_tray_says_the_sentence_and_offers_everything(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        assert tray_texts(desktop) == [
            desktop.state.sentence,
            "Start",
            "Pause",
            "Finish, then pause",
            "Open chat",
            "Open Potluck",
            "Quit",
        ]
        assert not desktop.tray.menu.actions()[0].isEnabled()
        await become(desktop, engine, make_snapshot(Reason.PAUSED_UNTIL, None, until="18:30"))
        assert tray_texts(desktop)[0] == "Paused until 18:30"
        assert desktop.tray.icon.toolTip() == "Potluck: Paused until 18:30"

    with_desktop(use)


def trigger(desktop: Desktop, name: str) -> None:
    next(action for action in desktop.tray.menu.actions() if action.objectName() == name).trigger()


def test_the_tray_gives_orders_and_opens_pages(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        trigger(desktop, "trayFinish")
        await until(lambda: engine.orders)
        desktop.window.hide()
        trigger(desktop, "trayOpenChat")
        assert desktop.window.isVisible()
        assert desktop.window.page is desktop.chat
        trigger(desktop, "trayOpen")
        assert desktop.window.page is desktop.home

    with_desktop(use)


def test_the_tray_follows_what_can_be_done(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        actions = {action.objectName(): action for action in desktop.tray.menu.actions()}
        assert (actions["trayStart"].isEnabled(), actions["trayFinish"].isEnabled()) == (False, True)
        await become(desktop, engine, make_snapshot(Reason.NEVER_STARTED, None))
        assert (actions["trayStart"].isEnabled(), actions["trayFinish"].isEnabled()) == (True, False)

    with_desktop(use)


def test_who_gives_by_rules_may_pause_until_resumed(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await become(desktop, engine, make_snapshot(Reason.PAUSED_ON_BATTERY, None))
        assert shown(desktop, "sentence") == "Paused: on battery"
        assert offered(desktop) == {"pause"}
        await become(desktop, engine, make_snapshot(Reason.PAUSED_BY_OWNER, None))
        assert offered(desktop) == {"start"}

    with_desktop(use)
