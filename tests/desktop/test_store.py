"""Conversations on disk."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desktop.chat.records import NewAttachment, Setup
from desktop.chat.schema import _FIRST
from desktop.chat.search import plain
from desktop.chat.store import ChatStore, MessageState, title_from
from tests.desktop.fake_engine import REPORT


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ChatStore]:
    store = ChatStore(tmp_path / "chats.sqlite")
    yield store
    store.close()


def converse(
    store: ChatStore, question: str = "What is a stock?", answer: str = "A soup's base."
) -> tuple[int, int]:
    """A conversation with one answered question; its id and the answer's."""
    conversation = store.create(title_from(question))
    asked = store.add_question(conversation, None, question)
    answered = store.begin_answer(asked, "tiny-chat")
    store.end_answer(answered, answer, MessageState.DONE, tokens=5, report=REPORT)
    return conversation, answered


def test_a_conversation_reads_back_as_it_was(store: ChatStore) -> None:
    conversation, _ = converse(store)
    question, answer = store.branch(conversation)
    assert (question.role, question.content) == ("user", "What is a stock?")
    assert (answer.content, answer.state, answer.tokens) == ("A soup's base.", MessageState.DONE, 5)
    assert answer.report == REPORT


def test_regenerating_keeps_the_earlier_answer(store: ChatStore) -> None:
    conversation, first = converse(store)
    question = store.branch(conversation)[0]
    second = store.begin_answer(question.id, "tiny-chat")
    store.end_answer(second, "Water and bones.", MessageState.DONE)
    assert store.siblings(first) == [first, second]
    assert store.branch(conversation)[-1].id == second
    store.show_branch_of(first)
    assert store.branch(conversation)[-1].content == "A soup's base."


def test_going_back_to_a_branch_shows_what_followed_it(store: ChatStore) -> None:
    conversation, first = converse(store)
    follow_up = store.add_question(conversation, first, "And then?")
    question = store.up_to(first)[0]
    second = store.begin_answer(question.id, "tiny-chat")
    assert [message.id for message in store.branch(conversation)] == [question.id, second]
    store.show_branch_of(first)
    assert store.branch(conversation)[-1].id == follow_up


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("soup", True),
        ("sou", True),
        ("SOUP base", True),
        ("lasagne", False),
        ('"so', True),
        ("100%", False),
        ("*", False),
    ],
)
def test_search_looks_into_titles_and_messages(store: ChatStore, words: str, found: bool) -> None:
    conversation, _ = converse(store)
    store.rename(conversation, "Cooking")
    assert [each.conversation_id for each in store.search(words)] == ([conversation] if found else [])


def test_search_finds_a_renamed_title_and_nothing_for_no_words(store: ChatStore) -> None:
    conversation, _ = converse(store)
    converse(store, "Names for a cat", "Minka")
    store.rename(conversation, "Kitchen things")
    assert [each.conversation_id for each in store.search("kitchen th")] == [conversation]
    assert store.search(" ") == []


def test_a_hit_names_its_message_and_marks_the_words_in_their_line(store: ChatStore) -> None:
    _, answer = converse(store, answer="First line.\nBones make a soup’s *base*.\nLast line.")
    [found] = store.search("sou base")
    [hit] = found.hits
    assert hit.message_id == answer
    assert plain(hit.line) == "Bones make a soup’s *base*."
    assert [run.text for run in hit.line if run.found] == ["soup", "base"]


def test_what_went_on_is_found_by_its_new_words_and_once(store: ChatStore) -> None:
    _, answer = converse(store, answer="It begins")
    store.go_on_with(answer)
    assert store.search("begins") == []  # while it streams
    store.end_answer(answer, "It begins and goes on", MessageState.DONE)
    [found] = store.search("begins goes")
    assert len(found.hits) == 1


