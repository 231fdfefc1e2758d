"""Branches, folders, setups, files and long conversations on the Chat page, by keys and clicks."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QModelIndex, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QFrame,
    QInputDialog,
    QLabel,
    QLineEdit,
    QTreeView,
    QWidget,
)

from desktop.app_state import Trouble
from desktop.chat.answer_view import AnswerView
from desktop.chat.conversation_model import Kind, Role
from desktop.chat.message_list import AHEAD
from desktop.chat.question_view import QuestionView
from desktop.chat.records import MessageState, NewAttachment, Setup
from desktop.main import Desktop
from desktop.widgets.parts import has_focus
from desktop.window import FIRST_SIZE, SMALLEST_SIZE
from engine.api.openai_schema import ChatChunk, ChatRequest
from engine.api.schema import AnswerStatus
from tests.desktop.conftest import part, until
from tests.desktop.fake_engine import REPORT, TINY, FakeEngine, make_chunk, make_snapshot
from tests.desktop.test_chat import answering, branch, last_answer, text_of, type_and_send

Key = Qt.Key
SEEING = TINY.model_copy(update={"name": "seeing-chat", "kind": "image_text"})


def question_views(desktop: Desktop) -> list[QuestionView]:
    """From above to below."""
    views = [view for view in desktop.chat.messages.findChildren(QuestionView) if view.isVisible()]
    return sorted(views, key=lambda view: top_of(desktop, view))


def shown_rows(desktop: Desktop) -> list[tuple[str, list[str]]]:
    """The list's rows with those under them."""
    model = part(desktop.chat, "conversations", QTreeView).model()

    def texts(parent: QModelIndex) -> list[QModelIndex]:
        return [model.index(row, 0, parent) for row in range(model.rowCount(parent))]

    return [(top.data(), [child.data() for child in texts(top)]) for top in texts(QModelIndex())]


