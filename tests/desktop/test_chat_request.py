"""What is sent of a conversation."""

from dataclasses import replace

import pytest

from desktop.chat.records import Attachment, Message, MessageState, Setup
from desktop.chat.request import make_request, sent_from, still_sent, turns
from desktop.chat.setup_panel import setup_of
from engine.errors import BadRequest
from tests.desktop.fake_engine import REPORT

PNG = b"\x89PNG\r\n\x1a\n"
FILES = {1: b"salt", 2: PNG, 3: b"```\ncode\n```\n"}
NOTE = Attachment(1, "note.txt", "text", "txt", 4, b"")
POT = Attachment(2, "pot.png", "image", "png", 8, b"")
CODE = Attachment(3, "code.md", "text", "txt", 13, b"")


def message(role: str, content: str, id: int = 1, **more: object) -> Message:
    return replace(Message(id, 1, None, role, content, MessageState.DONE, "", "m", None, None), **more)


def said(*messages: Message) -> list[tuple[str, str]]:
    return [(turn.said.role, turn.said.content) for turn in turns(messages, FILES.__getitem__)]


def test_user_and_assistant_take_turns() -> None:
    assert said(
        message("user", "a"), message("assistant", ""), message("user", "b"), message("assistant", "c \n")
    ) == [("user", "a\n\nb"), ("assistant", "c")]


def test_text_files_stand_before_the_question_in_fences_of_their_own() -> None:
    [(_, content)] = said(message("user", "What is it?", attachments=(NOTE, CODE)))
    assert content == (
        "File “note.txt”:\n```\nsalt\n```\n\nFile “code.md”:\n````\n```\ncode\n```\n````\n\nWhat is it?"
    )


def test_pictures_keep_their_place_when_questions_are_joined() -> None:
    [turn] = turns(
        [message("user", "Look."), message("user", "And this?", attachments=(POT,))], FILES.__getitem__
    )
    assert [part if isinstance(part, str) else part.data for part in turn.said.parts] == [
        "Look.\n\n", PNG, "And this?"
    ]  # fmt: skip


def test_a_picture_alone_is_a_question() -> None:
    [turn] = turns([message("user", "", attachments=(POT,))], FILES.__getitem__)
    assert (turn.said.content, len(turn.said.images)) == ("", 1)


def test_how_answers_are_made_goes_along() -> None:
    setup = Setup(system="Be terse.", temperature=0.5, top_p=0.9, seed=7, max_tokens=100)
    request = make_request("m", turns([message("user", "Hi")], FILES.__getitem__), setup)
    assert [(each.role, each.content) for each in request.messages] == [
        ("system", "Be terse."),
        ("user", "Hi"),
    ]
    assert (request.temperature, request.top_p, request.seed, request.max_tokens) == (0.5, 0.9, 7, 100)
    assert (request.potluck.fit, request.potluck.go_on, request.potluck.tell_repairs) == (True, False, True)
    plain = make_request("m", turns([message("user", "Hi")], FILES.__getitem__), Setup(system="  "))
    assert len(plain.messages) == 1


def test_what_no_request_can_hold_is_said() -> None:
    with pytest.raises(BadRequest, match="too long to be sent"):
        turns([message("user", "x" * 2_000_001)], FILES.__getitem__)


LONG = [
    message("user", "one", 1),
    message("assistant", "1", 2, report=REPORT),
    message("user", "two", 3),
    message("assistant", "2", 4, report=REPORT, sent_from=3),
    message("user", "three", 5),
]


def test_what_was_left_out_once_stays_out_for_that_model() -> None:
    assert [each.id for each in still_sent(LONG, "m")] == [3, 4, 5]
    assert still_sent(LONG, "another") == LONG
    assert still_sent(LONG[:3], "m") == LONG[:3]


@pytest.mark.parametrize(
    ("messages", "left_out", "first"),
    [(LONG, 0, None), (LONG, 2, 3), (LONG[2:], 0, 3), (LONG[2:], 2, 5), (LONG, 99, None)],
)
def test_the_first_message_that_went_along(messages: list[Message], left_out: int, first: int | None) -> None:
    assert sent_from(LONG, turns(messages, FILES.__getitem__), left_out) == first


@pytest.mark.parametrize(
    ("texts", "setup"),
    [
        ({"temperature": "", "seed": " "}, Setup()),
        ({"temperature": "0,7", "top_p": "1"}, Setup(temperature=0.7, top_p=1)),
        ({"seed": "12", "max_tokens": "5"}, Setup(seed=12, max_tokens=5)),
    ],
)
def test_typed_values_are_read(texts: dict[str, str], setup: Setup) -> None:
    assert setup_of("", texts) == setup


@pytest.mark.parametrize(
    "texts", [{"temperature": "hot"}, {"temperature": "2.1"}, {"top_p": "0"}, {"seed": "-1"}, {"seed": "1.5"}]
)
def test_values_that_cannot_be_meant_are_refused(texts: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(texts))):
        setup_of("", texts)
