"""The whole window, driven with clicks and keys."""

import asyncio

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QTextBrowser,
    QWidget,
)

from desktop.app_state import AppState, Trouble
from desktop.main import Desktop, build
from desktop.sharing.giving import Giving
from desktop.tray.tray import Tray
from desktop.window import SMALLEST_SIZE
from engine.api.schema import Reason
from engine.settings import Paths
from tests.desktop.conftest import part, until
from tests.desktop.fake_engine import FakeEngine, make_snapshot
from tests.desktop.told import NO_FIT

Key = Qt.Key


def test_pages_open_by_click_and_by_key(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        assert desktop.window.page is desktop.home
        QTest.mouseClick(part(desktop.window, "navChat"), Qt.MouseButton.LeftButton)
        assert desktop.window.page is desktop.chat
        QTest.keyClick(desktop.window, Key.Key_1, Qt.KeyboardModifier.ControlModifier)
        assert desktop.window.page is desktop.home

    with_desktop(use)


def test_every_control_has_an_accessible_name(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        desktop.window.open_page(desktop.chat)
        desktop.conductor.ask(None, "Show me `code`", "tiny-chat")
        desktop.chat.open(1)
        engine.pieces = ("Text\n\n```py\nx\n```\n",)
        for page in desktop.pages.values():
            desktop.window.open_page(page.widget)
        kinds = (QAbstractButton, QLineEdit, QPlainTextEdit, QTextBrowser)
        controls = [each for kind in kinds for each in desktop.window.findChildren(kind)]
        assert len(controls) > 60
        nameless = [each.objectName() or repr(each) for each in controls if not accessible_name(each)]
        assert nameless == []

    with_desktop(use)


def test_the_state_beside_all_pages_is_short(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        desktop.window.resize(SMALLEST_SIZE)
        desktop.window.open_page(desktop.chat)
        engine.become(make_snapshot(Reason.NOT_ENOUGH_MEMORY, None, detail=NO_FIT))
        status = part(desktop.window, "navigationStatus", QLabel)
        await until(lambda: status.text().startswith("Stopped"))
        assert status.text() == "Stopped: Not even one layer of wide-chat fits into memory"
        assert "3.4 GB needed" in status.toolTip()

    with_desktop(use)


def test_opening_pages_shows_no_window_beside_the_first(with_desktop) -> None:
    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Show and watched.isWidgetType() and watched.isWindow():
                shown.append(watched.objectName() or repr(watched))
            return False

    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        watch = Watch()
        QApplication.instance().installEventFilter(watch)
        for page in desktop.pages.values():
            desktop.window.open_page(page.widget)
        await until(lambda: desktop.settings.keeper.report is not None)
        engine.become(make_snapshot(Reason.PAUSED_BY_OWNER, None))
        await until(lambda: desktop.state.paused)
        desktop.state.lost(Trouble("The connection was lost."))
        QApplication.instance().removeEventFilter(watch)
        assert shown == []

    shown: list[str] = []
    with_desktop(use)


def accessible_name(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name) if interface else ""


def test_the_window_remembers_its_size(qapp: QApplication, paths: Paths, play) -> None:
    sizes: list[QSize] = []

    async def session() -> None:
        desktop = build(qapp, paths, find=lambda: engine)
        running = asyncio.create_task(desktop.run())
        await asyncio.sleep(0)
        sizes.append(desktop.window.size())
        desktop.window.resize(780, 520)
        desktop.quit()
        await running
        desktop.window.deleteLater()

    async def twice() -> None:
        await session()
        await session()

    engine = FakeEngine()
    play(twice)
    assert sizes[0] != sizes[1]
    assert sizes[1] == QSize(780, 520)


def test_closing_with_a_tray_keeps_everything_and_says_so_once(with_desktop, monkeypatch) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        said: list[str] = []
        monkeypatch.setattr(Tray, "visible", True)
        monkeypatch.setattr(desktop.tray, "say", lambda title, text: said.append(text))
        for _ in range(2):
            desktop.window.close()
            assert not desktop.window.isVisible()
            desktop.open()
        assert said == ["Closing the window keeps what runs running. Quit is in the tray's menu."]
        assert engine.quits == 0

    with_desktop(use)


def test_closing_without_a_tray_asks_while_giving(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        desktop.window.close()
        box = part(desktop.window, "askQuit", QMessageBox)
        assert desktop.window.isVisible()
        box.button(QMessageBox.StandardButton.Cancel).click()
        desktop.window.close()
        box = part(desktop.window, "askQuit", QMessageBox)
        next(button for button in box.buttons() if button.text() == "Quit").click()
        await until(lambda: not desktop.window.isVisible())

    with_desktop(use)


def test_closing_without_a_tray_quits_at_once_while_paused(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.become(make_snapshot(Reason.PAUSED_BY_OWNER, None))
        await until(lambda: desktop.state.paused)
        desktop.window.close()
        await until(lambda: not desktop.window.isVisible())

    with_desktop(use)


def test_a_desktop_without_a_tray_is_told_once_and_gets_a_quit_button(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        desktop.tray.found.emit(False)
        notice = part(desktop.window, "notice", QLabel)
        assert notice.isVisible()
        assert "closing it quits Potluck" in notice.text()
        part(desktop.window, "noticeRead").click()
        desktop.tray.found.emit(False)
        assert not notice.isVisible()
        assert part(desktop.window, "quit").isVisible()
        desktop.tray.found.emit(True)
        assert not part(desktop.window, "quit").isVisible()

    with_desktop(use)


def test_a_tray_that_appears_late_is_found(play) -> None:
    async def use() -> None:
        there, told = [], []
        tray = Tray(AppState(), Giving(None), has_tray=lambda: bool(there), look_every=10)
        tray.found.connect(told.append)
        tray.start()
        await until(lambda: told == [False])
        there.append(True)
        await until(lambda: told == [False, True])
        tray.stop()

    play(use)


def test_the_theme_changes_after_conversations_came_and_went(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.pieces = ("**Bold**\n\n```py\nx = 1\n```\n",)
        desktop.window.open_page(desktop.chat)
        desktop.chat.composer.sent.emit("Hi")
        await until(lambda: not desktop.conductor.reply_in(desktop.chat.conversation))
        desktop.chat.open(None)
        await until(lambda: not desktop.chat.findChildren(QTextBrowser))
        desktop.theme.set_scheme(Qt.ColorScheme.Dark)
        desktop.chat.open(1)
        desktop.theme.set_scheme(Qt.ColorScheme.Light)
        assert [browser.toPlainText() for browser in desktop.chat.findChildren(QTextBrowser)][-1] == "Bold"

    with_desktop(use)


def test_the_theme_follows_a_change_while_the_window_is_open(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        light = desktop.window.grab().toImage().pixelColor(170, 5)
        desktop.theme.set_scheme(Qt.ColorScheme.Dark)
        dark = desktop.window.grab().toImage().pixelColor(170, 5)
        assert light == desktop.theme.tokens.light["table"]
        assert dark == desktop.theme.tokens.dark["table"]

    with_desktop(use)
