"""The Layers page, driven by clicks and keys on what an engine says."""

import time
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHelpEvent, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFileDialog,
    QLabel,
    QListView,
    QMessageBox,
    QSlider,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from desktop.app_state import Trouble
from desktop.layers.list_model import LayerRows, Shade, make_rows, shades_of
from desktop.layers.row_delegate import RowDelegate
from desktop.layers.wording import ago, layer_in_words, model_in_words, removal_in_words, strip_in_words
from desktop.main import Desktop
from engine.api.store_schema import Transfer, TransferKind, TransferState
from engine.errors import BadRequest
from tests.desktop.conftest import part, until
from tests.desktop.fake_engine import SERVER, FakeEngine, make_snapshot
from tests.desktop.fakes_store import (
    DAY,
    GB,
    MOVING,
    OLD_STORED,
    STORE,
    TINY_STORED,
    WIDE_STORED,
    WORKING,
    stored,
    with_transfers,
)

ARRIVING = WORKING[1]  # layers 5–8 of wide-chat


async def opened(desktop: Desktop, engine: FakeEngine, **store: object) -> QListView:
    engine.store_status = STORE.model_copy(update=store)
    desktop.window.open_page(desktop.layers)
    view: QListView = part(desktop.layers, "layerList", QListView)
    await until(lambda: desktop.keeper.status == engine.store_status)
    await until(lambda: view.model().rowCount() == len(engine.store_status.models))
    return view


def names(view: QListView) -> list[str]:
    return [view.model().index(at, 0).data() for at in range(view.model().rowCount())]


def select(view: QListView, name: str) -> None:
    index = view.model().index(names(view).index(name), 0)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center())


def shown(desktop: Desktop, name: str) -> str:
    label = part(desktop.layers, name, QLabel)
    return label.text() if label.isVisible() else ""


def buttons(desktop: Desktop) -> set[str]:
    known = ("keepLayers", "releaseLayers", "verifyLayers", "removeLayers")
    return {name for name in known if part(desktop.layers, name).isVisible()}


