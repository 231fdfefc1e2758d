"""A day of the window in seconds: whatever came in its hours, nothing may pile up."""

import asyncio
import os
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QInputDialog, QLabel

from desktop.app_state import LinkPhase
from desktop.chat.answer_view import AnswerView
from desktop.chat.records import Setup
from desktop.main import Desktop
from desktop.tray.tray import Tray
from engine.api.history_schema import By
from engine.api.map_schema import SwarmMap
from engine.api.schema import DeviceReading, Reason, ServerPhase, Snapshot
from tests.desktop.census import RSS, census, grown
from tests.desktop.conftest import part, until
from tests.desktop.fake_engine import SERVER, FakeEngine, make_snapshot
from tests.desktop.fakes_store import WORKING, with_transfers
from tests.desktop.fakes_swarm import make_history, make_swarm
from tests.desktop.sample_answer import ANSWER

HOURS = 24
WARM_UP = 6  # hours, in which pages are made and caches filled
MOST = 8  # more of anything in the 18 hours after that: less than one in two hours
MOST_BYTES = 40_000_000  # a process that has run other tests gives memory back, and takes it again


class Day:
    """What comes each hour, or each second one: the same, with other figures."""

    def __init__(self, desktop: Desktop, engine: FakeEngine) -> None:
        self.desktop, self.engine = desktop, engine
        self.random = Random(24)

    async def hour(self, number: int) -> None:
        await self.serve(number)
        await self.lose_engine()
        await self.pause()
        await self.go_to_tray()
        if number % 2:
            await self.look_at_pages(number)
            await self.chat(number)
        if number % 6 == 0:
            self.change_look(number)
        for record in (self.engine.orders, self.engine.requests, self.engine.asked):
            record.clear()  # the fake's own
        self.engine.histories_asked.clear()

    async def become(self, snapshot: Snapshot) -> None:
        self.engine.become(snapshot)
        await until(lambda: self.desktop.state.snapshot == snapshot)

    async def serve(self, number: int) -> None:
        """Every phase of a block server, layers that arrive, and the day's figures."""
        given = self.engine.snapshot.given_today
        more = given.model_copy(update={"tokens": given.tokens + 1000 * number})
        for phase in ServerPhase:
            server = SERVER.model_copy(update={"phase": phase, "sessions": number, "pid": 100 + number})
            reading = DeviceReading(place="cpu", celsius=50 + number, memory_bytes=8, memory_used_bytes=3)
            shown = make_snapshot(Reason.SERVING, server)
            await self.become(shown.model_copy(update={"given_today": more, "readings": (reading,)}))
        for step in range(3):
            moved = (
                each.model_copy(update={"id": f"{number}-{each.id}", "done_bytes": step * 1000})
                for each in WORKING
            )
            await self.become(with_transfers(make_snapshot(), *moved))
        for transfer in self.desktop.keeper.transfers:
            self.desktop.keeper.put_away(transfer)
        await self.become(make_snapshot())

    async def lose_engine(self) -> None:
        self.engine.die()
        await until(lambda: self.desktop.state.phase is LinkPhase.LOST)
        self.engine.gone = False
        self.desktop.link.retry_now()
        await until(lambda: self.desktop.state.phase is LinkPhase.CONNECTED)

    async def look_at_pages(self, number: int) -> None:
        self.engine.map = SwarmMap(models=(make_swarm(32, 40 + number % 5, seed=number),))
        self.engine.histories = {by: make_history(by, self.engine.clock, self.random) for by in By}
        for page in self.desktop.pages.values():
            self.desktop.window.open_page(page.widget)
            await asyncio.sleep(0.01)
        asked = self.engine.map_asked
        self.desktop.window.open_page(self.desktop.swarm)
        await until(lambda: self.engine.map_asked > asked)
        self.desktop.tell_fault("Traceback: one that a test made up")
        self.desktop._tell_of_crash()
        part(self.desktop.window, "crashDialog", QDialog).reject()
        self.desktop.state.tell_crash(None)

    async def chat(self, number: int) -> None:
        """A chat with branches, whose route is looked at, and which is deleted."""
        desktop, page = self.desktop, self.desktop.chat
        desktop.window.open_page(page)
        page.open(None)
        self.engine.pieces = (ANSWER, f"And {number}.")
        page.composer.sent.emit(f"Question {number}")
        await self.answered()
        answer = part(page.messages, "", AnswerView)
        part(answer, "servers").click()
        answer.again.emit(answer.message_id)
        await self.answered()
        page.messages.edit_last()
        part(page.messages, "sendEdit").click()
        await self.answered()
        for _ in range(2):
            page.setup.fill_menu()
            page._actions.fill_folders()
        page._ask_for_title()
        part(page, "askTitle", QInputDialog).reject()
        page.pane._search.setText("stock")
        page.pane._search.setText("")
        desktop.conductor.delete([page.conversation])
        page.pane.forget([page.conversation], f"Question {number}")

    async def answered(self) -> None:
        page = self.desktop.chat
        await until(lambda: self.desktop.conductor.reply_in(page.conversation) is None)

    async def pause(self) -> None:
        self.desktop.giving.pause()
        await self.become(make_snapshot(Reason.PAUSED_BY_OWNER, None))
        self.desktop.giving.give()
        await self.become(make_snapshot())

    async def go_to_tray(self) -> None:
        self.desktop.window.close()
        assert not self.desktop.window.isVisible()
        await self.become(make_snapshot(Reason.READY))
        self.desktop.tray.open_home.emit()
        assert self.desktop.window.isVisible()

    def change_look(self, number: int) -> None:
        self.desktop.theme.set_scheme(Qt.ColorScheme.Dark if number % 4 else Qt.ColorScheme.Light)

    def counted(self) -> Counter[str]:
        return census(self.desktop.window, self.desktop, self.desktop.state, self.desktop.theme)