def test_an_edited_question_is_a_branch_and_the_first_stays(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await type_and_send(desktop, "Soup")
        await type_and_send(desktop, "And then?")
        part(question_views(desktop)[0], "editQuestion").click()
        editor = part(desktop.chat, "editText")
        assert editor.hasFocus()
        QTest.keyClicks(editor, " or stew")
        QTest.keyClick(editor, Key.Key_Return)
        await until(lambda: not answering(desktop))
        assert [message.content for message in branch(desktop)] == ["Soup or stew", "Hello there."]
        assert engine.requests[-1].messages[0].content == "Soup or stew"
        assert part(desktop.chat, "questionPosition").text() == "2 of 2"
        part(desktop.chat, "previousQuestion").click()
        await until(lambda: len(question_views(desktop)) == 2)
        assert [message.content for message in branch(desktop)][::2] == ["Soup", "And then?"]
        assert part(question_views(desktop)[0], "questionPosition").text() == "1 of 2"

    with_desktop(use)


def test_the_up_key_edits_the_last_question_and_escape_leaves_it(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await type_and_send(desktop, "Soup")
        QTest.keyClick(desktop.chat.composer.text, Key.Key_Up)
        editor = part(desktop.chat, "editText")
        QTest.keyClicks(editor, "x")
        QTest.keyClick(editor, Key.Key_Escape)
        assert part(desktop.chat, "question", QLabel).isVisible()
        assert [message.content for message in branch(desktop)] == ["Soup", "Hello there."]

    with_desktop(use)


def test_all_lines_of_a_text_are_seen_however_wide_it_is(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await type_and_send(desktop, "A question of many words about soup " * 4)
        QTest.keyClick(desktop.chat.composer.text, Key.Key_Up)
        editor = part(desktop.chat, "editText")
        await until(lambda: editor.document().size().height() > 1)
        assert editor.height() == editor.height_of(int(editor.document().size().height()))
        composer = desktop.chat.composer.text
        QTest.keyClicks(composer, "Another one of so many words, in the composer")
        await open_wide(desktop)
        assert composer.height() == composer.height_of(1)
        desktop.window.resize(SMALLEST_SIZE)
        part(desktop.chat, "showList").click()
        await until(lambda: composer.document().size().height() > 1)
        assert composer.height() == composer.height_of(int(composer.document().size().height()))

    with_desktop(use)


def test_the_page_opens_where_one_writes(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await until(lambda: QApplication.activeWindow() is desktop.window)
        entry = part(desktop.window, "navChat")
        QTest.mouseClick(entry, Qt.MouseButton.LeftButton)
        assert desktop.chat.composer.text.hasFocus()

    with_desktop(use)


def test_nothing_is_edited_while_an_answer_comes(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.hold = True
        await type_and_send(desktop, "Soup", wait=False)
        await until(lambda: question_views(desktop))
        assert not part(desktop.chat, "editQuestion").isEnabled()
        desktop.conductor.stop(desktop.chat.conversation)
        await until(lambda: not answering(desktop))
        assert part(desktop.chat, "editQuestion").isEnabled()

    with_desktop(use)


def test_a_search_opens_the_message_that_it_found(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        conversation, parent = desktop.store.create("Long"), None
        for number in range(60):
            parent = desktop.store.add_question(conversation, parent, f"Number {number} is here")
        desktop.store.create("Other")
        desktop.window.open_page(desktop.chat)
        QTest.keyClick(desktop.chat.composer.text, Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        search = part(desktop.chat, "searchChats", QLineEdit)
        await until(search.hasFocus)
        QTest.keyClicks(search, "number 7 is")
        assert shown_rows(desktop) == [("Long", ["Number 7 is here"])]
        hit = (
            part(desktop.chat, "conversations", QTreeView)
            .model()
            .index(0, 0)
            .model()
            .index(0, 0, part(desktop.chat, "conversations", QTreeView).model().index(0, 0))
        )
        assert [run.text for run in hit.data(Role.RUNS) if run.found] == ["Number", "7", "is"]
        QTest.keyClick(search, Key.Key_Return)
        assert desktop.chat.conversation == conversation
        found = next(view for view in question_views(desktop) if view.message_id == 8)
        await asyncio.sleep(0.05)
        await until(lambda: 0 <= top_of(desktop, found) < desktop.chat.messages.height() / 2)
        part(desktop.chat, "jumpToLatest").click()
        await until(lambda: [view.message_id for view in question_views(desktop)][-1:] == [60])

    with_desktop(use)


def test_the_arrow_keys_go_from_hit_to_hit(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        conversation, parent = desktop.store.create("Long"), None
        for number in range(30):
            parent = desktop.store.add_question(conversation, parent, f"Soup number {number}")
        desktop.window.open_page(desktop.chat)
        search, view = part(desktop.chat, "searchChats"), part(desktop.chat, "conversations", QTreeView)
        QTest.keyClicks(search, "soup")
        QTest.keyClick(search, Key.Key_Return)
        hits = [view.currentIndex().data(Role.MESSAGE)]
        for _ in range(2):
            QTest.keyClick(view, Key.Key_Down)
            hits.append(view.currentIndex().data(Role.MESSAGE))
            assert question_views(desktop)[0].message_id == hits[-1]
        assert len(set(hits)) == 3
        assert None not in hits

    with_desktop(use)


def top_of(desktop: Desktop, view: QuestionView | AnswerView) -> int:
    return view.mapTo(desktop.chat.messages.viewport(), QPoint(0, 0)).y()


def test_typing_a_search_leaves_the_open_chat_open(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        for title in ("Cats", "Lakes", "Soup"):
            desktop.store.create(title)
        await type_and_send(desktop, "Bones")
        opened = desktop.chat.conversation
        QTest.keyClicks(part(desktop.chat, "searchChats"), "cats")
        assert desktop.chat.conversation == opened

    with_desktop(use)


def test_what_is_read_stays_where_it_is_while_earlier_messages_come(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        conversation, parent = desktop.store.create("Long"), None
        for number in range(60):
            parent = desktop.store.add_question(conversation, parent, f"Number {number}\n" * (number % 5 + 1))
        desktop.window.open_page(desktop.chat)
        desktop.chat.open(conversation)
        bar = desktop.chat.messages.verticalScrollBar()
        await until(lambda: bar.value() >= AHEAD)
        read = question_views(desktop)[2]
        bar.setValue(bar.value() + top_of(desktop, read) - 5)
        before, count = top_of(desktop, read), len(question_views(desktop))
        await until(lambda: len(question_views(desktop)) > count + 3)
        await asyncio.sleep(0.05)
        await until(lambda: abs(top_of(desktop, read) - before) <= 1)

    with_desktop(use)


def test_pins_and_folders_group_the_list_and_fold(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        ids = [desktop.store.create(title) for title in ("Cats", "Lakes", "Soup")]
        desktop.window.open_page(desktop.chat)
        desktop.chat.pane.refresh()
        desktop.chat.open(ids[0])
        part(desktop.chat, "openPin", object).trigger()
        assert shown_rows(desktop) == [("Pinned", ["Cats"]), ("Soup", []), ("Lakes", [])]
        desktop.chat.open(ids[2])
        ask_for_folder(desktop, "Kitchen")
        assert shown_rows(desktop) == [("Pinned", ["Cats"]), ("Kitchen", ["Soup"]), ("Lakes", [])]
        view = part(desktop.chat, "conversations", QTreeView)
        group = view.model().index(1, 0)
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(group).center())
        assert not view.isExpanded(group)
        desktop.chat.pane.refresh()
        assert not view.isExpanded(view.model().index(1, 0))
        assert view.model().index(1, 0).data(Role.KIND) == Kind.GROUP
        desktop.chat.open(ids[0])
        part(desktop.chat, "openPin", object).trigger()  # it says Unpin now
        assert [text for text, _ in shown_rows(desktop)] == ["Kitchen", "Lakes", "Cats"]

    with_desktop(use)


def ask_for_folder(desktop: Desktop, name: str) -> None:
    desktop.chat._actions.fill_folders()
    new = next(a for a in desktop.chat._actions._folders.actions() if a.text() == "New folder…")
    new.trigger()
    dialog = part(desktop.chat, "askFolder", QInputDialog)
    dialog.setTextValue(name)
    dialog.accept()


def test_several_are_deleted_at_once_and_come_back(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        for title in ("Cats", "Lakes", "Soup"):
            desktop.store.create(title)
        desktop.window.open_page(desktop.chat)
        desktop.chat.pane.refresh()
        view = part(desktop.chat, "conversations", QTreeView)
        view.setFocus()
        QTest.keyClick(view, Key.Key_Home)
        QTest.keyClick(view, Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        QTest.keyClick(view, Key.Key_Delete)
        assert shown_rows(desktop) == [("Cats", [])]
        assert part(desktop.chat, "deletedTitle", QLabel).text() == "Deleted chats: 2"
        part(desktop.chat, "undoDelete").click()
        assert len(shown_rows(desktop)) == 3

    with_desktop(use)


def test_the_last_deletion_comes_back_when_another_came_just_before(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        for title in ("Cats", "Lakes", "Soup"):
            desktop.store.create(title)
        desktop.window.open_page(desktop.chat)
        desktop.chat.pane.refresh()
        view = part(desktop.chat, "conversations", QTreeView)
        for _ in range(2):
            view.setFocus()
            QTest.keyClick(view, Key.Key_Home)
            QTest.keyClick(view, Key.Key_Delete)
        assert shown_rows(desktop) == [("Cats", [])]
        part(desktop.chat, "undoDelete").click()
        assert shown_rows(desktop) == [("Lakes", []), ("Cats", [])]

    with_desktop(use)


def test_an_answer_that_quit_broke_off_goes_on_at_the_next_start(with_desktop) -> None:
    async def leave(desktop: Desktop, engine: FakeEngine) -> None:
        engine.pieces, engine.hold = ("It begins",), True
        await type_and_send(desktop, "Soup", wait=False)
        await until(lambda: desktop.conductor.reply_in(1).text)

    async def come_back(desktop: Desktop, engine: FakeEngine) -> None:
        desktop.window.open_page(desktop.chat)
        assert (desktop.chat.conversation, text_of(last_answer(desktop))) == (1, "It begins")
        assert last_answer(desktop).notice == "Potluck was closed before this answer was complete."
        engine.pieces = (" and ends.",)
        part(desktop.chat, "continueAnswer").click()
        await until(lambda: branch(desktop)[-1].state is MessageState.DONE)
        assert branch(desktop)[-1].content == "It begins and ends."

    async def come_again(desktop: Desktop, engine: FakeEngine) -> None:
        assert desktop.chat.conversation is None

    with_desktop(leave)
    with_desktop(come_back)
    with_desktop(come_again)


def test_a_chat_goes_out_to_a_file_and_comes_back(with_desktop, tmp_path: Path) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await type_and_send(desktop, "Soup: how?")
        part(desktop.chat, "openExportJson", object).trigger()
        dialog = part(desktop.chat, "exportDialog", QFileDialog)
        assert Path(dialog.selectedFiles()[0]).name == "Soup how.json"
        path = tmp_path / "soup.json"
        dialog.fileSelected.emit(str(path))
        dialog.close()
        said = part(desktop.chat, "said", QLabel)
        await until(lambda: said.text() == "Exported to soup.json")
        desktop.chat.archiving.take_in(path)
        await until(lambda: said.text() == "Imported chats: 1")
        assert len(desktop.store.conversations()) == 2
        assert [message.content for message in branch(desktop)] == ["Soup: how?", "Hello there."]
        path.write_text("{")
        desktop.chat.archiving.take_in(path)
        await until(lambda: "Nothing was imported" in said.text())
        desktop.chat.archiving.export([1], "md", tmp_path / "no" / "folder.md")
        await until(lambda: said.text() == "folder.md cannot be written: No such file or directory.")

    with_desktop(use)


def test_nothing_is_sent_to_a_lost_engine_and_nothing_typed_is_lost(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await type_and_send(desktop, "Hi")
        desktop.state.lost(Trouble("Potluck's engine crashed."))
        QTest.keyClicks(desktop.chat.composer.text, "Are you there?")
        assert not part(desktop.chat, "send").isEnabled()
        QTest.keyClick(desktop.chat.composer.text, Key.Key_Return)
        assert desktop.chat.composer.text.toPlainText() == "Are you there?"
        assert len(branch(desktop)) == 2
        desktop.state.show(make_snapshot())
        assert part(desktop.chat, "send").isEnabled()

    with_desktop(use)


def test_the_setup_of_a_chat_is_kept_and_sent(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        desktop.window.open_page(desktop.chat)
        QTest.keyClick(desktop.chat.composer.text, Key.Key_T, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: part(desktop.chat, "systemPrompt").hasFocus())
        QTest.keyClicks(part(desktop.chat, "systemPrompt"), "Be terse.")
        QTest.keyClicks(part(desktop.chat, "temperature"), "0.5")
        await type_and_send(desktop, "Hi")  # at once: nothing that was typed is lost
        request = engine.requests[0]
        assert [(each.role, each.content) for each in request.messages] == [
            ("system", "Be terse."),
            ("user", "Hi"),
        ]
        assert request.temperature == 0.5
        conversation = desktop.chat.conversation
        switch = part(desktop.chat, "setup")
        assert "changed for this chat" in switch.toolTip()
        part(desktop.chat, "newConversation").click()
        assert part(desktop.chat, "temperature").text() == ""
        assert "changed" not in switch.toolTip()
        desktop.chat.open(conversation)
        assert part(desktop.chat, "temperature").text() == "0.5"
        assert "changed for this chat" in switch.toolTip()
        field = part(desktop.chat, "temperature", QLineEdit)
        field.setText("hot")
        trouble = part(desktop.chat, "setupTrouble", QLabel)
        await until(lambda: trouble.text() == "The temperature is a number from 0 to 2.")
        assert desktop.store.setup(conversation).temperature == 0.5

    with_desktop(use)


def test_a_setup_is_kept_under_a_name(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        desktop.window.open_page(desktop.chat)
        panel = desktop.chat.setup
        part(panel, "seed", QLineEdit).setText("7")
        panel.fill_menu()
        part(panel, "keepPreset", object).trigger()
        dialog = part(panel, "askPreset", QInputDialog)
        dialog.setTextValue("Lucky")
        dialog.accept()
        assert dict(desktop.store.presets.all()) == {"Lucky": Setup(seed=7)}
        panel.fill_menu()
        part(panel, "plainSetup", object).trigger()
        assert (part(panel, "seed").text(), desktop.store.setup(None)) == ("", Setup())
        panel.fill_menu()
        panel._menu.actions()[0].trigger()
        assert (part(panel, "seed").text(), desktop.store.setup(None)) == ("7", Setup(seed=7))

    with_desktop(use)


@pytest.fixture
def picture(qapp, tmp_path: Path) -> Path:
    image = QImage(40, 20, QImage.Format.Format_RGB32)
    image.fill(0x884444)
    assert image.save(str(tmp_path / "pot.png"))
    return tmp_path / "pot.png"


def mime_of(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def drag_over(target: QWidget, mime: QMimeData) -> bool:
    """Whether it may be dropped there."""
    event = QDragEnterEvent(
        QPoint(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0)
    )
    QApplication.sendEvent(target, event)
    return event.isAccepted()


def drop(desktop: Desktop, *paths: Path) -> None:
    mime = mime_of(*paths)
    assert drag_over(desktop.chat, mime)
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0)
    )
    QApplication.sendEvent(desktop.chat, event)


def attached(desktop: Desktop) -> list[str]:
    shown = desktop.chat.composer.findChildren(QFrame, "attachment")
    return [each.accessibleName() for each in shown if each.isVisibleTo(desktop.chat.composer)]


def test_files_are_dropped_sent_and_shown(with_desktop, picture: Path, tmp_path: Path) -> None:
    data = picture.read_bytes()

    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.become(engine.snapshot.model_copy(update={"models": (SEEING,)}))
        await until(lambda: desktop.chat.picker.model == SEEING.name)
        desktop.window.open_page(desktop.chat)
        (tmp_path / "note.txt").write_text("salt")
        drop(desktop, picture, tmp_path / "note.txt")
        await until(lambda: attached(desktop) == ["Attached: pot.png", "Attached: note.txt"])
        part(desktop.chat, "newConversation").click()  # they wait with the draft
        await until(lambda: len(attached(desktop)) == 2)
        await type_and_send(desktop, "What is this?")
        [message] = engine.requests[0].messages
        assert [image.data for image in message.images] == [data]
        assert message.content == "File “note.txt”:\n```\nsalt\n```\n\nWhat is this?"
        assert attached(desktop) == []
        [view] = question_views(desktop)
        assert part(view, "thumbnail", QLabel).pixmap().width() > 0
        desktop.conductor.edit(view.message_id, "And this?", SEEING.name)
        await until(lambda: not answering(desktop))
        assert len(engine.requests[-1].messages[0].images) == 1

    with_desktop(use)


def test_files_that_are_dragged_over_the_chat_are_welcomed(with_desktop, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("salt")

    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        desktop.window.open_page(desktop.chat)
        sign, files = part(desktop.chat, "dropSign"), mime_of(tmp_path / "note.txt")
        for target in (desktop.chat, desktop.chat.composer.text.viewport()):
            assert drag_over(target, files)
            assert sign.isVisible()
            QApplication.sendEvent(target, QDragLeaveEvent())
            assert not sign.isVisible()
        words = QMimeData()
        words.setText("Soup")
        assert drag_over(desktop.chat.composer.text.viewport(), words)  # to be written there
        assert not drag_over(desktop.chat, words)
        assert not sign.isVisible()
        drop(desktop, tmp_path / "note.txt")
        assert not sign.isVisible()
        await until(lambda: attached(desktop) == ["Attached: note.txt"])

    with_desktop(use)


def test_a_blind_model_gets_no_pictures(with_desktop, picture: Path) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        blind = TINY.model_copy(update={"kind": "causal"})
        engine.become(engine.snapshot.model_copy(update={"models": (blind,)}))
        await until(lambda: desktop.state.models == (blind,))
        desktop.window.open_page(desktop.chat)
        drop(desktop, picture)
        trouble = part(desktop.chat, "attachTrouble", QLabel)
        await until(trouble.isVisible)
        assert trouble.text() == "tiny-chat reads text only: choose a model that sees pictures."
        assert attached(desktop) == []

    with_desktop(use)


def test_a_picture_is_pasted_and_taken_away_again(with_desktop, picture: Path) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        desktop.window.open_page(desktop.chat)
        QGuiApplication.clipboard().setImage(QImage(str(picture)))
        QTest.keyClick(desktop.chat.composer.text, Key.Key_V, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: attached(desktop) == ["Attached: Pasted picture.png"])
        assert part(desktop.chat, "send").isEnabled()
        part(desktop.chat, "removeAttachment").click()
        assert attached(desktop) == []
        assert not part(desktop.chat, "send").isEnabled()

    with_desktop(use)


def test_attached_files_outlast_the_window(with_desktop, paths) -> None:
    async def attach(desktop: Desktop, engine: FakeEngine) -> None:
        desktop.store.attachments.add_to_draft(None, NewAttachment("a.txt", "text", "txt", b"x"))

    async def look(desktop: Desktop, engine: FakeEngine) -> None:
        desktop.window.open_page(desktop.chat)
        await until(lambda: attached(desktop) == ["Attached: a.txt"])

    with_desktop(attach)
    with_desktop(look)


def test_a_chat_that_was_cut_says_where(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await type_and_send(desktop, "First")
        engine.chat = cut_by(2)
        await type_and_send(desktop, "Second")
        first, second = question_views(desktop)
        assert not part(first, "cutLine").isVisible()
        assert part(second, "cutLine").isVisible()
        assert branch(desktop)[-1].sent_from == second.message_id
        asked: list[ChatRequest] = []
        engine.chat = cut_by(0, asked)
        await type_and_send(desktop, "Third")
        assert [each.content for each in asked[0].messages] == ["Second", "Cut.", "Third"]
        assert part(question_views(desktop)[1], "cutLine").isVisible()

    with_desktop(use)


def cut_by(left_out: int, asked: list[ChatRequest] | None = None) -> Callable[..., AsyncIterator[ChatChunk]]:
    async def chat(request: ChatRequest) -> AsyncIterator[ChatChunk]:
        if asked is not None:
            asked.append(request)
        report = REPORT.model_copy(update={"left_out": left_out})
        yield make_chunk("Cut.", finish="stop", report=report)

    return chat


def test_a_repair_is_said_while_it_lasts(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        repaired = asyncio.Event()

        async def chat(_: ChatRequest) -> AsyncIterator[ChatChunk]:
            yield make_chunk("It begins")
            status = AnswerStatus(repairing=((8, 16),))
            yield make_chunk("").model_copy(update={"potluck_status": status})
            await repaired.wait()
            yield make_chunk(" and goes on.", finish="stop", report=REPORT)

        engine.chat = chat
        await type_and_send(desktop, "Tell me", wait=False)
        await until(lambda: desktop.chat.messages.findChildren(AnswerView))
        says = part(last_answer(desktop), "thinking", QLabel)
        await until(lambda: says.isVisible() and "layers 9–16" in says.text())
        repaired.set()
        await until(lambda: not answering(desktop))
        assert not says.isVisible()
        assert text_of(last_answer(desktop)) == "It begins and goes on."

    with_desktop(use)


def test_what_was_gone_on_with_is_one_answer(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.pieces, engine.hold = ("**Half an** ",), True
        await type_and_send(desktop, "Tell me", wait=False)
        await until(lambda: "Half" in desktop.conductor.reply_in(1).text)
        desktop.conductor.stop(1)
        await until(lambda: not answering(desktop))
        engine.pieces, engine.hold = (" answer.",), False
        part(desktop.chat, "continueAnswer").click()
        await until(lambda: not answering(desktop))
        assert engine.requests[-1].messages[-1].content == "**Half an**"
        assert branch(desktop)[-1].content == "**Half an** answer."
        assert branch(desktop)[-1].state is MessageState.DONE
        assert text_of(last_answer(desktop)) == "Half an answer."
        assert last_answer(desktop).notice == ""

    with_desktop(use)


def test_control_r_answers_again(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await type_and_send(desktop, "Hi")
        QTest.keyClick(desktop.chat.composer.text, Key.Key_R, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: len(engine.requests) == 2 and not answering(desktop))
        assert part(desktop.chat, "answerPosition").text() == "2 of 2"

    with_desktop(use)


def test_every_control_has_a_name_for_those_who_cannot_see_it(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        from PySide6.QtWidgets import QAbstractButton

        await type_and_send(desktop, "Hi")
        desktop.chat.findChild(QFrame, "setupPanel").show()
        nameless = [
            button.objectName()
            for button in desktop.chat.findChildren(QAbstractButton)
            if not (button.text() or button.accessibleName())
        ]
        assert nameless == []
        fields = desktop.chat.findChildren(QLineEdit)
        assert all(field.accessibleName() for field in fields)

    with_desktop(use)


def test_an_answer_in_the_middle_goes_on_where_it_stands(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.pieces, engine.hold = ("Half",), True
        await type_and_send(desktop, "One", wait=False)
        await until(lambda: desktop.conductor.reply_in(1).text)
        desktop.conductor.stop(1)
        await until(lambda: not answering(desktop))
        engine.pieces, engine.hold = ("Whole.",), False
        await type_and_send(desktop, "Two")
        engine.pieces = (" an answer.",)
        desktop.chat.messages.findChildren(AnswerView)[0].go_on.emit(branch(desktop)[1].id)
        await until(lambda: not answering(desktop))
        contents = [message.content for message in branch(desktop)]
        assert contents == ["One", "Half an answer.", "Two", "Whole."]
        assert text_of(desktop.chat.messages.findChildren(AnswerView)[0]) == "Half an answer."

    with_desktop(use)


def test_a_thousand_conversations_are_listed_at_once(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        with desktop.store.at_once():
            for number in range(1000):
                desktop.store.create(f"Conversation {number}")
        desktop.chat.pane.refresh()
        assert len(shown_rows(desktop)) == 1000

    with_desktop(use)


def way_of_tab(desktop: Desktop, start: QWidget, key: Qt.Key, end: QWidget) -> list[str]:
    """In which of its parts the focus was, from `start` to `end`, each named once in a row."""
    start.setFocus(Qt.FocusReason.TabFocusReason)
    way: list[str] = []
    for _ in range(100):
        at = QApplication.focusWidget()
        place = next((name for name in PLACES if part(desktop.chat, name).isAncestorOf(at)), at.objectName())
        if not way or way[-1] != place:
            way.append(place)
        if at is end:
            return way
        QTest.keyClick(at, key)
    raise AssertionError(way)


PLACES = ("conversationPane", "chatHeader", "messages", "composer")


def test_tab_goes_from_the_chats_over_the_messages_to_the_composer_and_back(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await type_and_send(desktop, "Soup")
        await type_and_send(desktop, "And then?")
        await until(lambda: QApplication.activeWindow() is desktop.window)
        first, last = part(desktop.chat, "newConversation"), desktop.chat.composer.text
        assert way_of_tab(desktop, first, Key.Key_Tab, last) == list(PLACES)
        assert way_of_tab(desktop, last, Key.Key_Backtab, first) == list(reversed(PLACES))
        QTest.keyClick(part(desktop.chat, "regenerate"), Key.Key_Escape)
        assert last.hasFocus()

    with_desktop(use)


def test_tab_enters_a_long_chat_at_what_is_seen_and_passes_its_messages_in_their_order(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        conversation, parent = desktop.store.create("Long"), None
        for number in range(40):
            parent = desktop.store.add_question(conversation, parent, f"Number {number}")
        desktop.window.open_page(desktop.chat)
        desktop.chat.open(conversation)
        await until(lambda: desktop.chat.messages.verticalScrollBar().value() >= AHEAD)
        await until(lambda: QApplication.activeWindow() is desktop.window)
        desktop.chat.picker.setFocus(Qt.FocusReason.TabFocusReason)
        passed: list[QuestionView] = []
        while not desktop.chat.composer.isAncestorOf(QApplication.focusWidget()):
            QTest.keyClick(QApplication.focusWidget(), Key.Key_Tab)
            views = [view for view in question_views(desktop) if has_focus(view)]
            passed += [view for view in views if view not in passed]
        ids = [view.message_id for view in passed]
        assert ids == list(range(ids[0], 41))
        assert 40 - ids[0] < len(question_views(desktop)) - 2  # those above what was seen are left out

    with_desktop(use)


def test_a_narrow_window_shows_the_list_when_it_is_asked_for(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await type_and_send(desktop, "Soup")
        pane = desktop.chat.pane
        assert pane.isVisible()
        desktop.window.resize(SMALLEST_SIZE)
        await until(lambda: not pane.isVisible())
        QTest.keyClick(desktop.chat.composer.text, Key.Key_B, Qt.KeyboardModifier.ControlModifier)
        assert pane.isVisible()
        view = part(desktop.chat, "conversations", QTreeView)
        assert view.hasFocus()
        QTest.keyClick(view, Key.Key_Return)
        assert not pane.isVisible()
        assert desktop.chat.composer.text.hasFocus()
        QTest.keyClick(desktop.chat.composer.text, Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        assert part(desktop.chat, "searchChats").hasFocus()
        QTest.keyClick(part(desktop.chat, "searchChats"), Key.Key_Escape)
        assert not pane.isVisible()
        part(desktop.chat, "openDeleteConversation", object).trigger()
        assert part(desktop.chat, "undoDelete").isVisible()
        desktop.window.resize(FIRST_SIZE)
        await until(lambda: not desktop.chat.sides.is_narrow)
        assert pane.isVisible()

    with_desktop(use)


def test_escape_leaves_the_search_before_it_stops_an_answer(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.hold = True
        await type_and_send(desktop, "Soup", wait=False)
        await until(lambda: QApplication.activeWindow() is desktop.window)
        search = part(desktop.chat, "searchChats")
        QTest.keyClick(desktop.chat.composer.text, Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(search, "soup")
        QTest.keyClick(search, Key.Key_Escape)
        assert desktop.chat.composer.text.hasFocus()
        await asyncio.sleep(0)
        assert answering(desktop)
        QTest.keyClick(desktop.chat.composer.text, Key.Key_Escape)
        await until(lambda: not answering(desktop))

    with_desktop(use)


async def open_wide(desktop: Desktop) -> None:
    desktop.window.open_page(desktop.chat)
    desktop.window.resize(FIRST_SIZE)
    await until(lambda: not desktop.chat.sides.is_narrow)


def test_a_list_that_was_hidden_stays_hidden_at_the_next_start(with_desktop) -> None:
    async def hide(desktop: Desktop, engine: FakeEngine) -> None:
        await open_wide(desktop)
        part(desktop.chat, "showList").click()
        assert not desktop.chat.pane.isVisible()

    async def show(desktop: Desktop, engine: FakeEngine) -> None:
        await open_wide(desktop)
        button = part(desktop.chat, "showList")
        assert (desktop.chat.pane.isVisible(), button.isChecked()) == (False, False)
        button.click()
        assert desktop.chat.pane.isVisible()

    async def shown(desktop: Desktop, engine: FakeEngine) -> None:
        await open_wide(desktop)
        assert desktop.chat.pane.isVisible()

    for use in (hide, show, shown):
        with_desktop(use)
