"""OpenAI's words, as far as Potluck speaks them: plain pydantic types, no torch, no sockets.

    GET  /v1/models                         -> ModelList
    POST /v1/chat/completions  ChatRequest  -> ChatCompletion, or a stream of ChatChunk then `[DONE]`
    POST /v1/completions                    see `completion_schema`
    POST /v1/embeddings   EmbeddingRequest  -> EmbeddingList (see `embedding_schema`)

What Potluck adds travels as `potluck` beside OpenAI's fields: `Demands` on the way in, what is known of the
answer on the way out.
"""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, SerializerFunctionWrapHandler, field_validator, model_serializer, model_validator

from engine.api.base import Schema
from engine.api.content import MAX_IMAGES, MAX_TEXT, ChatImage, in_order, joined_parts, split_parts
from engine.api.demands import Demands
from engine.api.schema import AnswerReport, AnswerStatus, ModelInfo
from engine.api.sentences import Said, Sentence, said
from engine.api.store_schema import StoredModel
from engine.errors import PotluckError, error_named
from engine.precision import Precision


class ChatMessage(Schema):
    """One turn. `content` is all of its text, joined; `images` are its pictures, in order.

    Over the wire a turn with pictures is OpenAI's list of parts: `text`, and `image_url` with a data URL.
    A reader of text alone uses `content`; one that sees uses `parts`, where text and pictures alternate as
    they were sent. Only the user's turns may hold pictures. A model that cannot see must refuse a request
    whose `images` are not empty.
    """

    role: Literal["system", "user", "assistant"]
    content: str = Field(max_length=MAX_TEXT)
    images: tuple[ChatImage, ...] = ()

    @property
    def parts(self) -> tuple[str | ChatImage, ...]:
        """Text and pictures in the order in which they were sent; without empty texts."""
        return in_order(self.content, self.images)

    @field_validator("role", mode="before")
    @classmethod
    def _developer_is_system(cls, value: Any) -> Any:
        return "system" if value == "developer" else value

    @model_validator(mode="before")
    @classmethod
    def _split_parts(cls, value: Any) -> Any:
        if not isinstance(value, Mapping) or not isinstance(value.get("content"), (list, tuple)):
            return value
        content, images = split_parts(value["content"])
        return {**value, "content": content, "images": images}

    @model_validator(mode="after")
    def _only_users_show(self) -> Self:
        if self.images and self.role != "user":
            raise ValueError(said("only the user's messages may hold pictures"))
        places = [image.at for image in self.images]
        if places != sorted(places) or (places and places[-1] > len(self.content)):
            raise ValueError(said("the pictures' places lie outside of the text"))
        return self

    @model_serializer(mode="wrap")
    def _as_sent(self, standard: SerializerFunctionWrapHandler) -> dict[str, Any]:
        if not self.images:
            return {"role": self.role, "content": self.content}
        return {"role": self.role, "content": joined_parts(self.content, self.images)}


class StreamOptions(Schema):
    include_usage: bool = False


class AnswerRequest(Schema):
    """What chats and completions ask for alike."""

    model: str = Field(max_length=200)
    stream: bool = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    stop: str | tuple[str, ...] | None = None
    seed: int | None = Field(default=None, ge=0, lt=2**63)
    potluck: Demands | None = None

    @property
    def images(self) -> tuple[ChatImage, ...]:
        """Every picture that it shows, in order."""
        return ()

    @property
    def floor(self) -> Precision | None:
        """Of the precision of every layer that serves it; None: it demands none."""
        return None if self.potluck is None else self.potluck.min_precision

    @property
    def token_limit(self) -> int | None:
        return self.max_tokens

    @property
    def stop_strings(self) -> tuple[str, ...]:
        if self.stop is None:
            return ()
        return (self.stop,) if isinstance(self.stop, str) else self.stop

    @property
    def wants_usage(self) -> bool:
        """Behind a stream."""
        return self.stream_options is not None and self.stream_options.include_usage


class ChatRequest(AnswerRequest):
    messages: tuple[ChatMessage, ...] = Field(min_length=1, max_length=2_000)
    max_completion_tokens: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _bounded_images(self) -> Self:
        if len(self.images) > MAX_IMAGES:
            raise ValueError(said("a request holds at most {most} pictures: send fewer", most=MAX_IMAGES))
        return self

    @property
    def images(self) -> tuple[ChatImage, ...]:
        return tuple(image for message in self.messages for image in message.images)

    @property
    def token_limit(self) -> int | None:
        return self.max_completion_tokens or self.max_tokens


class Usage(Schema):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


FinishReason = Literal["stop", "length"]


class AssistantMessage(Schema):
    role: Literal["assistant"] = "assistant"
    content: str


class Choice(Schema):
    index: int = 0
    message: AssistantMessage
    finish_reason: FinishReason


class ChatCompletion(Schema):
    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: tuple[Choice, ...]
    usage: Usage
    potluck: AnswerReport | None = None


class Delta(Schema):
    role: Literal["assistant"] | None = None
    content: str | None = None


class ChunkChoice(Schema):
    index: int = 0
    delta: Delta
    finish_reason: FinishReason | None = None


class ChatChunk(Schema):
    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: tuple[ChunkChoice, ...]
    usage: Usage | None = None
    potluck: AnswerReport | None = None  # on the chunk that carries finish_reason
    potluck_status: AnswerStatus | None = None  # what the answer waits for, where `Demands` asked to be told


class ModelCard(Schema):
    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "swarm"
    potluck: ModelInfo | None = None


class ModelList(Schema):
    object: Literal["list"] = "list"
    data: tuple[ModelCard, ...]


class ListedModel(ModelCard):
    """A model as the command line lists it: what the swarm has of it, and what this computer stores."""

    digest: str
    stored: StoredModel | None = None


class ModelListing(Schema):
    object: Literal["list"] = "list"
    data: tuple[ListedModel, ...]
    engine_runs: bool  # else nobody was asked what the swarm serves


class ErrorDetail(Schema):
    message: str
    type: str
    code: str
    param: str | None = None
    sentence: Said | None = None  # the message, with what a window needs to say it in another language

    @classmethod
    def of(cls, error: PotluckError) -> Self:
        text = str(error)
        return cls(
            message=text,
            type="invalid_request_error" if error.http_status < 500 else "server_error",
            code=error.code,
            sentence=text if isinstance(text, Sentence) and text.template else None,
        )

    @property
    def named(self) -> PotluckError:
        return error_named(self.code, self.sentence or self.message)


class ErrorBody(Schema):
    """Also sent inside a stream, as `data: {"error": …}`, when an answer breaks off."""

    error: ErrorDetail
