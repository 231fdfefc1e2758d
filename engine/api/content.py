"""What a chat message holds: text, and pictures that came inside the request as data URLs."""

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, TypeAdapter, model_validator

from engine.api.base import Schema
from engine.api.sentences import said
from engine.byte_sizes import MB

MAX_IMAGE_BYTES = 20 * MB  # of one picture, as it is stored in a file
MAX_IMAGES = 16  # in one request
MAX_TEXT = 2_000_000  # characters of one message
MAX_PARTS = 1_000

ImageFormat = Literal["png", "jpeg", "webp"]

_DATA_URL = re.compile(r"data:image/(png|jpeg|webp);base64,", re.IGNORECASE)
_BEGINS_WITH: dict[str, re.Pattern[bytes]] = {
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "jpeg": re.compile(rb"\xff\xd8\xff"),
    "webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
}


class ChatImage(Schema):
    """One picture of a message: a whole PNG, JPEG or WebP file of at most 20 MB.

    Only the file's first bytes were looked at: whoever decodes it bounds its pixels.
    """

    format: ImageFormat
    data: bytes = Field(max_length=MAX_IMAGE_BYTES)
    at: int = Field(ge=0, le=MAX_TEXT)  # characters of the message's text that precede it

    @model_validator(mode="after")
    def _is_what_it_says(self) -> Self:
        if not _BEGINS_WITH[self.format].match(self.data):
            raise ValueError(
                said("a picture said to be {format} is none: name its format as it is", format=self.format)
            )
        return self

    @property
    def data_url(self) -> str:
        return f"data:image/{self.format};base64,{base64.b64encode(self.data).decode()}"


class TextPart(Schema):
    type: Literal["text"]
    text: str = Field(max_length=MAX_TEXT)


class ImageUrl(Schema):
    url: str


class ImagePart(Schema):
    type: Literal["image_url"]
    image_url: ImageUrl


_PARTS: TypeAdapter[list[TextPart | ImagePart]] = TypeAdapter(
    Annotated[list[Annotated[TextPart | ImagePart, Field(discriminator="type")]], Field(max_length=MAX_PARTS)]
)


def split_parts(content: Sequence[Any]) -> tuple[str, tuple[ChatImage, ...]]:
    """A list of OpenAI's content parts as one text, and its pictures in order.

    Raises ValueError (pydantic's ValidationError among them) with a sentence for people.
    """
    texts: list[str] = []
    images: list[ChatImage] = []
    length = 0
    for part in _PARTS.validate_python(content):
        if isinstance(part, TextPart):
            texts.append(part.text)
            length += len(part.text)
        else:
            images.append(_image(part.image_url.url, length))
    return "".join(texts), tuple(images)


def joined_parts(text: str, images: Iterable[ChatImage]) -> list[Mapping[str, Any]]:
    """`split_parts` backwards: what goes over the wire."""
    return [_part(piece) for piece in in_order(text, images)]


def in_order(text: str, images: Iterable[ChatImage]) -> tuple[str | ChatImage, ...]:
    """The text cut where its pictures stand, and the pictures between; without empty texts."""
    pieces: list[str | ChatImage] = []
    at = 0
    for image in images:
        pieces += [text[at : image.at], image]
        at = image.at
    return tuple(piece for piece in (*pieces, text[at:]) if piece != "")


def _part(piece: str | ChatImage) -> Mapping[str, Any]:
    if isinstance(piece, str):
        return {"type": "text", "text": piece}
    return {"type": "image_url", "image_url": {"url": piece.data_url}}


def _image(url: str, at: int) -> ChatImage:
    head = _DATA_URL.match(url)
    if head is None:
        raise ValueError(_refusal(url))
    if (len(url) - head.end()) * 3 // 4 > MAX_IMAGE_BYTES + 2:
        raise ValueError(
            said("a picture is larger than {most:bytes}: send a smaller one", most=MAX_IMAGE_BYTES)
        )
    data = _decoded(url[head.end() :])
    return ChatImage.model_validate({"format": head[1].lower(), "data": data, "at": at})


def _refusal(url: str) -> str:
    if not url.lower().startswith("data:"):
        return said("Potluck does not fetch remote images: send the picture itself as a data URL")
    return said(
        "a picture is no PNG, JPEG or WebP file in base64: send it as {example}",
        example="data:image/png;base64,…",
    )


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:  # also for what is no ASCII
        raise ValueError(said("a picture's base64 is broken: encode the whole file again")) from None
