"""How computers pass parts of models on to each other: parsed once from untrusted bytes, bounded.

    client                                      server
    AskManifest                             ->
                                            <-  Found + the manifest as JSON
    AskOffer + the names of parts           ->
                                            <-  Found + a byte for each name: 1 if it is here, 0 if not
    AskHashes                               ->
                                            <-  Found + the hashes of the part's chunks
    AskChunk                                ->
                                            <-  Found + the chunk

Instead of Found, any answer may be Refused. Several questions may be on their way; answers keep their order.
Names and hashes travel as 32 bytes each. What a chunk is: `engine.weights.content_hash`.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from engine.errors import ProtocolViolation
from engine.wire import frames
from engine.wire.messages import Message, validated
from engine.wire.records import PROTOCOL_VERSION, Digest

PARTS_PROTOCOL = f"/potluck/parts/{PROTOCOL_VERSION}"

NAME_BYTES = 32
MAX_NAMES = 8192  # of one AskOffer
MAX_CHUNKS = 1 << 20  # of one part


class PartsRefusal(StrEnum):
    MISSING = "missing"  # this computer has no such model, part or chunk
    BUSY = "busy"  # too many streams are open: try again later, or elsewhere
    TOO_FAST = "too_fast"  # more is asked for than this computer may send
    BAD_MESSAGE = "bad_message"


class AskManifest(Message):
    type: Literal["manifest"] = "manifest"
    model: Digest


class AskOffer(Message):
    """Which of these parts are there? Payload: their names."""

    type: Literal["offer"] = "offer"
    model: Digest


class AskHashes(Message):
    type: Literal["hashes"] = "hashes"
    model: Digest
    part: Digest


class AskChunk(Message):
    type: Literal["chunk"] = "chunk"
    model: Digest
    part: Digest
    index: int = Field(ge=0, lt=MAX_CHUNKS)


class Found(Message):
    """Payload: what was asked for."""

    type: Literal["found"] = "found"


class Refused(Message):
    type: Literal["refused"] = "refused"
    code: PartsRefusal = Field(strict=False)  # a string on the wire


Question = AskManifest | AskOffer | AskHashes | AskChunk
Answer = Found | Refused

_QUESTIONS: TypeAdapter[Question] = TypeAdapter(Annotated[Question, Field(discriminator="type")])
_ANSWERS: TypeAdapter[Answer] = TypeAdapter(Annotated[Answer, Field(discriminator="type")])


async def receive_question(stream: frames.ByteStream) -> tuple[Question, bytes]:
    """The next question, and of an AskOffer the names. Raises ProtocolViolation or PeerUnreachable."""
    fields, length = await frames.receive_fields(stream, MAX_NAMES * NAME_BYTES)
    question = validated(_QUESTIONS, fields)
    if length % NAME_BYTES or (length and not isinstance(question, AskOffer)):
        raise ProtocolViolation(f"A question brings {length} bytes that do not belong to it.")
    return question, await _payload(stream, length)


async def receive_answer(stream: frames.ByteStream, max_payload: int) -> tuple[Answer, bytes]:
    """The next answer, of at most `max_payload` bytes. Raises ProtocolViolation or PeerUnreachable."""
    fields, length = await frames.receive_fields(stream, max_payload)
    answer = validated(_ANSWERS, fields)
    if length and not isinstance(answer, Found):
        raise ProtocolViolation(f"A refusal brings {length} bytes.")
    return answer, await _payload(stream, length)


def split_names(payload: bytes) -> list[str]:
    """The names in an AskOffer's payload, hex."""
    return [payload[at : at + NAME_BYTES].hex() for at in range(0, len(payload), NAME_BYTES)]


async def _payload(stream: frames.ByteStream, length: int) -> bytes:
    return await stream.receive(length) if length else b""
