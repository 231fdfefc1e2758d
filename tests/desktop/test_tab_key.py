"""Whoever goes through a page with the Tab key always hears and sees where that is."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desktop.chat.records import MessageState
from desktop.main import Desktop
from desktop.settings.page import ORDER
from engine.api.map_schema import SwarmMap
from tests.desktop.conftest import until
from tests.desktop.fake_engine import REPORT, FakeEngine
from tests.desktop.fakes_swarm import make_swarm
from tests.desktop.test_window import accessible_name

PAGES = ("navHome", "navChat", "navModels", "navLayers", "navContribution", "navSwarm")
MOST_LINKS = 5
LATE = {"navSwarm": "swarmMap", "navLayers": "layerList", "navContribution": "givenChart"}
ANSWER = "First [read](https://example.org/soup) this:\n\n```py\nx = 1\n```\n\nThen cook."


@dataclass(frozen=True)
class Stop:
    widget: str
    name: str
    seen: bool


async def stops(window: QWidget) -> AsyncIterator[Stop]:
    """One after the other, until the Tab key comes by where it was before."""
    been: set[QWidget] = set()
    await until(lambda: QApplication.focusWidget() is not None)  # the window system's word comes late
    while (at := QApplication.focusWidget()) not in been:
        been.add(at)
        yield Stop(f"{type(at).__name__} {at.objectName()}", accessible_name(at), is_seen(window, at))
        await leave(at)


def is_ready(window: QWidget, page: str) -> bool:
    """What comes late is there."""
    return all(
        part.isVisible() and part.height() for part in window.findChildren(QWidget, LATE.get(page, page))
    )


async def leave(at: QWidget) -> None:
    """A text with links is left after the last of them."""
    for _ in range(MOST_LINKS):
        QTest.keyClick(at, Qt.Key.Key_Tab)
        await asyncio.sleep(0)  # for what the page does then
        if QApplication.focusWidget() is not at:
            return
    raise AssertionError(f"The Tab key stays at {at.objectName() or at}")


def is_seen(window: QWidget, at: QWidget) -> bool:
    """Whether it looks different with the focus."""
    focused = drawn(window, at)
    at.clearFocus()
    rested = drawn(window, at)
    at.setFocus(Qt.FocusReason.TabFocusReason)
    return focused != rested


def drawn(window: QWidget, at: QWidget) -> QImage:
    """It and what is around it."""
    around = 8
    place = QRect(at.mapTo(window, QPoint()), at.size()).adjusted(-around, -around, around, around)
    return window.grab(place.intersected(window.rect())).toImage()


async def fill(desktop: Desktop, engine: FakeEngine) -> None:
    """Something to see on each page."""
    engine.map = SwarmMap(models=(make_swarm(20, 8),))
    store = desktop.store
    conversation = store.create("Soups")
    question = store.add_question(conversation, None, "How do I make a good stock?")
    store.end_answer(store.begin_answer(question, "tiny-chat"), ANSWER, MessageState.DONE, "", 9, REPORT)
    desktop.conductor.listed.emit()
    desktop.chat.open(conversation)


@pytest.mark.parametrize("page", PAGES)
def test_each_stop_of_the_tab_key_is_named_and_seen(with_desktop, page: str) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await fill(desktop, engine)
        desktop.window.open_page(desktop.pages[page].widget)
        await until(lambda: QApplication.activeWindow() is desktop.window)
        await until(lambda: is_ready(desktop.window, page))
        await check(desktop.window, page)

    with_desktop(use)


@pytest.mark.parametrize("section", ORDER)
def test_so_is_each_stop_in_the_settings(with_desktop, section: str) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        desktop.settings.open_section(section)
        desktop.window.open_page(desktop.settings)
        await until(lambda: QApplication.activeWindow() is desktop.window)
        await until(lambda: desktop.settings.keeper.report is not None and not desktop.settings.keeper.busy)
        await check(desktop.window, "navSettings")

    with_desktop(use)


async def check(window: QWidget, first: str) -> None:
    window.findChild(QWidget, first).setFocus(Qt.FocusReason.TabFocusReason)
    found = [each async for each in stops(window)]
    print(*found, sep="\n")
    assert len(found) > 2
    assert [each.widget for each in found if not each.name] == []
    assert [each.widget for each in found if not each.seen] == []