def test_nothing_piles_up_in_a_day(with_desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        monkeypatch.setattr(Tray, "visible", True)
        day = Day(desktop, engine)
        desktop.store.presets.keep("Brief", Setup(system="Be brief."))
        for number in range(WARM_UP):
            await day.hour(number)
        before = day.counted()
        for number in range(WARM_UP, HOURS):
            await day.hour(number)
        assert grown(before, day.counted(), MOST, MOST_BYTES) == {}
        assert before["widget QLabel"] > 100  # it did look
        assert before["object Snapshot"] > 0

    with_desktop(use)


Leak = Callable[[Desktop, list[Any]], object]


def leave_listening(desktop: Desktop, kept: list[Any]) -> None:
    desktop.theme.changed.connect(lambda: kept)


async def forever() -> None:
    await asyncio.Event().wait()


LEAKS: dict[str, tuple[str, Leak]] = {
    "a widget without a parent": ("widget QLabel", lambda _, kept: kept.append(QLabel())),
    "a hidden part of the window": ("widget QLabel", lambda desktop, _: QLabel(desktop.window)),
    "an object below the window": ("child QObject", lambda desktop, _: QObject(desktop.window)),
    "a value": ("object Snapshot", lambda _, kept: kept.append(make_snapshot())),
    "a listener": ("listeners of Theme", leave_listening),
    "a handle": ("handles", lambda _, kept: kept.append(os.dup(0))),
    "a task": ("tasks", lambda _, kept: kept.append(asyncio.ensure_future(forever()))),
}


def test_memory_that_piles_up_is_noticed() -> None:
    assert grown({RSS: 1}, {RSS: MOST_BYTES + 1}, MOST, MOST_BYTES) == {}
    assert grown({RSS: 1}, {RSS: MOST_BYTES + 2}, MOST, MOST_BYTES) == {RSS: MOST_BYTES + 1}


@pytest.mark.parametrize("leak", LEAKS)
def test_what_piles_up_is_noticed(with_desktop, leak: str) -> None:
    kind, let_pile_up = LEAKS[leak]

    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        kept: list[Any] = []
        counted = Day(desktop, engine).counted
        before = counted()
        for _ in range(HOURS - WARM_UP):
            let_pile_up(desktop, kept)
        assert grown(before, counted(), MOST, MOST_BYTES).keys() >= {kind}
        for each in kept:
            if isinstance(each, int):
                os.close(each)
            elif isinstance(each, asyncio.Task):
                each.cancel()

    with_desktop(use)
