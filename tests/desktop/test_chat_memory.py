"""What the reader leaves far behind is let go, and is there again when the reader comes back."""

import asyncio
from collections.abc import Awaitable, Callable

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QTextBrowser, QWidget

from desktop.chat.answer_view import AnswerView
from desktop.chat.body import Body, FarPart
from desktop.chat.message_list import MOST_VIEWS
from desktop.chat.question_view import QuestionView
from desktop.chat.records import MessageState
from desktop.main import Desktop
from tests.desktop.conftest import part, until
from tests.desktop.fake_engine import FakeEngine

SECTION = "## Part {0}\n\n" + "Words of part {0}. " * 40 + "\n\n```python\nprint({0})\n```\n\n"
FEW = 40  # parts
LONG = "".join(SECTION.format(number) for number in range(60))
Use = Callable[[Desktop, FakeEngine], Awaitable[None]]


def reading(answer: str) -> Callable[[Callable[[Desktop, Body], Awaitable[None]]], Use]:
    """A test that begins at the end of this answer."""

    def decorate(read: Callable[[Desktop, Body], Awaitable[None]]) -> Use:
        async def use(desktop: Desktop, engine: FakeEngine) -> None:
            open_answer(desktop, answer)
            body = part(desktop.chat.messages, "", AnswerView).body
            bar = desktop.chat.messages.verticalScrollBar()
            await until(lambda: bar.value() == bar.maximum() > 8000)
            await until(lambda: len(alive(body)) < FEW < len(body.findChildren(FarPart)))
            await read(desktop, body)

        return use

    return decorate


def open_answer(desktop: Desktop, answer: str) -> None:
    conversation = desktop.store.create("Long")
    question = desktop.store.add_question(conversation, None, "Tell me everything")
    desktop.store.end_answer(desktop.store.begin_answer(question, "tiny-chat"), answer, MessageState.DONE)
    desktop.window.open_page(desktop.chat)
    desktop.chat.open(conversation)


def alive(body: Body) -> list[QWidget]:
    return [view for kind in (QTextBrowser, QPlainTextEdit) for view in body.findChildren(kind)]


def seen(desktop: Desktop) -> list[QWidget]:
    """What stands where the reader looks."""
    view = desktop.chat.messages.viewport()
    return [view.childAt(QPoint(view.width() // 2, y)) for y in range(10, view.height(), 10)]


async def scroll(desktop: Desktop, value: int) -> None:
    """To that place, and wait until it can be read."""
    desktop.chat.messages.verticalScrollBar().setValue(value)
    await until(lambda: not any(isinstance(each, FarPart) for each in seen(desktop)))
    await until(lambda: not desktop.chat.messages._filling.isActive())


def test_parts_of_a_long_answer_come_back_as_high_as_they_were(with_desktop) -> None:
    @reading(LONG)
    async def use(desktop: Desktop, body: Body) -> None:
        bar = desktop.chat.messages.verticalScrollBar()
        for value in range(bar.maximum(), 0, -1000):  # from here on, all heights are known
            await scroll(desktop, value)
        height = body.height()
        for value in range(0, bar.maximum(), 1000):
            await scroll(desktop, value)
            assert (bar.value(), body.height()) == (value, height)
        bar.setValue(0)
        await until(lambda: any("Words of part 0." in view.toPlainText() for view in alive(body)))
        await until(lambda: len(alive(body)) < FEW)  # the end is far now
        assert body.text == LONG

    with_desktop(use)


def test_what_was_let_go_in_a_wide_window_does_not_move_what_is_read_in_a_narrow_one(with_desktop) -> None:
    @reading(LONG)
    async def use(desktop: Desktop, body: Body) -> None:
        bar, messages = desktop.chat.messages.verticalScrollBar(), desktop.chat.messages
        desktop.window.resize(700, desktop.window.height())
        await until(lambda: bar.value() == bar.maximum())
        bar.setValue(bar.maximum() - 4000)
        await until(lambda: messages._filling.isActive() is False)
        read = next(view for view in seen(desktop) if isinstance(view.parent(), QTextBrowser)).parent()
        top, far = read.mapTo(messages, QPoint()).y(), {each.block for each in body.findChildren(FarPart)}
        bar.setValue(bar.value() - 600)
        await until(lambda: far - {each.block for each in body.findChildren(FarPart)})
        await until(lambda: messages._filling.isActive() is False)
        assert abs(read.mapTo(messages, QPoint()).y() - (top + 600)) <= 1

    with_desktop(use)


def test_code_that_has_the_focus_stays(with_desktop) -> None:
    @reading(LONG)
    async def use(desktop: Desktop, body: Body) -> None:
        code = body.findChildren(QPlainTextEdit)[-2]
        desktop.window.activateWindow()
        code.setFocus()
        await until(lambda: QApplication.focusWidget() is code)
        bar = desktop.chat.messages.verticalScrollBar()
        bar.setValue(0)
        await until(lambda: len(alive(body)) < FEW and bar.value() == 0)
        assert code in alive(body)

    with_desktop(use)


def test_an_answer_that_streams_holds_no_more_than_what_is_near(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.pieces, engine.hold = [SECTION.format(number) for number in range(60)], True
        desktop.window.open_page(desktop.chat)
        desktop.chat.composer.sent.emit("Tell me everything")
        await until(lambda: desktop.conductor.reply_in(desktop.chat.conversation).text == LONG)
        body = part(desktop.chat.messages, "", AnswerView).body
        await until(lambda: body.text == LONG and len(alive(body)) < FEW)
        bar = desktop.chat.messages.verticalScrollBar()
        assert bar.value() == bar.maximum()

    with_desktop(use)


def test_a_reader_of_many_messages_holds_only_those_that_are_near(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        conversation, parent = desktop.store.create("Long"), None
        for number in range(40):
            parent = desktop.store.add_question(conversation, parent, f"Question {number}\n" * 10)
        desktop.window.open_page(desktop.chat)
        desktop.chat.open(conversation)
        bar, most = desktop.chat.messages.verticalScrollBar(), 0
        for end, value in (("Question 0\n", lambda: 0), ("Question 39\n", bar.maximum)):
            while not any(end in view._message.content for view in questions(desktop)):
                bar.setValue(value())
                await asyncio.sleep(0.01)
                most = max(most, len(questions(desktop)))
            await until(lambda: len(questions(desktop)) < MOST_VIEWS)
        assert most < 40

    with_desktop(use)


def questions(desktop: Desktop) -> list[QuestionView]:
    return desktop.chat.messages.findChildren(QuestionView)


def test_the_newest_question_is_edited_wherever_the_reader_is(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        conversation, parent = desktop.store.create("Long"), None
        asked = [parent := desktop.store.add_question(conversation, parent, "Why?\n" * 9) for _ in range(60)]
        desktop.window.open_page(desktop.chat)
        desktop.chat.open(conversation, asked[0])
        desktop.chat.messages.edit_last()
        assert [view.message_id for view in questions(desktop) if view.is_busy] == [asked[-1]]

    with_desktop(use)