def test_what_is_deleted_can_come_back_until_it_is_purged(store: ChatStore) -> None:
    conversation, _ = converse(store)
    store.delete(conversation)
    assert store.conversations() == []
    assert store.search("soup") == []
    store.restore(conversation)
    assert store.search("soup")[0].conversation_id == conversation
    store.delete(conversation)
    store.purge([conversation])
    store.restore(conversation)
    assert store.conversations() == []


def test_purged_words_leave_the_file(tmp_path: Path) -> None:
    path = tmp_path / "chats.sqlite"
    store = ChatStore(path)
    conversation, _ = converse(store, answer="xylophonist")
    store.delete(conversation)
    store.purge([conversation])
    store.close()
    assert b"xylophonist" not in path.read_bytes()


def test_drafts_are_kept_per_conversation(store: ChatStore) -> None:
    conversation, _ = converse(store)
    store.keep_draft(conversation, "half a thou")
    store.keep_draft(None, "something new")
    assert store.draft(conversation) == "half a thou"
    assert store.draft(None) == "something new"
    store.delete(conversation)
    store.purge([conversation])
    assert store.draft(conversation) == ""
    assert store.draft(None) == "something new"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Hi", "Hi"),
        ("two\n lines", "two lines"),
        ("word " * 30, "word " * 10 + "word…"),
        ("x" * 80, "x" * 59 + "…"),
    ],
)
def test_a_conversation_is_named_by_its_first_words(text: str, title: str) -> None:
    assert title_from(text) == title


def test_an_edited_question_stands_beside_the_first(store: ChatStore) -> None:
    conversation, answer = converse(store)
    first = store.branch(conversation)[0].id
    second = store.add_question(conversation, None, "What is a broth?")
    assert store.siblings(first) == [first, second]
    assert store.all_siblings(conversation) == {
        first: [first, second],
        second: [first, second],
        answer: [answer],
    }
    assert [message.content for message in store.branch(conversation)] == ["What is a broth?"]
    store.show_branch_of(first)
    assert [message.id for message in store.branch(conversation)] == [first, answer]


def test_pins_and_folders_are_kept_for_several_at_once(store: ChatStore) -> None:
    ids = [converse(store)[0] for _ in range(3)]
    store.pin(ids[:2], True)
    store.put_into(ids[1:], "Kitchen")
    kept = {each.id: (each.pinned, each.folder) for each in store.conversations()}
    assert kept == {ids[0]: (True, ""), ids[1]: (True, "Kitchen"), ids[2]: (False, "Kitchen")}
    assert store.folders() == ["Kitchen"]
    store.delete(*ids)
    assert store.folders() == []
    store.restore(*ids)
    store.put_into(ids, "")
    assert store.folders() == []


def test_how_a_chat_is_answered_is_kept_for_each(store: ChatStore) -> None:
    terse = Setup(system="Be terse.", temperature=0.2, seed=7)
    store.keep_setup(None, terse)
    store.keep_draft(None, "typed")
    assert (store.setup(None), store.draft(None)) == (terse, "typed")
    conversation, _ = converse(store)
    assert store.setup(conversation) == Setup()
    store.keep_setup(conversation, Setup(max_tokens=9))
    assert (store.setup(conversation), store.setup(None)) == (Setup(max_tokens=9), terse)


def test_presets_have_names(store: ChatStore) -> None:
    store.presets.keep("Terse", Setup(system="Be terse."))
    store.presets.keep("cook", Setup(temperature=1.5))
    store.presets.keep("Terse", Setup(system="Be very terse."))
    assert dict(store.presets.all()) == {
        "cook": Setup(temperature=1.5),
        "Terse": Setup(system="Be very terse."),
    }
    store.presets.remove("cook")
    assert list(store.presets.all()) == ["Terse"]


NOTE = NewAttachment("note.txt", "text", "txt", b"salt")


