"""What one block server brings to another: the steps that its session goes on with, or a session's cache.

    server of the layers before                next server
    OpenPush                           ->
                                       <-      PushOpened | Refusal
    Step + hidden states               ->      nothing is answered: the output goes on, and to the client
    (closes the stream)

    server that leaves                         its successor, with the same weights, layers and precision
    OpenPush                           ->
                                       <-      PushOpened | Refusal
    CachePiece + keys or values        ->      layer by layer
    CacheEnd                           ->
                                       <-      CacheTaken | Refusal

The ticket of the session that is meant comes from its client, who got it when the session was opened.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from engine.wire.messages import (
    DTYPE_BYTES,
    MAX_SESSION_TOKENS,
    Message,
    Refusal,
    Step,
    Ticket,
    WireDtype,
    validated,
)
from engine.wire.records import MAX_LAYERS, PROTOCOL_VERSION

PUSH_PROTOCOL = f"/potluck/push/{PROTOCOL_VERSION}"

MAX_PIECE_BYTES = 1 << 22
MAX_HEADS = 1 << 12
MAX_HEAD_WIDTH = 1 << 16


class OpenPush(Message):
    type: Literal["open_push"] = "open_push"
    ticket: Ticket


class PushOpened(Message):
    type: Literal["push_opened"] = "push_opened"


class CachePiece(Message):
    """Payload: row-major `[tokens, heads, width]` of one layer, from `position` on."""

    type: Literal["cache_piece"] = "cache_piece"
    layer: int = Field(ge=0, lt=MAX_LAYERS)  # counted from the model's first
    part: Literal["keys", "values"]
    position: int = Field(ge=0, le=MAX_SESSION_TOKENS)
    dtype: WireDtype
    tokens: int = Field(ge=1, le=MAX_SESSION_TOKENS)
    heads: int = Field(ge=1, le=MAX_HEADS)
    width: int = Field(ge=1, le=MAX_HEAD_WIDTH)

    @property
    def nbytes(self) -> int:
        """Of the payload."""
        return DTYPE_BYTES[self.dtype] * self.tokens * self.heads * self.width


class CacheEnd(Message):
    type: Literal["cache_end"] = "cache_end"
    length: int = Field(ge=0, le=MAX_SESSION_TOKENS)


class CacheTaken(Message):
    type: Literal["cache_taken"] = "cache_taken"
    length: int = Field(ge=0, le=MAX_SESSION_TOKENS)


PushMessage = OpenPush | PushOpened | Step | CachePiece | CacheEnd | CacheTaken | Refusal

_ADAPTER: TypeAdapter[PushMessage] = TypeAdapter(Annotated[PushMessage, Field(discriminator="type")])


def parse_push(fields: object) -> PushMessage:
    """One validated message from decoded fields. Raises ProtocolViolation."""
    return validated(_ADAPTER, fields)
