"""How a computer learns what others see of it: parsed once from untrusted bytes, bounded.

    client                                      server
    AskReach                                ->
                                            <-  Seen
    (closes the stream)

Asked to, the server also tries one plain TCP connection back, to no other host than the one that it sees.
"""

from enum import StrEnum
from functools import partial
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from engine.wire import frames
from engine.wire.messages import Message, validated
from engine.wire.records import PROTOCOL_VERSION

REACH_PROTOCOL = f"/potluck/reach/{PROTOCOL_VERSION}"

MAX_SEEN_ADDRESS = 300
SeenAddress = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]*$", max_length=MAX_SEEN_ADDRESS)]


class DialBack(StrEnum):
    NOT_ASKED = "not_asked"
    REACHED = "reached"
    NOT_REACHED = "not_reached"
    NOT_TRIED = "not_tried"  # what is seen is a relay, or no address that strangers may have dialled
    TOO_OFTEN = "too_often"  # ask again in a minute


class AskReach(Message):
    type: Literal["ask_reach"] = "ask_reach"
    port: int | None = Field(default=None, ge=1, le=65535)  # where to connect back, by TCP


class Seen(Message):
    type: Literal["seen"] = "seen"
    address: SeenAddress  # from which the stream comes, a multiaddr; "": it cannot be told
    dial_back: DialBack = Field(strict=False)  # a string on the wire
    clock: float = Field(ge=0, le=1e11)  # Unix time, seconds


_ASK: TypeAdapter[AskReach] = TypeAdapter(AskReach)
_SEEN: TypeAdapter[Seen] = TypeAdapter(Seen)


async def receive_ask(stream: frames.ByteStream) -> AskReach:
    """Raises ProtocolViolation or PeerUnreachable."""
    return await frames.receive_parsed(stream, partial(validated, _ASK), max_payload=0)


async def receive_seen(stream: frames.ByteStream) -> Seen:
    """Raises ProtocolViolation or PeerUnreachable."""
    return await frames.receive_parsed(stream, partial(validated, _SEEN), max_payload=0)
