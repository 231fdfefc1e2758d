"""Conversations out to files and back in."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.chat.archive import archive_of, markdown_of, put_into, read_archive
from desktop.chat.records import NewAttachment, Setup
from desktop.chat.store import ChatStore, MessageState
from engine.errors import BadRequest
from tests.desktop.fake_engine import REPORT


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ChatStore]:
    store = ChatStore(tmp_path / "chats.sqlite")
    yield store
    store.close()


def grow_tree(store: ChatStore) -> int:
    """A conversation with an edited question, two answers to it, a file and a setup; its id."""
    conversation = store.create("Soup", Setup(system="Cook.", temperature=0.5))
    first = store.add_question(conversation, None, "How?")
    store.end_answer(store.begin_answer(first, "m"), "So.", MessageState.DONE, "", 5, REPORT)
    edited = store.add_question(conversation, None, "How, *exactly*?")
    store.attachments.add_to_message(edited, NewAttachment("pot.png", "image", "png", b"\x89PNG", b"\x01"))
    one = store.begin_answer(edited, "m")
    store.end_answer(one, "With bones.", MessageState.STOPPED, sent_from=edited)
    store.end_answer(store.begin_answer(edited, "n"), "", MessageState.BROKEN, "Nobody serves it.")
    store.show_branch_of(one)
    store.pin([conversation], True)
    store.put_into([conversation], "Kitchen")
    return conversation


def test_json_keeps_every_branch_and_file(store: ChatStore, tmp_path: Path) -> None:
    original = archive_of(store, [grow_tree(store), store.create("Empty")])
    path = tmp_path / "chats.json"
    path.write_text(original.model_dump_json())
    ids = put_into(store, read_archive(path))
    assert archive_of(store, ids) == original
    assert len(store.tree(ids[0])) == 5
    assert store.branch(ids[0])[-1].content == "With bones."
    assert store.search("bones")[0].hits


def test_an_answer_under_way_goes_out_as_one_that_was_stopped(store: ChatStore) -> None:
    conversation = store.create("Soup")
    answer = store.begin_answer(store.add_question(conversation, None, "How?"), "m")
    store.save_text(answer, "First")
    [archived] = archive_of(store, [conversation]).conversations
    assert (archived.messages[1].content, archived.messages[1].state) == ("First", MessageState.STOPPED)
    assert archived.shown == 1


def breaking(change: Callable[[dict[str, Any]], object]) -> Callable[[str], str]:
    def broken(text: str) -> str:
        value = json.loads(text)
        change(value)
        return json.dumps(value)

    return broken


def messages(value: dict[str, Any]) -> list[dict[str, Any]]:
    return value["conversations"][0]["messages"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param(lambda text: text[: len(text) // 2], "this is no JSON", id="half"),
        pytest.param(lambda text: "", "this is no JSON", id="empty"),
        pytest.param(lambda text: "[]", "has to be an object", id="list"),
        pytest.param(breaking(lambda it: it.update(version=2)), "version", id="version"),
        pytest.param(breaking(lambda it: it.update(more=1)), "more", id="more"),
        pytest.param(breaking(lambda it: messages(it)[1].update(parent=4)), "is not there", id="parent"),
        pytest.param(breaking(lambda it: messages(it)[0].update(parent=0)), "is not there", id="own-parent"),
        pytest.param(breaking(lambda it: messages(it)[4].update(role="system")), "role", id="role"),
        pytest.param(breaking(lambda it: messages(it)[4].update(state="streaming")), "not ended", id="state"),
        pytest.param(breaking(lambda it: it["conversations"][0].update(shown=5)), "is not there", id="shown"),
    ],
)
def test_a_broken_file_is_refused_and_nothing_taken(
    store: ChatStore, tmp_path: Path, change: Callable[[str], str], why: str
) -> None:
    text = archive_of(store, [grow_tree(store)]).model_dump_json()
    path = tmp_path / "chats.json"
    path.write_text(change(text))
    with pytest.raises(BadRequest, match=r"chats\.json is no whole file of Potluck's chats") as refusal:
        put_into(store, read_archive(path))
    assert why in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert len(store.conversations()) == 1


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=r"chats\.json cannot be read: No such file"):
        read_archive(tmp_path / "chats.json")


def test_a_failure_half_way_leaves_nothing(store: ChatStore, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = archive_of(store, [grow_tree(store), grow_tree(store)])
    monkeypatch.setattr(store, "set_leaf", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        put_into(store, archive)
    assert len(store.conversations()) == 2


def test_markdown_is_the_branch_that_is_shown(store: ChatStore) -> None:
    conversation = grow_tree(store)
    assert markdown_of("Soup", store.branch(conversation)) == (
        "# Soup\n\n## You\n\n*Attached: pot.png*\n\nHow, *exactly*?\n\n## m\n\nWith bones.\n"
    )
