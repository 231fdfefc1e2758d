"""What is wrong with a request, in words that know their template."""

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from engine.api.complaints import complaint, first_complaint
from engine.api.embedding_schema import EmbeddingRequest
from engine.api.openai_schema import ChatRequest
from engine.api.schema import DonationOrder
from engine.api.sentences import Sentence, said
from engine.api.store_schema import ImportOrder
from tests.packaging.test_needs import load

HELLO = b'{"model": "m", "messages": [{"role": "user", "content": "Hi"}], %s}'
PICTURE = b'{"model": "m", "messages": [{"role": "%s", "content": [%s]}]}'
PART = b'{"type": "image_url", "image_url": {"url": "%s"}}'
PNG = b"data:image/png;base64,iVBORw0KGgo="


@pytest.fixture(scope="module")
def known() -> frozenset[str]:
    """The templates that translators know."""
    return frozenset(load("translations").templates())


class Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    text: Annotated[str, Field(min_length=2, max_length=3, pattern="^a")] = "aa"
    count: Annotated[int, Field(ge=1, lt=9)] = 1
    share: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 1.0
    on: bool = False
    names: Annotated[tuple[str, ...], Field(max_length=1)] = ()
    pick: Literal["a", "b"] = "a"
    table: dict[str, int] = {}


@pytest.mark.parametrize(
    ("kind", "sent", "text"),
    [
        (DonationOrder, b"{", "its body: this is no JSON at line 1, column 1"),
        (DonationOrder, b"[]", "its body: this has to be an object with named values"),
        (DonationOrder, b"{}", "action: this is missing"),
        (DonationOrder, b'{"action": "dance"}', "action: this is one of start, pause, finish"),
        (ChatRequest, HELLO % b'"temperature": 2.5', "temperature: this may be 2 at most"),
        (ChatRequest, HELLO % b'"top_p": 0', "top_p: this has to be more than 0"),
        (ChatRequest, HELLO % b'"max_tokens": 1.5', "max_tokens: this has to be a whole number"),
        (ChatRequest, HELLO % b'"potluck": {"x": 1}', "potluck.x: nothing of this name is known here"),
        (ChatRequest, b'{"model": "m", "messages": []}', "messages: this has to have 1 entry at least"),
        (
            ChatRequest,
            PICTURE % (b"user", b'{"type": "sound"}'),
            "messages.0.0: “type” is one of text, image_url, not “sound”",
        ),
        (ChatRequest, PICTURE % (b"user", b"{}"), "messages.0.0: “type” has to say what it is"),
        (
            ChatRequest,
            PICTURE % (b"system", PART % PNG),
            "messages.0: only the user's messages may hold pictures",
        ),
        (
            ChatRequest,
            PICTURE % (b"user", PART % b"http://x"),
            "messages.0: Potluck does not fetch remote images: send the picture itself as a data URL",
        ),
        (
            EmbeddingRequest,
            b'{"model": "m", "input": [1]}',
            "input: Potluck reads texts, not token numbers: send a text or a list of texts",
        ),
        (
            ImportOrder,
            b'{"source": "https://x"}',
            "source: addresses are not opened: name a folder, a file, or a hub's owner/name",
        ),
        (Strict, b'{"text": 5}', "text: this has to be text"),
        (Strict, b'{"text": "a"}', "text: this has to have 2 characters at least"),
        (Strict, b'{"text": "aaaa"}', "text: this may have 3 characters at most"),
        (Strict, b'{"text": "bb"}', "text: this is not written as it has to be"),
        (Strict, b'{"count": 0}', "count: this has to be 1 at least"),
        (Strict, b'{"count": 9}', "count: this has to be less than 9"),
        (Strict, b'{"count": "1"}', "count: this has to be a whole number"),
        (Strict, b'{"share": true}', "share: this has to be a number"),
        (Strict, b'{"share": NaN}', "share: this has to be a finite number"),
        (Strict, b'{"on": 1}', "on: this has to be true or false"),
        (Strict, b'{"names": {}}', "names: this has to be a list"),
        (Strict, b'{"names": ["a", "b"]}', "names: this may have 1 entry at most"),
        (Strict, b'{"table": []}', "table: this has to be an object with named values"),
        (Strict, b'{"other": 1}', "other: nothing of this name is known here"),
    ],
)
def test_it_is_said_by_its_code_with_its_bounds(
    known: frozenset[str], kind: type[BaseModel], sent: bytes, text: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        kind.model_validate_json(sent)
    told = first_complaint(caught.value, said("its body"))
    assert told == text
    what = told.values["complaint"]
    assert isinstance(what, Sentence)
    assert what.template in known


def test_what_nobody_thought_of_is_said_plainly_and_keeps_no_english_of_a_library() -> None:
    assert complaint("uuid_version", {"expected_version": 4}) == "this value does not fit here"
    assert complaint("spoon_type", {}) == "this value does not fit here"


def test_where_json_ends_is_said_if_it_is_known() -> None:
    assert complaint("json_invalid", {"error": "a spoon"}) == "this is no JSON"


def test_a_file_needs_no_name_again() -> None:
    with pytest.raises(ValidationError) as caught:
        DonationOrder.model_validate_json("[]")
    assert first_complaint(caught.value, "") == "this has to be an object with named values"


def test_a_place_is_not_as_long_as_a_stranger_likes() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(dict[str, int]).validate_python({"x" * 5000: "y"})
    assert len(first_complaint(caught.value, "-")) < 200
