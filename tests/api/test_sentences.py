"""Sentences that are composed in English and can be said in other languages."""

import copy
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.api.base import Schema
from engine.api.openai_schema import ErrorDetail
from engine.api.sentences import (
    MAX_TEXT,
    WITH_TEMPLATES,
    Said,
    Sentence,
    both,
    counted,
    either,
    said,
)
from engine.errors import DiskFull, MissingLayers, PotluckError


class Told(Schema):
    why: Said = ""
    values: dict[str, Said | int] = {}  # noqa: RUF012 (pydantic copies it)


FREE = said(
    "Only {free:bytes} are free in {path}: {why:continued}.", free=1_500_000_000, path="/x", why="Mind."
)


def sent(told: Told) -> Told:
    return Told.model_validate_json(told.model_dump_json(context=WITH_TEMPLATES))


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        (FREE, "Only 1.5 GB are free in /x: mind."),
        (said("{rate:number} a second", rate=2.5), "2.5 a second"),
        (said("until {time:clock}", time="18:00"), "until 18:00"),
        (said("until {time:clock}", time="0 18:00"), "until Monday 18:00"),
        (said("It waits ({why:clause}).", why="Nobody is there."), "It waits (Nobody is there)."),
        (said("{why:opening}, though.", why="nobody is there"), "Nobody is there, though."),
        (said("moving: {why:continued}", why="GPU free."), "moving: GPU free"),
        (said("{text}", text="{text:bytes} {0} {} %n"), "{text:bytes} {0} {} %n"),
        (counted("{n} layer", "{n} layers", 1), "1 layer"),
        (counted("{n} layer", "{n} layers", 2), "2 layers"),
        (both(["a"]), "a"),
        (both(["a", "b", "c"]), "a and b and c"),
        (either(["a", "b"]), "a or b"),
    ],
)
def test_it_is_english_by_itself(sentence: str, text: str) -> None:
    assert sentence == text
    assert f"{sentence}" == text


def test_the_command_line_and_logs_write_the_text_alone() -> None:
    told = Told(why=FREE, values={"detail": FREE, "n": 3})
    assert json.loads(told.model_dump_json()) == {"why": FREE, "values": {"detail": FREE, "n": 3}}
    assert json.dumps({"message": FREE}) == '{"message": "Only 1.5 GB are free in /x: mind."}'


def test_template_and_values_travel_within_potluck() -> None:
    inner = said("{n} left", n=3)
    told = sent(Told(why=said("Waiting: {why}", why=inner), values={"detail": inner, "n": 3}))
    assert isinstance(told.why, Sentence)
    assert (told.why, told.why.template) == ("Waiting: 3 left", "Waiting: {why}")
    nested = told.why.values["why"]
    assert isinstance(nested, Sentence)
    assert (nested.template, dict(nested.values)) == ("{n} left", {"n": 3})
    assert told.values == {"detail": "3 left", "n": 3}
    assert [type(value) for value in told.values.values()] == [Sentence, int]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Plain.", "Plain."),
        ({"text": "Newer.", "template": "{a:new}", "values": {"a": [1, 2]}}, "Newer."),
        ({"text": "Newer.", "template": 5}, "Newer."),
        ({"text": "Long.", "template": "x" * 5000}, "Long."),
        ({"text": "Many.", "template": "x", "values": {f"v{i}": 1 for i in range(50)}}, "Many."),
        ({"text": "y" * (MAX_TEXT + 5), "template": "x"}, "y" * MAX_TEXT),
    ],
)
def test_what_is_not_understood_leaves_the_text(value: Any, text: str) -> None:
    told = Told.model_validate_json(json.dumps({"why": value}))
    assert isinstance(told.why, Sentence)
    assert (told.why, told.why.template) == (text, "")


@pytest.mark.parametrize("value", [5, None, {"template": "x"}, {"text": 5}, ["x"]])
def test_what_is_no_sentence_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="a sentence is a text"):
        Told.model_validate_json(json.dumps({"why": value}))


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,8}", fullmatch=True),
        st.text() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    )
)
def test_values_arrive_as_they_were(values: dict[str, Any]) -> None:
    template = " ".join(f"{{{name}}}" for name in values) or "none"
    arrived = sent(Told(why=Sentence("text", template, values))).why
    assert isinstance(arrived, Sentence)
    assert dict(arrived.values) == (values if len(values) <= 20 else {})


def test_copies_know_as_much() -> None:
    for twin in (pickle.loads(pickle.dumps(FREE)), copy.deepcopy(FREE)):
        assert (twin, twin.template, twin.values) == (FREE, FREE.template, FREE.values)


def test_an_error_tells_it() -> None:
    told = str(DiskFull(FREE))
    assert isinstance(told, Sentence)
    assert told.template == FREE.template


@pytest.mark.parametrize(
    "error", [DiskFull(FREE), MissingLayers("stew", ((8, 12),), 32), PotluckError("Plain.")]
)
def test_an_error_travels_with_it(error: PotluckError) -> None:
    detail = ErrorDetail.of(error)
    text = detail.model_dump_json(context=WITH_TEMPLATES)
    assert json.loads(text)["message"] == str(error)  # as OpenAI's clients read it
    arrived = ErrorDetail.model_validate_json(text).named
    assert (type(arrived), str(arrived)) == (type(error), str(error))
    assert getattr(str(arrived), "template", "") == getattr(str(error), "template", "")
