"""Conversations on disk."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.chat.store import ChatStore, MessageState, title_from
from tests.desktop.fake_engine import REPORT

INTERRUPTED = "Closed too early."


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ChatStore]:
    store = ChatStore(tmp_path / "chats.sqlite", INTERRUPTED)
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
    assert [each.id for each in store.search(words)] == ([conversation] if found else [])


def test_search_finds_a_renamed_title_and_empty_search_finds_all(store: ChatStore) -> None:
    conversation, _ = converse(store)
    other, _ = converse(store, "Names for a cat", "Minka")
    store.rename(conversation, "Kitchen things")
    assert [each.id for each in store.search("kitchen th")] == [conversation]
    assert {each.id for each in store.search(" ")} == {conversation, other}


def test_a_search_result_tells_where_the_words_are(store: ChatStore) -> None:
    converse(store)
    assert "soup" in store.search("soup")[0].excerpt


def test_what_is_deleted_can_come_back_until_it_is_purged(store: ChatStore) -> None:
    conversation, _ = converse(store)
    store.delete(conversation)
    assert store.conversations() == []
    assert store.search("soup") == []
    store.restore(conversation)
    assert store.search("soup")[0].id == conversation
    store.delete(conversation)
    store.purge()
    store.restore(conversation)
    assert store.conversations() == []


def test_purged_words_leave_the_file(tmp_path: Path) -> None:
    path = tmp_path / "chats.sqlite"
    store = ChatStore(path, INTERRUPTED)
    conversation, _ = converse(store, answer="xylophonist")
    store.delete(conversation)
    store.purge()
    store.close()
    assert b"xylophonist" not in path.read_bytes()


def test_drafts_are_kept_per_conversation(store: ChatStore) -> None:
    conversation, _ = converse(store)
    store.keep_draft(conversation, "half a thou")
    store.keep_draft(None, "something new")
    assert store.draft(conversation) == "half a thou"
    assert store.draft(None) == "something new"
    store.delete(conversation)
    store.purge()
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
    conductor = Conductor(ChatStore(Path(sys.argv[1]), ""), engine.chat)
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
    store = ChatStore(path, INTERRUPTED)
    question, answer = store.branch(1)
    store.close()
    assert question.content == "Count!"
    assert answer.state is MessageState.BROKEN
    assert answer.reason == INTERRUPTED
    assert answer.content.startswith("piece0 piece1 piece2 ")
    assert answer.content.count(" ") > seen - 40  # the pieces of the last 0.2 s, and some room