def test_what_the_store_holds(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        view = await opened(desktop, engine)
        assert names(view) == ["Old-Favourite-126L", "wide-chat", "tiny-chat"]  # what holds most first
        assert shown(desktop, "storeHeld") == (
            "47 GB of layers here · at most 180 GB (half of the free disk) · 312 GB free on the disk"
        )
        told = view.model().index(2, 0).data(Qt.ItemDataRole.AccessibleTextRole)
        assert told == ("tiny-chat. all 30 layers, 470 MB · in use now. Here: layers 1–30; in use: 9–16")
        sharing = SERVER.model_copy(update={"shared_bytes": 3_400_000_000})
        engine.become(make_snapshot(server=sharing))
        await until(lambda: shown(desktop, "sharedLayers"))
        assert shown(desktop, "sharedLayers").startswith("3.4 GB passed on to other computers")

    with_desktop(use)


def test_a_selected_model_can_be_kept_checked_and_removed(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        view = await opened(desktop, engine)
        assert buttons(desktop) == set()
        select(view, "wide-chat")
        assert buttons(desktop) == {"keepLayers", "verifyLayers", "removeLayers"}
        part(desktop.layers, "keepLayers").click()
        await until(lambda: buttons(desktop) == {"releaseLayers", "verifyLayers", "removeLayers"})
        part(desktop.layers, "verifyLayers").click()
        part(desktop.layers, "removeLayers").click()
        box = part(desktop.window, "askRemove", QMessageBox)
        assert "5.5 GB of layers leave this disk. They can be fetched again" in box.informativeText()
        part(box, "sure").click()
        await until(lambda: names(view) == ["Old-Favourite-126L", "tiny-chat"])
        assert engine.asked == [("keep", "d2", True), ("verify", "d2"), ("remove", "d2")]
        assert buttons(desktop) == set()

    with_desktop(use)


def test_the_list_by_keyboard(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        view = await opened(desktop, engine)
        view.setFocus()
        assert view.currentIndex().data() == "Old-Favourite-126L"
        QTest.keyClick(view, Qt.Key.Key_Down)
        assert view.currentIndex().data() == "wide-chat"
        QTest.keyClick(view, Qt.Key.Key_Delete)
        box = part(desktop.window, "askRemove", QMessageBox)
        QTest.keyClick(box, Qt.Key.Key_Return)  # staying out of it is the default
        await until(lambda: not box.isVisible())
        assert engine.asked == []

    with_desktop(use)


def test_a_selection_outlasts_what_arrives(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        view = await opened(desktop, engine)
        select(view, "tiny-chat")
        larger = WIDE_STORED.model_copy(update={"present_size": 50 * GB})
        engine.store_status = STORE.model_copy(update={"models": (OLD_STORED, TINY_STORED, larger)})
        engine.become(with_transfers(make_snapshot(), ARRIVING))
        await until(lambda: names(view)[0] == "wide-chat")
        assert view.currentIndex().data() == "tiny-chat"
        assert "removeLayers" in buttons(desktop)

    with_desktop(use)


# --- the limit


def test_a_higher_limit_is_ordered_at_once(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        field = part(desktop.layers, "limitField", QDoubleSpinBox)
        assert (field.value(), field.text()) == (180.0, "180 GB")
        assert not part(desktop.layers, "limitDefault").isEnabled()
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, "200")
        QTest.keyClick(field, Qt.Key.Key_Return)
        await until(lambda: engine.asked == [("limit", 200 * GB)])
        default = part(desktop.layers, "limitDefault")
        await until(default.isEnabled)
        default.click()
        await until(lambda: engine.asked[1:] == [("limit", None)])
        await until(lambda: not default.isEnabled())

    with_desktop(use)


def test_the_slider_by_keys(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        slider = part(desktop.layers, "limitSlider", QSlider)
        before = slider.value()
        QTest.keyClick(slider, Qt.Key.Key_PageUp)
        await until(lambda: engine.asked)
        [(what, limit)] = engine.asked
        assert what == "limit"
        assert limit > 180 * GB
        assert slider.value() > before

    with_desktop(use)


def test_a_limit_below_what_is_held_asks_first(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        field = part(desktop.layers, "limitField", QDoubleSpinBox)
        field.setValue(40.0)
        box = part(desktop.window, "askShrink", QMessageBox)
        assert box.text() == "Keep at most 40 GB of layers?"
        assert box.informativeText().startswith("7.0 GB of the least used layers leave")
        assert engine.asked == []
        assert field.value() == 180.0
        part(box, "sure").click()
        await until(lambda: engine.asked == [("limit", 40 * GB)])

    with_desktop(use)


def test_what_is_ordered_is_what_the_field_says(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine, limit=180_400_000_000)
        field = part(desktop.layers, "limitField", QDoubleSpinBox)
        assert field.text() == "180 GB"
        field.setFocus()
        QTest.keyClick(field, Qt.Key.Key_Return)  # as nothing was written, nothing is ordered
        field.setValue(199.7)
        assert field.text() == "200 GB"
        await until(lambda: engine.asked == [("limit", 200 * GB)])

    with_desktop(use)


# --- everything


def test_checking_and_clearing_all(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        part(desktop.layers, "verifyAll").click()
        part(desktop.layers, "clearStore").click()
        box = part(desktop.window, "askClear", QMessageBox)
        assert box.informativeText().startswith("About 5.5 GB leave this disk.")  # not what is used or kept
        part(box, "sure").click()
        await until(lambda: engine.asked == [("verify", None), ("clear",)])
        await until(lambda: shown(desktop, "storeSaid").startswith("Nothing was removed"))

    with_desktop(use)


def test_an_order_that_is_refused(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        engine.store_failure = BadRequest("Too much work is waiting: cancel some.")
        part(desktop.layers, "verifyAll").click()
        await until(lambda: shown(desktop, "storeSaid") == "Too much work is waiting: cancel some.")

    with_desktop(use)


def test_states_without_layers(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine, models=(), held_size=0)
        assert shown(desktop, "layersEmpty").startswith("No layer is here yet.")
        assert not part(desktop.layers, "clearStore").isEnabled()
        desktop.state.lost(Trouble("The engine ended."))
        assert shown(desktop, "offlineSentence") == "The engine ended."
        assert not part(desktop.layers, "storeHeld", QLabel).isVisible()
        engine.silent = True
        engine.become(make_snapshot(server=None))
        await until(lambda: shown(desktop, "looking"))

    with_desktop(use)


# --- to another disk


def test_moving_the_store(with_desktop, tmp_path: Path) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        part(desktop.layers, "moveStore").click()
        dialog = part(desktop.window, "chooseStore", QFileDialog)
        dialog.fileSelected.emit(str(tmp_path))
        dialog.reject()
        await until(lambda: engine.asked == [("move", tmp_path)])
        engine.become(with_transfers(make_snapshot(), MOVING))
        await until(lambda: desktop.layers.findChildren(QLabel, "transfer"))
        assert shown(desktop, "transfer").startswith("Copying all layers to their new place")
        part(desktop.layers, "cancelTransfer").click()
        await until(lambda: engine.asked[-1] == ("cancel", "m1"))

    with_desktop(use)


def test_a_copy_that_is_ready_is_taken_up_or_dropped(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine, next_path="/media/large/layers")
        assert "Everything is copied to /media/large/layers and checked." in shown(desktop, "moveSaid")
        assert not part(desktop.layers, "moveStore").isVisible()
        part(desktop.layers, "stayHere").click()
        await until(lambda: not part(desktop.layers, "stayHere").isVisible())
        assert engine.asked == [("stay",)]
        assert part(desktop.layers, "moveStore").isVisible()
        desktop.window.open_page(desktop.home)
        await opened(desktop, engine, next_path="/media/large/layers")
        await until(part(desktop.layers, "restartEngine").isVisible)
        part(desktop.layers, "restartEngine").click()
        await until(lambda: engine.quits)

    with_desktop(use)


def test_a_copy_that_broke_off_goes_on_or_is_dropped(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine, begun_path="/media/large/layers")
        assert shown(desktop, "moveSaid") == "A copy to /media/large/layers was begun and is not complete."
        assert not part(desktop.layers, "restartEngine").isVisible()
        assert not part(desktop.layers, "moveStore").isVisible()
        part(desktop.layers, "goOnMoving").click()
        await until(lambda: engine.asked == [("move", Path("/media/large/layers"))])
        part(desktop.layers, "stayHere").click()
        await until(part(desktop.layers, "moveStore").isVisible)
        assert engine.asked[1:] == [("stay",)]

    with_desktop(use)


def test_a_disk_that_is_away(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine, absent_path="/media/large/layers")
        assert "its disk is not here" in shown(desktop, "moveSaid")
        assert not part(desktop.layers, "moveStore").isVisible()
        assert not part(desktop.layers, "stayHere").isVisible()
        part(desktop.layers, "restartEngine").click()
        await until(lambda: engine.quits)

    with_desktop(use)


def test_no_second_copy_is_offered_while_one_is_made(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        assert part(desktop.layers, "moveStore").isVisible()
        engine.become(with_transfers(make_snapshot(), MOVING))
        await until(lambda: not part(desktop.layers, "moveStore").isVisible())
        ended = MOVING.model_copy(update={"state": TransferState.CANCELLED})
        engine.become(with_transfers(make_snapshot(), ended))
        await until(part(desktop.layers, "moveStore").isVisible)

    with_desktop(use)


# --- rows


def test_how_layers_are_drawn() -> None:
    model = stored("m", "d", 6, 1000, here=((0, 3),), used=(1, 2))
    plain = (Shade.HERE, Shade.USED, Shade.HERE, Shade.ABSENT, Shade.ABSENT, Shade.ABSENT)
    assert shades_of(model) == plain
    assert shades_of(model, [(2, 5)])[3:] == (Shade.ARRIVING, Shade.ARRIVING, Shade.ABSENT)
    assert shades_of(model, [None])[3:] == (Shade.ARRIVING,) * 3
    coming = Transfer(id="1", kind=TransferKind.FETCH, model="m", layers=(3, 4))
    [row] = make_rows((model,), (coming,), time.time())
    assert row.shades[3] is Shade.ARRIVING
    [row] = make_rows((model,), (coming.model_copy(update={"state": TransferState.DONE}),), time.time())
    assert row.shades == plain


def test_a_layers_tooltip(qtbot, with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        view = await opened(desktop, engine)
        index = view.model().index(1, 0)
        option = QStyleOptionViewItem()
        option.rect = view.visualRect(index)
        delegate = view.itemDelegate()
        strip = delegate.strip_box(option.rect)
        at = QPoint(strip.left() + strip.width() * 3 // 64, strip.center().y())
        event = QHelpEvent(QHelpEvent.Type.ToolTip, at, view.viewport().mapToGlobal(at))
        assert delegate.helpEvent(event, view, option, index)
        assert "Layer 2: 480 MB, last used 5 days ago" in QToolTip.text()
        QToolTip.hideText()

    with_desktop(use)


def test_a_full_store_is_painted_not_built(qapp, with_desktop) -> None:
    """No widget for a layer or a row, and both kinds of layers are seen."""

    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        models = tuple(stored(f"m{at}", f"m{at}", 126, 1_000_000, here=((at, at + 60),)) for at in range(30))
        view = await opened(desktop, engine, models=models)
        assert not view.findChildren(QWidget, "model")
        picture = QImage(720, 80, QImage.Format.Format_ARGB32)
        option = QStyleOptionViewItem()
        option.rect = picture.rect()
        painter = QPainter(picture)
        view.itemDelegate().paint(painter, option, view.model().index(0, 0))
        painter.end()
        strip = RowDelegate(desktop.theme, view).strip_box(picture.rect())
        seen = {
            picture.pixelColor(strip.left() + strip.width() * layer // 126 + 2, strip.center().y()).name()
            for layer in range(126)
        }
        colours = desktop.theme.colours
        assert {colours["shared"].lower(), colours["hairline"].lower()} <= seen

    with_desktop(use)


def test_rows_that_stay_are_changed_in_place(qtbot) -> None:
    rows = LayerRows(clock=lambda: 0.0)
    rows.show_models((TINY_STORED, WIDE_STORED), ())
    with qtbot.waitSignal(rows.dataChanged) as changed, qtbot.assertNotEmitted(rows.modelReset):
        rows.show_models((TINY_STORED.model_copy(update={"kept": True}), WIDE_STORED), ())
    assert changed.args[0].row() == 1
    with qtbot.assertNotEmitted(rows.dataChanged):
        rows.show_models((TINY_STORED.model_copy(update={"kept": True}), WIDE_STORED), ())


# --- words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "within the hour"),
        (3599, "within the hour"),
        (7200, "today"),
        (DAY, "yesterday"),
        (12 * DAY, "12 days ago"),
        (95 * DAY, "3 months ago"),
    ],
)
def test_how_long_ago(seconds: float, words: str) -> None:
    assert ago(seconds) == words


def test_models_and_layers_in_words() -> None:
    now = time.time()
    assert model_in_words(OLD_STORED, now) == (
        "12 of 126 layers, 41 GB of 429 GB · last used 3 months ago · kept"
    )
    none = stored("m", "d", 4, 1000)
    assert model_in_words(none, now) == "none of 4 layers here"
    assert strip_in_words(none) == "No layer is here"
    assert layer_in_words(none, 3, now) == "Layer 4: 1.0 KB, not here"
    assert layer_in_words(TINY_STORED, 8, now) == "Layer 9: 9.0 MB, in use now"
    assert "pause giving before" in removal_in_words(TINY_STORED, 1)
