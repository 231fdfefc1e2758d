"""How computers measure the way between them: parsed once from untrusted bytes, bounded.

    who asks                           who answers
    Ping                       ->
                               <-      Pong                at once
    Bulk + bytes               ->
                               <-      Echo + as many      once all have arrived

Instead of Pong or Echo, any answer may be a ProbeRefusal, which ends the stream. Nobody can be made to send
more than he is sent.
"""

from enum import StrEnum
from functools import partial
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from engine.wire import frames
from engine.wire.messages import Message, validated
from engine.wire.records import PROTOCOL_VERSION, Coordinates

PROBE_PROTOCOL = f"/potluck/probe/{PROTOCOL_VERSION}"

MAX_BULK_BYTES = 1 << 18

Nonce = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]


class ProbeRefusalCode(StrEnum):
    BUSY = "busy"  # too many streams are open
    TOO_MUCH = "too_much"  # asked too often, or for too many bytes
    BAD_MESSAGE = "bad_message"


class Ping(Message):
    type: Literal["ping"] = "ping"
    nonce: Nonce


class Bulk(Message):
    """Payload: any bytes."""

    type: Literal["bulk"] = "bulk"
    nonce: Nonce
    size: int = Field(ge=1, le=MAX_BULK_BYTES)

    @property
    def nbytes(self) -> int:
        """Of the payload."""
        return self.size


class Pong(Message):
    type: Literal["pong"] = "pong"
    nonce: Nonce
    coordinates: Coordinates  # of who answers


class Echo(Message):
    """Payload: as many bytes as came."""

    type: Literal["echo"] = "echo"
    nonce: Nonce
    size: int = Field(ge=1, le=MAX_BULK_BYTES)

    @property
    def nbytes(self) -> int:
        """Of the payload."""
        return self.size


class ProbeRefusal(Message):
    type: Literal["probe_refusal"] = "probe_refusal"
    code: ProbeRefusalCode = Field(strict=False)  # a string on the wire


ProbeQuestion = Ping | Bulk
ProbeAnswer = Pong | Echo | ProbeRefusal

_QUESTIONS: TypeAdapter[ProbeQuestion] = TypeAdapter(Annotated[ProbeQuestion, Field(discriminator="type")])
_ANSWERS: TypeAdapter[ProbeAnswer] = TypeAdapter(Annotated[ProbeAnswer, Field(discriminator="type")])


async def receive_question(stream: frames.ByteStream) -> ProbeQuestion:
    """The next question; a Bulk's bytes follow on the stream. Raises ProtocolViolation, PeerUnreachable."""
    return await frames.receive_parsed(stream, partial(validated, _QUESTIONS), MAX_BULK_BYTES)


async def receive_answer(stream: frames.ByteStream) -> ProbeAnswer:
    """The next answer; an Echo's bytes follow on the stream. Raises ProtocolViolation, PeerUnreachable."""
    return await frames.receive_parsed(stream, partial(validated, _ANSWERS), MAX_BULK_BYTES)
