"""What a client and a block server say on a session's stream: parsed once from untrusted bytes, bounded.

    client                                   server
    OpenSession                      ->
                                     <-      SessionOpened | Refusal
    PushTo | Carry                   ->      where the outputs of later steps go, beside the client
    Step + hidden states             ->
                                     <-      StepOutput + hidden states | PushFailed | Refusal
                                     <-      Leaving     it drains: the session should go elsewhere
    HandOver                         ->
                                     <-      HandedOver | Refusal
    (closes the stream)

A step names the position at which it starts. The server crops its cache to that position before it computes,
so that a replay, a rejected draft and a regenerated answer are the same operation. A cache that cannot be
cropped is refused as evicted: the client replays what it knows.

An opening may name another session of the same client here, and a position: the new session begins with
what that one holds up to there, and nothing is sent or computed for it. Both hold the same keys and values,
which are copied where one of the two writes.

Hidden states say how they are encoded. For outputs, to the client and to the next server alike, the opening
names it: a client asks only servers whose records name what it wants (`engine.route.encodings`).

Steps also come from the server of the layers before (`engine.wire.pushes`), by the same numbers: a step whose
number is not above the last one's is a copy of one that came the other way, and is dropped.
"""

from enum import StrEnum
from typing import Annotated, Literal, TypeVar, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from engine.errors import ProtocolViolation
from engine.wire.records import MAX_LAYERS, PROTOCOL_VERSION, Address, Digest, PeerIdText

SESSION_PROTOCOL = f"/potluck/session/{PROTOCOL_VERSION}"

MAX_STEP_TOKENS = 512  # of a prompt's piece
MAX_MASKED_TOKENS = 2048  # of a step with masks: what sees each other comes together
MAX_TEXT_TOKENS = 8192  # of a text that comes whole, for an encoder
MAX_SESSION_TOKENS = 1 << 20
MAX_HIDDEN = 1 << 16
MAX_PAYLOAD = 1 << 26  # bytes
MAX_MASK_BYTES = 1 << 23  # of one mask; what a server computes with is more than thirty times as large
MAX_AXES = 8  # of positions
MAX_MASK_KINDS = 8
POSITION_BYTES = 4

MAX_NUMBER = 1 << 53  # of a step
MAX_PUSH_ADDRESSES = 8

WireDtype = Literal["float32", "bfloat16", "float16"]
DTYPE_BYTES: dict[str, int] = {"float32": 4, "bfloat16": 2, "float16": 2}
WireEncoding = Literal["float32", "bfloat16", "float16", "int8"]  # of hidden states (`engine.wire.blocks`)
ENCODINGS: tuple[WireEncoding, ...] = get_args(WireEncoding)
BLOCK_NUMBERS = 64  # of a row in int8, that share a scale
MOST_EXACT, EXACT_SHARE = 16, 32  # the largest of a row in int8: one of so many, and at most so many
SCALE_BYTES, PLACE_BYTES, VALUE_BYTES = 2, 2, 4


# Whoever shows a session's ticket may bring it steps, or the cache that it goes on from.
Ticket = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
# BLAKE3 over a step's hidden states as they travel, its first 8 bytes, hex.
PayloadDigest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]


class RefusalCode(StrEnum):
    WRONG_MODEL = "wrong_model"
    SPAN_NOT_SERVED = "span_not_served"
    NO_ROOM = "no_room"
    EVICTED = "evicted"  # an idle session's cache was given to others: open a new one and replay
    DRAINING = "draining"
    BAD_MESSAGE = "bad_message"
    BAD_POSITION = "bad_position"
    NOT_FINITE = "not_finite"  # numbers that this server's precision cannot hold: who sent them is at fault
    FAILED = "failed"
    UNKNOWN_TICKET = "unknown_ticket"
    NOT_HANDED_OVER = "not_handed_over"  # the cache stays here: replay elsewhere
    NOT_FORKED = "not_forked"  # the session that was named does not hold that: begin with nothing


class Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)

    @property
    def nbytes(self) -> int:
        """Of the payload that follows it."""
        return 0


class ForkOf(Message):
    """Another session of the same client for the same layers: the new one begins with its first positions."""

    ticket: Ticket
    position: int = Field(ge=1, le=MAX_SESSION_TOKENS)  # that the new session goes on from


class OpenSession(Message):
    type: Literal["open"] = "open"
    version: int = PROTOCOL_VERSION
    model: Digest
    start: int = Field(ge=0, lt=MAX_LAYERS)
    end: int = Field(gt=0, le=MAX_LAYERS)
    outputs: WireEncoding | None = None  # how they travel, to whomever; None: as each step's input did

    fork: ForkOf | None = None

    @model_validator(mode="after")
    def _is_a_span(self) -> "OpenSession":
        if self.start >= self.end:
            raise ValueError("a span holds at least one layer")
        return self


class SessionOpened(Message):
    type: Literal["opened"] = "opened"
    max_tokens: int = Field(ge=0, le=MAX_SESSION_TOKENS)  # positions that this session may fill, at most
    ticket: Ticket
    # Of a fork: the number of the last step that the other session had taken.
    forked_after: int | None = Field(default=None, ge=0, le=MAX_NUMBER)


class NextServer(Message):
    """Another server's session, and how to get there."""

    peer: PeerIdText
    addresses: tuple[Address, ...] = Field(default=(), max_length=MAX_PUSH_ADDRESSES, strict=False)
    ticket: Ticket


class PushTo(NextServer):
    """From the next step on, outputs go there as well."""

    type: Literal["push_to"] = "push_to"


