"""The Models page, driven by clicks and keys on what an engine says."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QLabel, QLineEdit, QMessageBox, QWidget

from desktop.app_state import Trouble
from desktop.main import Desktop
from desktop.models.known import KnownModel, known_models
from desktop.models.page import SEARCH_FROM
from desktop.models.wording import cards_in_words, health_in_words
from engine.api.catalogue_schema import CataloguedModel
from engine.api.preferences_schema import SettingsReport
from engine.api.schema import ModelInfo
from engine.api.store_schema import ImportOrder, TransferState
from engine.errors import DiskFull, NotRunning
from tests.desktop.conftest import part, until
from tests.desktop.fake_engine import FakeEngine, make_snapshot
from tests.desktop.fakes_store import DEEP, GB, KNOWN, THIN, WORKING, stored, with_transfers

SWARM = make_snapshot().model_copy(update={"models": (*make_snapshot().models, DEEP, THIN)})


def cards(desktop: Desktop) -> dict[str, QWidget]:
    """By name, in their order."""
    found = [card for card in desktop.models.findChildren(QWidget, "model") if card.isVisible()]
    found.sort(key=lambda card: card.y())
    return {card.accessibleName(): card for card in found}


async def opened(desktop: Desktop, engine: FakeEngine) -> None:
    engine.become(SWARM)
    await until(lambda: desktop.state.snapshot == SWARM)
    desktop.window.open_page(desktop.models)
    await until(lambda: desktop.keeper.status is not None and desktop.keeper.catalogue)
    await until(lambda: len(cards(desktop)) == 5)


def said(card: QWidget, name: str) -> str:
    return part(card, name, QLabel).text()


def offered(card: QWidget) -> set[str]:
    return {button.objectName() for button in card.findChildren(QAbstractButton) if button.isVisible()}


def test_each_model_says_how_whole_it_is_and_what_is_here(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        shown = cards(desktop)
        assert list(shown) == [
            DEEP.name,
            "tiny-chat",
            THIN.name,
            "wide-chat",
            "Old-Favourite-126L",
        ]
        health = [said(card, "modelHealth") for card in shown.values()]
        assert health == [
            "complete, every layer has 3 servers or more",
            "complete",
            "needs 6 more layers",
            "needs 8 more layers: about one card of 8 GB",
            "nobody serves it now: it needs 126 layers, about 8 cards of 80 GB",
        ]
        assert said(shown["wide-chat"], "modelFacts") == "32 layers · 16 GB · reads 8\u202f192 tokens"
        assert said(shown["wide-chat"], "modelDisk") == "On this disk: 11 of 32 layers, 5.5 GB"
        assert said(shown[DEEP.name], "modelFacts").endswith("about 141 GB · Llama 3.3 Community License")
        assert said(shown["Old-Favourite-126L"], "modelDisk").endswith("· kept")

    with_desktop(use)


def test_only_what_can_be_done_with_a_model_is_offered(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        shown = cards(desktop)
        assert offered(shown[DEEP.name]) == {"chatWithModel", "fetchModel", "moreOfModel"}
        assert offered(shown["tiny-chat"]) == {"chatWithModel", "keepModel", "moreOfModel"}
        assert offered(shown["wide-chat"]) == {"fetchModel", "moreOfModel"}
        assert offered(shown["Old-Favourite-126L"]) == {"fetchModel", "releaseModel", "moreOfModel"}
        menus = {
            name: {a.objectName() for a in card.findChildren(QAction) if a.isVisible() and a.objectName()}
            for name, card in shown.items()
        }
        assert menus[DEEP.name] == {"giveModel"}
        assert menus["wide-chat"] == {"giveModel", "verifyModel", "removeModel"}
        assert menus["tiny-chat"] == {"giveModel", "verifyModel", "exportModel", "removeModel"}

    with_desktop(use)


def test_chatting_with_a_model_opens_the_chat_with_it(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        part(cards(desktop)[DEEP.name], "chatWithModel").click()
        assert desktop.window.page is desktop.chat
        assert desktop.chat.picker.model == DEEP.name

    with_desktop(use)


def test_fetching_keeping_and_letting_go(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        part(cards(desktop)[DEEP.name], "fetchModel").click()
        part(cards(desktop)["tiny-chat"], "keepModel").click()
        await until(lambda: "releaseModel" in offered(cards(desktop)["tiny-chat"]))
        part(cards(desktop)["tiny-chat"], "releaseModel").click()
        await until(lambda: "keepModel" in offered(cards(desktop)["tiny-chat"]))
        assert engine.asked == [("fetch", "d4", DEEP.name), ("keep", "d1", True), ("keep", "d1", False)]

    with_desktop(use)


def test_removing_says_first_what_is_lost(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        part(cards(desktop)["Old-Favourite-126L"], "removeModel", QAction).trigger()
        box = part(desktop.window, "askRemove", QMessageBox)
        assert box.text() == "Remove Old-Favourite-126L from this computer?"
        assert box.informativeText().startswith("41 GB of layers leave this disk. Nobody in the swarm")
        QTest.keyClick(box, Qt.Key.Key_Escape)
        assert engine.asked == []
        part(cards(desktop)["Old-Favourite-126L"], "removeModel", QAction).trigger()
        part(part(desktop.window, "askRemove", QMessageBox), "sure").click()
        await until(lambda: "Old-Favourite-126L" not in cards(desktop))
        assert engine.asked == [("remove", "d3")]
        assert part(desktop.models, "storeSaid", QLabel).text() == "41 GB are free again."

    with_desktop(use)


def test_a_model_to_give_alone_needs_a_restart(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        changed: list[object] = []

        async def change_settings(changes: object) -> SettingsReport:
            changed.append(changes)
            return SettingsReport.model_construct()

        engine.change_settings = change_settings  # type: ignore[attr-defined]
        await opened(desktop, engine)
        part(cards(desktop)[THIN.name], "giveModel", QAction).trigger()
        restart = part(desktop.models, "restartForNews")
        await until(restart.isVisible)
        assert changed == [{"devices.model": THIN.name}]
        restart.click()
        await until(lambda: engine.quits)

    with_desktop(use)


def test_checking_and_exporting(with_desktop, tmp_path: Path) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        card = cards(desktop)["tiny-chat"]
        part(card, "verifyModel", QAction).trigger()
        part(card, "exportModel", QAction).trigger()
        dialog = part(desktop.window, "exportFolder", QFileDialog)
        dialog.fileSelected.emit(str(tmp_path))
        dialog.reject()
        await until(lambda: len(engine.asked) == 2)
        assert engine.asked == [("verify", "d1"), ("export", "d1", tmp_path)]

    with_desktop(use)


# --- bringing models in


@pytest.mark.parametrize(
    ("action", "dialog", "path"),
    [("importFolder", "chooseFolder", "/data/soup"), ("importFile", "chooseFile", "/data/soup.gguf")],
)
def test_importing_from_this_computer(with_desktop, action: str, dialog: str, path: str) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        part(desktop.models, action, QAction).trigger()
        asked = part(desktop.window, dialog, QFileDialog)
        asked.fileSelected.emit(path)
        asked.reject()
        await until(lambda: engine.asked)
        assert engine.asked == [("import", ImportOrder(source=path))]

    with_desktop(use)


def test_importing_from_a_hub(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        part(desktop.models, "importHub", QAction).trigger()
        dialog = part(desktop.window, "hubDialog")
        QTest.keyClicks(part(dialog, "hubRepository", QLineEdit), "soup")
        QTest.keyClick(part(dialog, "hubRepository", QLineEdit), Qt.Key.Key_Return)
        assert part(dialog, "hubWrong", QLabel).isVisible()
        QTest.keyClicks(part(dialog, "hubRepository", QLineEdit), "/Stew-8B")
        assert not part(dialog, "hubWrong", QLabel).isVisible()
        QTest.keyClicks(part(dialog, "hubRevision", QLineEdit), "../main")
        part(dialog, "hubImport").click()
        assert part(dialog, "hubWrong", QLabel).isVisible()
        part(dialog, "hubRevision", QLineEdit).setText("v1")
        QTest.keyClicks(part(dialog, "hubName", QLineEdit), "Stew")
        part(dialog, "hubImport").click()
        await until(lambda: engine.asked)
        order = ImportOrder(source="hub:soup/Stew-8B", name="Stew", revision="v1")
        assert engine.asked == [("import", order)]

    with_desktop(use)


def test_a_dropped_file_is_imported(with_desktop, tmp_path: Path) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        dropped = QMimeData()
        dropped.setUrls([QUrl.fromLocalFile(str(tmp_path / name)) for name in ("soup.gguf", "cat.png")])
        copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        entering = QDragEnterEvent(QPoint(9, 9), copy, dropped, left, none)
        desktop.models.dragEnterEvent(entering)
        assert entering.isAccepted()
        desktop.models.dropEvent(QDropEvent(QPointF(9, 9), copy, dropped, left, none))
        await until(lambda: engine.asked)
        assert engine.asked == [("import", ImportOrder(source=str(tmp_path / "soup.gguf")))]

    with_desktop(use)


def test_a_known_open_model_is_imported_from_its_hub(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        button = part(desktop.models, "openCatalogue")
        assert button.text() == "Show 2 known open models"  # the third is in the swarm
        assert not desktop.models.findChildren(QWidget, "catalogued")
        button.click()
        names = [label.text() for label in desktop.models.findChildren(QLabel, "cataloguedName")]
        assert names == ["meta-llama/Llama-3.1-8B", "HuggingFaceTB/SmolLM2-135M"]
        desktop.models.findChildren(QAbstractButton, "importCatalogued")[0].click()
        dialog = part(desktop.window, "hubDialog")
        assert part(dialog, "hubRepository", QLineEdit).text() == "meta-llama/Llama-3.1-8B"
        part(dialog, "hubCancel").click()
        assert engine.asked == []

    with_desktop(use)


def test_an_import_can_be_cancelled_and_gone_on_with(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        desktop.keeper.bring_path(Path("/data/soup"))
        await until(lambda: engine.asked)
        running = WORKING[0].model_copy(update={"id": "new", "model": "/data/soup"})
        engine.become(with_transfers(SWARM, running))
        await until(lambda: desktop.models.findChildren(QLabel, "transfer"))
        words = part(desktop.models, "transfer", QLabel)
        assert words.text() == "Importing /data/soup · 7.0 GB of 24 GB · 310 MB/s · 55 s left"
        part(desktop.models, "cancelTransfer").click()
        await until(lambda: ("cancel", "new") in engine.asked)
        ended = running.model_copy(update={"state": TransferState.CANCELLED})
        engine.become(with_transfers(SWARM, ended))
        await until(lambda: words.text().startswith("Cancelled: /data/soup."))
        part(desktop.models, "goOn").click()
        await until(lambda: len(engine.asked) == 3)
        assert engine.asked[2] == engine.asked[0] == ("import", ImportOrder(source="/data/soup"))
        await until(lambda: not desktop.models.findChildren(QLabel, "transfer"))

    with_desktop(use)


def test_what_cannot_be_cancelled_now_can_be_tried_again(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        engine.become(with_transfers(SWARM, WORKING[0]))
        await until(lambda: desktop.models.findChildren(QLabel, "transfer"))
        cancel = part(desktop.models, "cancelTransfer")
        engine.store_failure = NotRunning("The engine does not answer.")
        cancel.click()
        assert not cancel.isEnabled()
        await until(cancel.isEnabled)
        assert engine.asked == []
        cancel.click()
        await until(lambda: engine.asked == [("cancel", "t1")])
        engine.become(with_transfers(SWARM, WORKING[0].model_copy(update={"done_bytes": 8 * GB})))
        assert not cancel.isEnabled()

    with_desktop(use)


def test_what_has_ended_is_said_until_it_is_put_away(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        engine.become(with_transfers(SWARM, *WORKING))
        await until(lambda: len(desktop.models.findChildren(QLabel, "transfer")) == 4)
        cancels = [b for b in desktop.models.findChildren(QAbstractButton, "cancelTransfer") if b.isVisible()]
        assert len(cancels) == 1  # what serving needs is no work of the owner's
        texts = [label.text() for label in desktop.models.findChildren(QLabel, "transfer")]
        assert texts[2] == "Nothing is damaged: 54 parts, 47 GB."
        assert texts[3].startswith("someone/private is gated")
        visible = [b for b in desktop.models.findChildren(QAbstractButton, "putAway") if b.isVisible()]
        visible[0].click()
        await until(lambda: len(desktop.models.findChildren(QLabel, "transfer")) == 3)

    with_desktop(use)


# --- finding, and when there is nothing


def test_searching_among_many(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        search = part(desktop.models, "searchModels", QLineEdit)
        await opened(desktop, engine)
        assert not search.isVisible()
        many = tuple(
            ModelInfo(name=f"soup-{at}", digest=f"s{at}", n_layers=2, context=0, local=False)
            for at in range(SEARCH_FROM)
        )
        engine.become(SWARM.model_copy(update={"models": (*SWARM.models, *many)}))
        await until(search.isVisible)
        QTest.keyClicks(search, "soup-7")
        assert list(cards(desktop)) == ["soup-7"]
        search.setText("smol")
        assert not cards(desktop)
        assert part(desktop.models, "modelsEmpty", QLabel).isVisible()
        await until(lambda: desktop.models.findChildren(QWidget, "catalogued"))

    with_desktop(use)


def test_states_without_models(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        empty, offline = part(desktop.models, "modelsEmpty", QLabel), part(desktop.models, "offline")
        engine.store_status = engine.store_status.model_copy(update={"models": ()})
        engine.become(SWARM.model_copy(update={"models": (), "servers": ()}))
        await until(lambda: empty.isVisible() and "No model is known yet" in empty.text())
        desktop.state.lost(Trouble("The engine ended."))
        assert offline.isVisible()
        assert not empty.isVisible()
        assert not part(desktop.models, "importModel").isEnabled()
        assert part(offline, "offlineRetry").isVisible()
        desktop.state.starting()
        assert not part(offline, "offlineRetry").isVisible()
        engine.silent = True
        engine.become(SWARM.model_copy(update={"models": (), "servers": (), "version": "2"}))
        await until(lambda: empty.isVisible() and empty.text() == "Looking at what is here…")

    with_desktop(use)


def test_an_order_that_is_refused_says_why(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        engine.store_failure = DiskFull("The disk is full: free 5 GB.")
        part(cards(desktop)[DEEP.name], "fetchModel").click()
        told = part(desktop.models, "storeSaid", QLabel)
        await until(lambda: told.isVisible() and told.text() == "The disk is full: free 5 GB.")
        part(cards(desktop)[DEEP.name], "fetchModel").click()
        await until(lambda: not told.isVisible())

    with_desktop(use)


def test_what_went_wrong_with_a_lost_engine_is_not_said_of_the_next(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, engine)
        engine.store_failure = DiskFull("The disk is full: free 5 GB.")
        desktop.keeper.verify()
        told = part(desktop.models, "storeSaid", QLabel)
        await until(told.isVisible)
        desktop.state.lost(Trouble("The engine ended."))
        engine.become(SWARM.model_copy(update={"version": "2"}))
        await until(lambda: cards(desktop))
        assert not told.isVisible()

    with_desktop(use)


def test_the_store_is_not_asked_while_no_page_shows_it(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.become(SWARM)
        await until(lambda: desktop.state.snapshot == SWARM)
        assert engine.looks == 0
        await opened(desktop, engine)
        looks = engine.looks
        assert looks > 0
        desktop.window.open_page(desktop.home)
        engine.become(with_transfers(SWARM, *WORKING))
        await until(lambda: len(desktop.keeper.transfers) == 4)
        assert engine.looks == looks

    with_desktop(use)


# --- words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (1, "about one card of 8 GB"),
        (13 * GB, "about 3 cards of 8 GB"),
        (40 * GB, "about 4 cards of 16 GB"),
        (141 * GB, "about 4 cards of 48 GB"),
        (900 * GB, "about 15 cards of 80 GB"),
    ],
)
def test_how_many_cards(size: int, words: str) -> None:
    assert cards_in_words(size) == words


def test_what_the_catalogue_adds(qapp) -> None:
    served = ModelInfo(
        name="Llama-3.1-8B-Instruct", digest="d", n_layers=32, context=0, local=False, covered=((0, 16),)
    )
    [model] = known_models((served,), (), (), KNOWN)
    assert model.catalogued == KNOWN[0]
    assert model.missing_size == model.size // 2
    assert health_in_words(model) == "needs 16 more layers: about 2 cards of 8 GB"
    middle = CataloguedModel(source="mistralai/Mistral-7B-*v0.3", floor="nf4")
    [found] = known_models((served.model_copy(update={"name": "mistral-7b-it-v0.3"}),), (), (), (middle,))
    assert found.catalogued == middle


def test_a_single_server_is_no_safety(qapp) -> None:
    served = THIN.model_copy(update={"covered": ((0, 40),), "depth": ((0, 20, 2), (20, 40, 1)), "servers": 3})
    assert health_in_words(KnownModel("m", "d", 40, served)) == (
        "complete, but layers 21–40 have one server only"
    )
    own = stored("m", "d", 40, 1000, here=((0, 1),))
    one = served.model_copy(update={"covered": ((0, 39),), "depth": ()})
    assert health_in_words(KnownModel("m", "d", 40, one, own)) == "needs 1 more layer: about one card of 8 GB"
