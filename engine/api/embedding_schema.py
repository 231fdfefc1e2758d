"""OpenAI's words for embeddings, as far as Potluck speaks them."""

import base64
import sys
from array import array
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator

from engine.api.base import Schema
from engine.api.demands import Demands
from engine.api.sentences import said
from engine.api.texts import as_texts, check_texts
from engine.precision import Precision

MAX_TEXTS = 2048  # in one request

EmbeddedText = Annotated[str, Field(max_length=2_000_000)]


class EmbeddingRequest(Schema):
    """Texts to embed; one text may be sent by itself."""

    model: str = Field(max_length=200)
    input: tuple[EmbeddedText, ...]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: None = None
    potluck: Demands | None = None

    @property
    def floor(self) -> Precision | None:
        """Of the precision of every layer that serves it; None: it demands none."""
        return None if self.potluck is None else self.potluck.min_precision

    @field_validator("input", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> Any:
        return as_texts(value)

    @field_validator("input")
    @classmethod
    def _are_some(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        return check_texts(texts, MAX_TEXTS)

    @field_validator("dimensions", mode="before")
    @classmethod
    def _is_absent(cls, value: Any) -> Any:
        if value is not None:
            raise ValueError(
                said("the vectors keep the model's own length: leave “{name}” out", name="dimensions")
            )
        return value


class Embedding(Schema):
    """One text's vector: numbers, or little-endian float32 in base64."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: tuple[float, ...] | str

    @classmethod
    def of(cls, index: int, vector: Sequence[float], encoding: Literal["float", "base64"]) -> Self:
        return cls(index=index, embedding=tuple(vector) if encoding == "float" else _in_base64(vector))


class EmbeddingUsage(Schema):
    prompt_tokens: int
    total_tokens: int


class EmbeddingList(Schema):
    object: Literal["list"] = "list"
    data: tuple[Embedding, ...]
    model: str
    usage: EmbeddingUsage


def _in_base64(vector: Sequence[float]) -> str:
    numbers = array("f", vector)
    if sys.byteorder == "big":
        numbers.byteswap()
    return base64.b64encode(numbers.tobytes()).decode()
