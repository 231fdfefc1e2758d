"""Pictures in chats: in order with the text, bounded, never fetched."""

import base64
import json

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.api.client import EngineClient
from engine.api.content import MAX_IMAGE_BYTES, MAX_IMAGES, ChatImage, joined_parts, split_parts
from engine.api.openai_schema import ChatMessage, ChatRequest

from .conftest import KEY, Door

FILES = {
    "png": b"\x89PNG\r\n\x1a\n rest",
    "jpeg": b"\xff\xd8\xff rest",
    "webp": b"RIFF\x04\x00\x00\nWEBP rest",
}


def url(data: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def picture(address: str) -> dict:
    return {"type": "image_url", "image_url": {"url": address, "detail": "low"}}


def words(text: str) -> dict:
    return {"type": "text", "text": text}


def test_text_and_pictures_keep_their_order():
    content = [words("Look: "), picture(url(FILES["png"])), words("and "), words("this: ")]
    content += [picture(url(FILES["jpeg"], "jpeg")), picture(url(FILES["webp"], "webp"))]
    message = ChatMessage.model_validate({"role": "user", "content": content})
    assert message.content == "Look: and this: "
    assert [image.data for image in message.images] == [FILES["png"], FILES["jpeg"], FILES["webp"]]
    first, second, third = message.images
    assert message.parts == ("Look: ", first, "and this: ", second, third)


def test_a_message_of_text_stays_what_it_was():
    message = ChatMessage(role="user", content="Hi")
    assert json.loads(message.model_dump_json()) == {"role": "user", "content": "Hi"}
    assert message.parts == ("Hi",)


PIECES = st.lists(st.one_of(st.text(max_size=5), st.sampled_from(sorted(FILES))), max_size=8)


@given(PIECES)
def test_what_is_sent_is_what_arrives(pieces):
    parts = [picture(url(FILES[piece], piece)) if piece in FILES else words(piece) for piece in pieces]
    text, images = split_parts(parts)
    assert split_parts(joined_parts(text, images)) == (text, images)
    message = ChatMessage(role="user", content=text, images=images)
    assert ChatMessage.model_validate_json(message.model_dump_json()) == message


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("https://example.org/cat.png", "does not fetch remote images"),
        ("file:///etc/passwd", "does not fetch remote images"),
        ("data:image/gif;base64,R0lG", "no PNG, JPEG or WebP"),
        ("data:image/png,plain", "no PNG, JPEG or WebP"),
        (url(FILES["jpeg"], "png"), "said to be png is none"),
        ("data:image/png;base64,!!!!", "base64 is broken"),
        ("data:image/png;base64,ä", "base64 is broken"),
        ("data:image/png;base64,", "said to be png is none"),
        (url(FILES["png"] + bytes(MAX_IMAGE_BYTES)), "larger than 20 MB"),
    ],
)
def test_what_is_no_picture_is_refused(address, sentence):
    with pytest.raises(ValidationError, match=sentence):
        ChatMessage.model_validate({"role": "user", "content": [picture(address)]})


@pytest.mark.parametrize("role", ["system", "assistant"])
def test_only_users_show_pictures(role):
    with pytest.raises(ValidationError, match="only the user's messages"):
        ChatMessage.model_validate({"role": role, "content": [picture(url(FILES["png"]))]})


def test_a_picture_behind_the_end_of_the_text():
    image = ChatImage(format="png", data=FILES["png"], at=3)
    with pytest.raises(ValidationError, match="outside of the text"):
        ChatMessage(role="user", content="Hi", images=(image,))


def test_a_request_holds_so_many_pictures():
    turn = {"role": "user", "content": [picture(url(FILES["png"]))] * (MAX_IMAGES // 2)}
    assert len(ChatRequest.model_validate({"model": "m", "messages": [turn] * 2}).images) == MAX_IMAGES
    with pytest.raises(ValidationError, match="at most 16 pictures"):
        ChatRequest.model_validate({"model": "m", "messages": [turn] * 3})


@pytest.fixture
async def api(door: Door):
    async with openai.AsyncOpenAI(base_url=f"{door.address}/v1", api_key=KEY, max_retries=0) as client:
        yield client


async def test_openai_client_sends_pictures(api, door: Door):
    large = FILES["png"] + bytes(9_000_000)  # more than other routes read
    content = [words("one two"), picture(url(large))]
    answer = await api.chat.completions.create(model="tiny", messages=[{"role": "user", "content": content}])
    assert answer.choices[0].message.content == "one two "
    assert door.replies.seen[0].images[0].data == large
    remote = [{"role": "user", "content": [picture("https://example.org/cat.png")]}]
    with pytest.raises(openai.BadRequestError, match=r"messages\.0: Potluck does not fetch remote images"):
        await api.chat.completions.create(model="tiny", messages=remote)


async def test_the_typed_client_sends_pictures(client: EngineClient, door: Door):
    image = ChatImage(format="png", data=FILES["png"], at=3)
    request = ChatRequest(model="tiny", messages=(ChatMessage(role="user", content="one", images=(image,)),))
    assert [chunk async for chunk in client.chat(request)]
    assert door.replies.seen[0].messages == request.messages
