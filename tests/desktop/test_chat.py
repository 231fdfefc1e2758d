"""The Chat page, driven with keys and clicks."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QGuiApplication, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QTextBrowser, QTreeView, QWidget

from desktop.chat.answer_view import AnswerView
from desktop.chat.body import Body
from desktop.chat.code_block import CodeBlock
from desktop.chat.markdown import quote_bars, render
from desktop.chat.prose_view import StreamTail
from desktop.chat.records import Message, MessageState
from desktop.main import Desktop
from desktop.widgets.theme import Theme
from engine.api.openai_schema import ChatChunk, ChatMessage, ChatRequest
from engine.errors import MissingLayers, NotRunning, PromptTooLong, UnknownModel
from tests.desktop.conftest import part, until
from tests.desktop.fake_engine import REPORT, TINY, WIDE, FakeEngine, make_chunk

Key = Qt.Key


async def type_and_send(desktop: Desktop, text: str, wait: bool = True) -> None:
    desktop.window.open_page(desktop.chat)
    QTest.keyClicks(desktop.chat.composer.text, text)
    QTest.keyClick(desktop.chat.composer.text, Key.Key_Return)
    if wait:
        await until(lambda: not answering(desktop))


def answering(desktop: Desktop) -> bool:
    return desktop.conductor.reply_in(desktop.chat.conversation) is not None


def branch(desktop: Desktop) -> list[Message]:
    return desktop.store.branch(desktop.chat.conversation)


def last_answer(desktop: Desktop) -> AnswerView:
    return desktop.chat.messages.findChildren(AnswerView)[-1]


def text_of(view: QWidget) -> str:
    return "\n".join(browser.toPlainText() for browser in view.findChildren(QTextBrowser))


def test_enter_sends_and_the_answer_comes(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await type_and_send(desktop, "Hi there")
        assert engine.requests[0].messages == (ChatMessage(role="user", content="Hi there"),)
        assert (engine.requests[0].model, engine.requests[0].temperature) == (TINY.name, None)
        assert text_of(last_answer(desktop)) == "Hello there."
        figures = "18.4 tokens/s · first token after 0.7 s · 212 tokens · tiny-chat"
        assert part(desktop.chat, "figures").text() == figures
        assert part(desktop.chat, "conversationTitle").accessibleName() == "Hi there"
        assert desktop.chat.composer.text.toPlainText() == ""

    with_desktop(use)


def test_shift_enter_begins_a_line(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        text = desktop.chat.composer.text
        QTest.keyClicks(text, "one")
        QTest.keyClick(text, Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
        QTest.keyClicks(text, "two")
        assert text.toPlainText() == "one\ntwo"
        assert engine.requests == []

    with_desktop(use)


def test_the_conversation_goes_on_with_all_that_was_said(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await type_and_send(desktop, "First")
        await type_and_send(desktop, "Second")
        said = [(message.role, message.content) for message in engine.requests[1].messages]
        assert said == [("user", "First"), ("assistant", "Hello there."), ("user", "Second")]
        assert len(desktop.chat.messages.findChildren(AnswerView)) == 2

    with_desktop(use)


def test_escape_stops_and_keeps_what_came(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.hold = True
        await type_and_send(desktop, "Count", wait=False)
        await until(lambda: "there" in desktop.conductor.reply_in(1).text)
        assert part(desktop.chat, "send").text() == "Stop"
        QTest.keyClick(desktop.chat.composer.text, Key.Key_Escape)
        await until(lambda: not answering(desktop))
        assert (branch(desktop)[-1].state, branch(desktop)[-1].content) == (
            MessageState.STOPPED,
            "Hello there.",
        )
        assert last_answer(desktop).notice == "You stopped this answer."
        assert part(desktop.chat, "send").text() == "Send"

    with_desktop(use)


def test_an_answer_that_was_stopped_says_how_it_came_about(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.hold, engine.so_far = True, REPORT.model_copy(update={"tokens": 7})
        await type_and_send(desktop, "Count", wait=False)
        await until(lambda: "there" in desktop.conductor.reply_in(1).text)
        QTest.keyClick(desktop.chat.composer.text, Key.Key_Escape)
        await until(lambda: not answering(desktop))
        stopped = branch(desktop)[-1]
        assert (stopped.state, stopped.tokens) == (MessageState.STOPPED, 7)
        assert stopped.report == engine.so_far
        figures = "18.4 tokens/s · first token after 0.7 s · 7 tokens · tiny-chat"
        assert part(desktop.chat, "figures").text() == figures
        assert part(desktop.chat, "servers").isVisible()

    with_desktop(use)


def test_what_came_after_the_last_report_of_a_stopped_answer_is_counted(with_desktop) -> None:
    async def chat(_: object) -> AsyncIterator[ChatChunk]:
        yield make_chunk("One")
        yield make_chunk(" two", report=REPORT.model_copy(update={"tokens": 7}))
        yield make_chunk(" three")
        yield make_chunk(" four")
        await asyncio.Event().wait()

    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.chat = chat  # type: ignore[method-assign, assignment]
        await type_and_send(desktop, "Count", wait=False)
        await until(lambda: desktop.conductor.reply_in(1).text.endswith("four"))
        part(desktop.chat, "send").click()
        await until(lambda: not answering(desktop))
        assert branch(desktop)[-1].tokens == 9

    with_desktop(use)


def test_an_answer_that_is_whole_has_no_reason(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await type_and_send(desktop, "Hi")
        assert (branch(desktop)[-1].state, branch(desktop)[-1].reason) == (MessageState.DONE, "")

    with_desktop(use)


def test_quotes_have_a_bar_for_each_level(qapp) -> None:
    theme = Theme(qapp)
    document = render("Before.\n\n> One\n>\n> > Two\n\nAfter.\n\n> Three", theme)
    document.setTextWidth(400)
    document.size()
    bars = sorted(quote_bars(document), key=lambda bar: (bar.top(), bar.left()))
    assert len(bars) == 3
    first, inner, last = bars
    assert (first.left(), inner.left(), last.left()) == (0, 16, 0)
    assert first.top() < inner.top() < last.top()
    assert first.bottom() >= inner.bottom()
    assert quote_bars(render("No quote", theme)) == []


def test_while_an_answer_streams_its_tail_is_plain_and_the_rest_is_markdown(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.pieces, engine.hold = ("A **bold** word.\n\n", "then **more"), True
        await type_and_send(desktop, "Stream", wait=False)
        await until(lambda: desktop.chat.messages.findChildren(StreamTail)[-1].isVisible())
        await until(lambda: text_of(last_answer(desktop)) == "A bold word.")
        tail = desktop.chat.messages.findChildren(StreamTail)[-1]
        assert tail.findChild(QTextDocument).toPlainText() == "then **more"

    with_desktop(use)


def test_answering_again_keeps_the_earlier_answer(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await type_and_send(desktop, "Hi")
        engine.pieces = ("Something else.",)
        part(desktop.chat, "regenerate").click()
        await until(lambda: not answering(desktop))
        assert text_of(last_answer(desktop)) == "Something else."
        assert part(desktop.chat, "answerPosition").text() == "2 of 2"
        part(desktop.chat, "previousAnswer").click()
        assert branch(desktop)[-1].content == "Hello there."
        await until(lambda: part(desktop.chat, "answerPosition").text() == "1 of 2")
        part(desktop.chat, "nextAnswer").click()
        assert branch(desktop)[-1].content == "Something else."

    with_desktop(use)


@pytest.mark.parametrize(
    "failure",
    [
        PromptTooLong(9000, 8192),
        UnknownModel("x", ["y"]),
        MissingLayers("wide-chat", ((8, 16),), 32),
    ],
)
def test_a_failure_is_one_sentence_and_nothing_is_lost(with_desktop, failure: Exception) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.pieces, engine.failure = (), failure
        await type_and_send(desktop, "My long question")
        question, answer = branch(desktop)
        assert (question.content, answer.state) == ("My long question", MessageState.BROKEN)
        assert last_answer(desktop).notice == str(failure)
        engine.pieces, engine.failure = ("Now it works.",), None
        part(desktop.chat, "retry").click()
        await until(lambda: not answering(desktop))
        assert text_of(last_answer(desktop)) == "Now it works."
        assert engine.requests[-1].messages == (ChatMessage(role="user", content="My long question"),)

    with_desktop(use)


def test_a_lost_engine_is_said_where_the_answer_broke_off(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.pieces, engine.failure = ("It begins",), NotRunning("Start it with a command.")
        await type_and_send(desktop, "Tell me")
        assert last_answer(desktop).notice == "The connection to Potluck's engine was lost."
        assert text_of(last_answer(desktop)) == "It begins"

    with_desktop(use)


def test_a_text_beyond_all_measure_is_refused_in_words(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        desktop.window.open_page(desktop.chat)
        desktop.chat.composer.sent.emit("x" * 2_000_001)
        await until(lambda: desktop.chat.conversation and not answering(desktop))
        assert last_answer(desktop).notice == "The chat is too long to be sent: begin a new one."
        assert len(branch(desktop)[0].content) == 2_000_001

    with_desktop(use)


def test_an_answer_that_just_ends_is_not_taken_for_whole(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        async def half(request: ChatRequest) -> AsyncIterator[ChatChunk]:
            yield make_chunk("Half an")

        engine.chat = half
        await type_and_send(desktop, "Tell me")
        assert branch(desktop)[-1].state is MessageState.BROKEN
        assert last_answer(desktop).notice == "The answer broke off, and nobody said why."

    with_desktop(use)


def test_an_answer_that_broke_off_can_be_continued(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.pieces, engine.failure = ("It begins with",), NotRunning("The engine ended.")
        await type_and_send(desktop, "Tell me")
        assert branch(desktop)[-1].content == "It begins with"
        engine.failure = None
        part(desktop.chat, "continueAnswer").click()
        await until(lambda: not answering(desktop))
        assert [message.role for message in engine.requests[-1].messages] == ["user", "assistant"]
        assert engine.requests[-1].potluck.go_on
        assert [message.content for message in branch(desktop)] == ["Tell me", "It begins withIt begins with"]
        assert branch(desktop)[-1].state is MessageState.DONE
        assert text_of(last_answer(desktop)) == "It begins withIt begins with"

    with_desktop(use)


def test_an_answer_goes_on_while_another_conversation_is_read(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.pieces, engine.pause = ["word "] * 20, 0.01
        await type_and_send(desktop, "Long", wait=False)
        long = desktop.chat.conversation
        part(desktop.chat, "newConversation").click()
        assert desktop.chat.conversation is None
        assert part(desktop.chat, "send").text() == "Send"
        desktop.chat.open(long)
        assert part(desktop.chat, "send").text() == "Stop"
        await until(lambda: not answering(desktop))
        assert text_of(last_answer(desktop)).split() == ["word"] * 20

    with_desktop(use)


def test_drafts_come_back(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await type_and_send(desktop, "First")
        QTest.keyClicks(desktop.chat.composer.text, "half a th")
        part(desktop.chat, "newConversation").click()
        assert desktop.chat.composer.text.toPlainText() == ""
        desktop.chat.open(1)
        assert desktop.chat.composer.text.toPlainText() == "half a th"

    with_desktop(use)


def rows(desktop: Desktop) -> list[str]:
    model = part(desktop.chat, "conversations", QTreeView).model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_conversations_are_found_renamed_deleted_and_brought_back(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await type_and_send(desktop, "About soups")
        part(desktop.chat, "newConversation").click()
        await type_and_send(desktop, "About cats")
        assert rows(desktop) == ["About cats", "About soups"]
        search = part(desktop.chat, "searchChats")
        QTest.keyClicks(search, "soup")
        assert rows(desktop) == ["About soups"]
        search.clear()
        view = part(desktop.chat, "conversations", QTreeView)
        view.setCurrentIndex(view.model().index(1, 0))
        assert part(desktop.chat, "conversationTitle").text() == "About soups"
        view.model().setData(view.currentIndex(), "Kitchen")
        await until(lambda: rows(desktop) == ["About cats", "Kitchen"])
        part(desktop.chat, "deleteConversation", object).trigger()
        assert rows(desktop) == ["About cats"]
        assert part(desktop.chat, "conversationTitle").text() == "New chat"
        part(desktop.chat, "undoDelete").click()
        assert rows(desktop) == ["About cats", "Kitchen"]
        assert part(desktop.chat, "conversationTitle").text() == "Kitchen"

    with_desktop(use)


def test_arrow_keys_look_through_conversations_and_enter_writes(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        for title in ("Soups", "Cats", "Lakes"):
            desktop.store.create(title)
        desktop.window.open_page(desktop.chat)
        desktop.chat.pane.refresh()
        view = part(desktop.chat, "conversations", QTreeView)
        view.setFocus()
        QTest.keyClick(view, Key.Key_Home)
        QTest.keyClick(view, Key.Key_Down)
        assert part(desktop.chat, "conversationTitle").accessibleName() == "Cats"
        assert view.hasFocus()
        QTest.keyClick(view, Key.Key_Return)
        assert desktop.chat.composer.text.hasFocus()
        view.setFocus()
        QTest.keyClick(view, Key.Key_Delete)
        assert rows(desktop) == ["Lakes", "Soups"]

    with_desktop(use)


def test_the_picker_lists_models_with_their_health(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        picker = desktop.chat.picker
        assert [action.text() for action in picker.menu().actions()] == [
            f"{TINY.name}: complete",
            f"{WIDE.name}: layers 9–16 are missing",
        ]
        assert picker.model == TINY.name  # the one that can answer
        picker.menu().actions()[1].trigger()
        await type_and_send(desktop, "Hi")
        assert engine.requests[0].model == WIDE.name

    with_desktop(use)


def test_privacy_is_shown_per_chat(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        assert "can learn about what you send" in part(desktop.chat, "privacy").text()
        swarm = engine.snapshot.swarm.model_copy(update={"private": True})
        engine.become(engine.snapshot.model_copy(update={"swarm": swarm}))
        await until(lambda: "This computer only" in part(desktop.chat, "privacy").text())

    with_desktop(use)


def test_nothing_is_cut_off_in_the_narrowest_window(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        desktop.window.resize(desktop.window.minimumSize())
        await type_and_send(desktop, "A question that is a bit longer than short, and then some more")
        part(desktop.chat, "regenerate").click()
        await until(lambda: not answering(desktop))
        part(desktop.chat, "servers").click()
        engine.pieces, engine.failure = ("Half",), MissingLayers("wide-chat", ((8, 16),), 32)
        await type_and_send(desktop, "Twenty-eight letters, wwwww.")
        await asyncio.sleep(0.1)
        area = desktop.chat.messages
        assert area.widget().minimumSizeHint().width() <= area.viewport().width()
        assert desktop.home.widget().minimumSizeHint().width() <= desktop.home.viewport().width()

    with_desktop(use)


def test_who_served_is_one_click_away(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await type_and_send(desktop, "Hi")
        assert desktop.chat.findChild(QWidget, "routePanel") is None
        part(desktop.chat, "servers").click()
        panel = part(desktop.chat, "routePanel")
        assert panel.isVisible()
        assert panel.accessibleName().startswith("Layers 1–8 · this computer")
        assert [label.text() for label in panel.findChildren(QLabel, "hopSeconds")] == ["2.10 s", "8.30 s"]
        part(desktop.chat, "servers").click()
        assert not panel.isVisible()

    with_desktop(use)


def test_without_any_model_nothing_can_be_sent_and_the_text_stays(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        desktop.chat.picker.model = ""
        engine.become(engine.snapshot.model_copy(update={"models": ()}))
        await until(lambda: not desktop.state.models)
        QTest.keyClicks(desktop.chat.composer.text, "Hello?")
        QTest.keyClick(desktop.chat.composer.text, Key.Key_Return)
        assert desktop.chat.composer.text.toPlainText() == "Hello?"
        assert not part(desktop.chat, "send").isEnabled()

    with_desktop(use)


def test_the_reader_is_not_pulled_along(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.pieces, engine.pause, engine.hold = ["A line.\n\n"] * 80, 0.005, True
        await type_and_send(desktop, "Long", wait=False)
        bar = desktop.chat.messages.verticalScrollBar()
        await until(lambda: bar.maximum() > 600)
        assert bar.value() == bar.maximum()
        bar.setValue(100)
        assert part(desktop.chat, "jumpToLatest").isVisible()
        before = bar.maximum()
        await until(lambda: bar.maximum() > before + 100)
        assert bar.value() == 100
        part(desktop.chat, "jumpToLatest").click()
        assert bar.value() == bar.maximum()
        await until(lambda: bar.maximum() > before + 400)
        assert bar.value() == bar.maximum()

    with_desktop(use)


def test_a_long_conversation_shows_its_end_first(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        conversation = desktop.store.create("Long")
        parent = None
        for number in range(50):
            parent = desktop.store.add_question(conversation, parent, f"Question {number}")
        desktop.window.open_page(desktop.chat)
        desktop.chat.open(conversation)
        await until(lambda: 12 <= len(questions(desktop)) < 40)  # as many as are near
        bar = desktop.chat.messages.verticalScrollBar()
        assert questions(desktop)[-1] == "Question 49"
        assert bar.value() == bar.maximum()
        read = set(questions(desktop))
        while questions(desktop)[0] != "Question 0":
            bar.setValue(0)
            await asyncio.sleep(0.01)
            read.update(questions(desktop))
        assert read == {f"Question {n}" for n in range(50)}

    with_desktop(use)


def questions(desktop: Desktop) -> list[str]:
    labels = desktop.chat.messages.findChildren(QLabel, "question")
    texts = [label.text() for label in labels if label.parent().isVisible()]
    return sorted(texts, key=lambda text: int(text.split()[1]))


@pytest.fixture
def body(qapp: QApplication, qtbot) -> Body:
    body = Body(Theme(qapp), "Answer")
    qtbot.addWidget(body)
    body.resize(600, 400)
    return body


def test_html_is_shown_as_written_and_images_become_links(body: Body) -> None:
    body.show_text("<b>raw</b> ![a cat](http://example.org/cat.png) ![own](file:///etc/hostname) end")
    assert text_of(body) == "<b>raw</b> [a cat] [own] end"
    assert "<img" not in body.findChild(QTextBrowser).toHtml()


def test_no_resource_is_ever_loaded(body: Body) -> None:
    body.show_text("![x](http://example.org/cat.png)")
    document = body.findChild(QTextBrowser).document()
    assert (
        document.resource(QTextDocument.ResourceType.ImageResource.value, QUrl("file:///etc/hostname"))
        is None
    )


def test_a_link_is_shown_before_it_is_opened(with_desktop, monkeypatch) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.pieces = ("[kind words](https://example.org/<b>trap)",)
        await type_and_send(desktop, "Link")
        last_answer(desktop).body.findChild(QTextBrowser).anchorClicked.emit(QUrl("https://example.org/trap"))
        box = part(desktop.window, "openLink", QMessageBox)
        assert box.text() == "https://example.org/trap"
        box.reject()
        last_answer(desktop).body.findChild(QTextBrowser).anchorClicked.emit(QUrl("file:///etc/passwd"))
        await asyncio.sleep(0)
        assert [each for each in desktop.window.findChildren(QMessageBox) if each.isVisible()] == []

    with_desktop(use)


def test_code_can_be_copied_and_is_coloured(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.pieces = ("See:\n\n```python\n", "def f():\n", "    return 1\n```\nDone.\n")
        await type_and_send(desktop, "Code")
        block = desktop.chat.messages.findChild(CodeBlock)
        assert block.text == "def f():\n    return 1"
        part(desktop.chat, "copyCode").click()
        assert QGuiApplication.clipboard().text() == "def f():\n    return 1"
        first = block.view.document().firstBlock()
        await until(lambda: first.layout().formats())
        keyword = first.layout().formats()[0]
        assert (keyword.start, keyword.length) == (0, 3)
        assert keyword.format.foreground().color().name() == desktop.theme.colours["code_keyword"].lower()

    with_desktop(use)


@pytest.mark.parametrize("language", ["", "no-such-language", "html+<b>"])
def test_unknown_languages_stay_plain(body: Body, language: str) -> None:
    body.show_text(f"```{language}\nx < y\n```\n")
    assert body.findChild(CodeBlock).text == "x < y"


def test_a_body_that_streamed_looks_like_one_that_was_loaded(body: Body, qapp: QApplication, qtbot) -> None:
    text = "# Hi\n\none **two**\n\n```py\nx = 1\n```\n\n- a\n- b\n\nend"
    for end in range(len(text)):
        body.grow(text[:end])
    body.finish(text)
    loaded = Body(Theme(qapp), "Answer")
    qtbot.addWidget(loaded)
    loaded.show_text(text)
    assert text_of(body) == text_of(loaded)
    assert [block.text for block in body.findChildren(CodeBlock)] == ["x = 1"]