class Carry(Message):
    """From the next step on, outputs go to the client alone."""

    type: Literal["carry"] = "carry"


class TensorMeta(Message):
    """Hidden states in a payload: row-major `[tokens, hidden]`."""

    dtype: WireEncoding
    tokens: int = Field(ge=1, le=MAX_TEXT_TOKENS)
    hidden: int = Field(ge=1, le=MAX_HIDDEN)

    @property
    def nbytes(self) -> int:
        return row_bytes(self.dtype, self.hidden) * self.tokens


MaskKind = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{0,32}$")]


class ExtrasMeta(Message):
    """What follows a step's hidden states in its payload: positions, then one mask for each kind of layer.

    Positions are int32 `[axes, tokens]`, row-major. A mask is `[tokens, position + tokens]`, row-major, one
    bit for each token that may be seen, the lowest bit of a byte first.
    """

    axes: int = Field(default=0, ge=0, le=MAX_AXES)  # 0: no positions
    masks: tuple[MaskKind, ...] = Field(default=(), max_length=MAX_MASK_KINDS, strict=False)

    @model_validator(mode="after")
    def _says_something(self) -> "ExtrasMeta":
        if not self.axes and not self.masks:
            raise ValueError("extras hold positions or masks")
        if len(set(self.masks)) < len(self.masks):
            raise ValueError("there is one mask for each kind of layer")
        return self


class Step(Message):
    type: Literal["step"] = "step"
    number: int = Field(ge=1, le=MAX_NUMBER)  # of a session, ever higher
    position: int = Field(ge=0, le=MAX_SESSION_TOKENS)
    tensor: TensorMeta
    extras: ExtrasMeta | None = None

    @property
    def positions_bytes(self) -> int:
        return POSITION_BYTES * self.extras.axes * self.tensor.tokens if self.extras else 0

    @property
    def mask_bytes(self) -> int:
        """Of one mask."""
        tokens = self.tensor.tokens
        return -(-tokens * (self.position + tokens) // 8)

    @property
    def nbytes(self) -> int:
        """Of the payload."""
        masks = self.mask_bytes * len(self.extras.masks) if self.extras else 0
        return self.tensor.nbytes + self.positions_bytes + masks


class StepOutput(Message):
    type: Literal["output"] = "output"
    number: int = Field(ge=1, le=MAX_NUMBER)  # the step's
    position: int = Field(ge=0, le=MAX_SESSION_TOKENS)
    tensor: TensorMeta
    compute_seconds: float = Field(ge=0)  # of the forward that this step was part of
    saw: PayloadDigest  # what the step brought, whoever brought it

    @property
    def nbytes(self) -> int:
        """Of the payload."""
        return self.tensor.nbytes


class PushFailed(Message):
    """The outputs of this step and of later ones did not reach the next server; none will until the next
    PushTo. Earlier ones may be lost, too, where the next server has not answered them.
    """

    type: Literal["push_failed"] = "push_failed"
    number: int = Field(ge=1, le=MAX_NUMBER)


class Leaving(Message):
    """The server drains. Its sessions go on until their clients have them elsewhere."""

    type: Literal["leaving"] = "leaving"


class HandOver(NextServer):
    """Bring the session's cache there. If that fails, this session goes on behind the refusal."""

    type: Literal["hand_over"] = "hand_over"


class HandedOver(Message):
    """The next server holds so many positions. Here they are forgotten."""

    type: Literal["handed_over"] = "handed_over"
    length: int = Field(ge=0, le=MAX_SESSION_TOKENS)


class Refusal(Message):
    type: Literal["refusal"] = "refusal"
    code: RefusalCode = Field(strict=False)  # a string on the wire
    text: str = Field(max_length=500)


SessionMessage = Annotated[
    OpenSession
    | SessionOpened
    | PushTo
    | Carry
    | Step
    | StepOutput
    | PushFailed
    | Leaving
    | HandOver
    | HandedOver
    | Refusal,
    Field(discriminator="type"),
]
_ADAPTER: TypeAdapter[SessionMessage] = TypeAdapter(SessionMessage)
_Parsed = TypeVar("_Parsed")


def row_bytes(encoding: WireEncoding, hidden: int) -> int:
    """Of one token's hidden states."""
    if encoding == "int8":
        exact = (PLACE_BYTES + VALUE_BYTES) * exact_of(hidden)
        return SCALE_BYTES * blocks_of(hidden) + hidden + exact
    return DTYPE_BYTES[encoding] * hidden


def blocks_of(hidden: int) -> int:
    """Of a row in int8; the last one may be shorter."""
    return -(-hidden // BLOCK_NUMBERS)


def exact_of(hidden: int) -> int:
    """Numbers of a row in int8 that are kept exactly."""
    return min(MOST_EXACT, -(-hidden // EXACT_SHARE))


def text_limit(hidden: int) -> int:
    """Tokens of a whole text that one step carries, for hidden states so wide."""
    return min(MAX_TEXT_TOKENS, MAX_PAYLOAD // (4 * hidden))


def parse(fields: object) -> SessionMessage:
    """One validated message from decoded fields. Raises ProtocolViolation."""
    return validated(_ADAPTER, fields)


def validated(adapter: TypeAdapter[_Parsed], fields: object) -> _Parsed:
    """What a stranger's decoded fields say. Raises ProtocolViolation."""
    try:
        return adapter.validate_python(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ProtocolViolation(
            f"A message breaks the protocol: {where or 'message'}: {first['msg']}."
        ) from None
