"""What one block server brings to another: the steps that its session goes on with, or a session's cache.

    server of the layers before                next server
    OpenPush                           ->
                                       <-      PushOpened | Refusal
    Step + hidden states               ->      nothing is answered: the output goes on, and to the client
    (closes the stream)

    server that leaves                         its successor, with the same weights, layers and precision
    OpenPush                           ->
                                       <-      PushOpened | Refusal
    BringCache                         ->
    CachePiece + keys or values        ->      for each layer: all keys, then all values
                                       <-      CacheTaken | Refusal

The ticket of the session that is meant comes from its client, who got it when the session was opened. A
refusal may come at any time, and ends the stream.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from engine.wire import frames
from engine.wire.messages import (
    DTYPE_BYTES,
    MAX_PAYLOAD,
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


class BringCache(Message):
    """The cache of a session for layers [start, end) follows, if it holds anything."""

    type: Literal["bring_cache"] = "bring_cache"
    start: int = Field(ge=0, lt=MAX_LAYERS)
    end: int = Field(gt=0, le=MAX_LAYERS)
    length: int = Field(ge=0, le=MAX_SESSION_TOKENS)  # positions


class CachePiece(Message):
    """Payload: row-major `[tokens, heads, width]` of one layer, from `position` on.

    Each piece but a part's last one holds as many tokens as fit into MAX_PIECE_BYTES.
    """

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


class CacheTaken(Message):
    """All of it: the session goes on here."""

    type: Literal["cache_taken"] = "cache_taken"
    length: int = Field(ge=0, le=MAX_SESSION_TOKENS)


PushMessage = OpenPush | PushOpened | Step | BringCache | CachePiece | CacheTaken | Refusal

_ADAPTER: TypeAdapter[PushMessage] = TypeAdapter(Annotated[PushMessage, Field(discriminator="type")])


def parse_push(fields: object) -> PushMessage:
    """One validated message from decoded fields. Raises ProtocolViolation."""
    return validated(_ADAPTER, fields)


async def receive_push(stream: frames.ByteStream, max_payload: int = MAX_PAYLOAD) -> PushMessage:
    """The next message without its payload, which `frames.receive_payload` reads.

    Raises ProtocolViolation for a malformed one, PeerUnreachable when the stream ends.
    """
    return await frames.receive_parsed(stream, parse_push, max_payload)
