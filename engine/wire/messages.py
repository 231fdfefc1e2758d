"""What a client and a block server say on a session's stream: parsed once from untrusted bytes, bounded.

    client                                   server
    OpenSession                      ->
                                     <-      SessionOpened | Refusal
    Step + hidden states             ->
                                     <-      StepOutput + hidden states | Refusal
    (closes the stream)

A step names the position at which it starts. The server crops its cache to that position before it computes,
so that a replay, a rejected draft and a regenerated answer are the same operation.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from engine.errors import ProtocolViolation
from engine.wire.records import MAX_LAYERS, PROTOCOL_VERSION, Digest

SESSION_PROTOCOL = f"/potluck/session/{PROTOCOL_VERSION}"

MAX_STEP_TOKENS = 512
MAX_SESSION_TOKENS = 1 << 20
MAX_HIDDEN = 1 << 16

WireDtype = Literal["float32", "bfloat16", "float16"]
DTYPE_BYTES: dict[str, int] = {"float32": 4, "bfloat16": 2, "float16": 2}


class RefusalCode(StrEnum):
    WRONG_MODEL = "wrong_model"
    SPAN_NOT_SERVED = "span_not_served"
    NO_ROOM = "no_room"
    EVICTED = "evicted"  # an idle session's cache was given to others: open a new one and replay
    DRAINING = "draining"
    BAD_MESSAGE = "bad_message"
    BAD_POSITION = "bad_position"
    FAILED = "failed"


class Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


class OpenSession(Message):
    type: Literal["open"] = "open"
    version: int = PROTOCOL_VERSION
    model: Digest
    start: int = Field(ge=0, lt=MAX_LAYERS)
    end: int = Field(gt=0, le=MAX_LAYERS)

    @model_validator(mode="after")
    def _is_a_span(self) -> "OpenSession":
        if self.start >= self.end:
            raise ValueError("a span holds at least one layer")
        return self


class SessionOpened(Message):
    type: Literal["opened"] = "opened"
    max_tokens: int = Field(ge=0, le=MAX_SESSION_TOKENS)  # positions that this session may fill, at most


class TensorMeta(Message):
    """Hidden states in a payload: row-major `[tokens, hidden]`."""

    dtype: WireDtype
    tokens: int = Field(ge=1, le=MAX_STEP_TOKENS)
    hidden: int = Field(ge=1, le=MAX_HIDDEN)

    @property
    def nbytes(self) -> int:
        return DTYPE_BYTES[self.dtype] * self.tokens * self.hidden


class Step(Message):
    type: Literal["step"] = "step"
    position: int = Field(ge=0, le=MAX_SESSION_TOKENS)
    tensor: TensorMeta


class StepOutput(Message):
    type: Literal["output"] = "output"
    position: int = Field(ge=0, le=MAX_SESSION_TOKENS)
    tensor: TensorMeta
    compute_seconds: float = Field(ge=0)  # of the forward that this step was part of


class Refusal(Message):
    type: Literal["refusal"] = "refusal"
    code: RefusalCode = Field(strict=False)  # a string on the wire
    text: str = Field(max_length=500)


SessionMessage = Annotated[
    OpenSession | SessionOpened | Step | StepOutput | Refusal, Field(discriminator="type")
]
_ADAPTER: TypeAdapter[SessionMessage] = TypeAdapter(SessionMessage)


def parse(fields: object) -> SessionMessage:
    """One validated message from decoded fields. Raises ProtocolViolation."""
    try:
        return _ADAPTER.validate_python(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ProtocolViolation(
            f"A message breaks the protocol: {where or 'message'}: {first['msg']}."
        ) from None