def test_attachments_wait_with_the_draft_and_go_with_the_message(store: ChatStore) -> None:
    store.attachments.add_to_draft(None, NOTE)
    [kept] = store.attachments.of_draft(None)
    assert (kept.name, kept.size, store.attachments.data(kept.id)) == ("note.txt", 4, b"salt")
    conversation, _ = converse(store)
    question = store.branch(conversation)[0].id
    store.attachments.send_draft(None, question)
    assert store.attachments.of_draft(None) == ()
    assert [len(message.attachments) for message in store.branch(conversation)] == [1, 0]
    edited = store.add_question(conversation, None, "Edited")
    store.attachments.copy(question, edited)
    assert [each.name for each in store.message(edited).attachments] == ["note.txt"]
    store.attachments.remove(store.message(edited).attachments[0].id)
    assert store.message(question).attachments[0].name == "note.txt"


def test_attachments_leave_the_disk_with_their_conversation(tmp_path: Path) -> None:
    path = tmp_path / "chats.sqlite"
    store = ChatStore(path)
    conversation, _ = converse(store)
    store.attachments.add_to_message(
        store.branch(conversation)[0].id, NewAttachment("a.txt", "text", "txt", b"xylophonist")
    )
    store.attachments.add_to_draft(conversation, NewAttachment("b.txt", "text", "txt", b"glockenspiel"))
    store.delete(conversation)
    store.purge([conversation])
    store.close()
    assert b"xylophonist" not in path.read_bytes()
    assert b"glockenspiel" not in path.read_bytes()


def test_a_file_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "chats.sqlite"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(_FIRST)
        old.executescript(
            "INSERT INTO conversation VALUES (1, 'Soup', 2, 10.0, NULL);"
            "INSERT INTO message VALUES (1, 1, NULL, 'user', 'How?', 'done', '', '', NULL, NULL, 9.0);"
            "INSERT INTO message VALUES (2, 1, 1, 'assistant', 'Boil bones', 'cut', '', 'm', 3, NULL, 10.0);"
            "INSERT INTO draft VALUES (1, 'half a th');"
            "PRAGMA user_version = 1;"
        )
    for _ in range(2):  # the second time there is nothing to do
        store = ChatStore(path)
        assert [message.content for message in store.branch(1)] == ["How?", "Boil bones"]
        assert (store.draft(1), store.setup(1)) == ("half a th", Setup())
        assert store.search("bones")[0].hits[0].message_id == 2
        store.pin([1], True)
        store.go_on_with(2)
        store.end_answer(2, "Boil bones", MessageState.DONE)
        store.close()


STREAM_FOR_EVER = """
import asyncio, sys
from PySide6.QtCore import QCoreApplication
from pathlib import Path
import qasync
from desktop.chat.conductor import Conductor
from desktop.chat.store import ChatStore
from tests.desktop.fake_engine import FakeEngine

async def main():
    engine = FakeEngine()
    engine.pieces = (f"piece{n} " for n in range(10**6))
    engine.pause = 0.01
    conductor = Conductor(ChatStore(Path(sys.argv[1])), engine.chat)
    conductor.ask(None, "Count!", "tiny-chat")
    while True:
        await asyncio.sleep(0.05)
        reply = conductor.reply_in(1)
        print(reply.text.count(" "), flush=True)

app = QCoreApplication([])
qasync.QEventLoop(app).run_until_complete(main())
"""


def test_killing_the_app_keeps_what_had_arrived(tmp_path: Path) -> None:
    path = tmp_path / "chats.sqlite"
    child = subprocess.Popen(
        [sys.executable, "-c", STREAM_FOR_EVER, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout
    seen = 0
    while seen < 60:
        seen = int(child.stdout.readline())
    child.kill()
    child.wait()
    child.stdout.close()
    store = ChatStore(path)
    question, answer = store.branch(1)
    store.close()
    assert question.content == "Count!"
    assert answer.state is MessageState.CLOSED
    assert answer.content.startswith("piece0 piece1 piece2 ")
    assert answer.content.count(" ") > seen - 40  # the pieces of the last 0.2 s, and some room
