"""One message and its payload as bytes on a stream.

frame = header length (4 bytes, big-endian) | payload length (4 bytes) | header (msgpack map) | payload
"""

import struct
from collections.abc import Callable
from typing import Protocol, TypeVar

import msgpack

from engine.errors import ProtocolViolation
from engine.wire.messages import MAX_PAYLOAD, Message, SessionMessage, parse

_LENGTHS = struct.Struct(">II")
MAX_HEADER = 1 << 14  # room for the longest addresses of another server

Payload = bytes | bytearray | memoryview
_Parsed = TypeVar("_Parsed", bound=Message)


class ByteStream(Protocol):
    async def receive(self, n: int) -> bytes: ...
    async def send(self, *buffers: Payload) -> None: ...


class PromptStream(ByteStream, Protocol):
    def send_now(self, *buffers: Payload) -> bool:
        """As `send`, with nothing to wait for. False where that cannot be, and nothing was sent."""
        ...


def encode(message: Message, *payload: Payload) -> tuple[Payload, ...]:
    """The frame as buffers, so that the payload is not copied."""
    header = msgpack.packb(message.model_dump(mode="json", exclude_none=True))
    length = sum(len(buffer) for buffer in payload)
    return _LENGTHS.pack(len(header), length) + header, *payload


async def send(stream: ByteStream, message: Message, *payload: Payload) -> None:
    head, *bodies = encode(message, *payload)
    await stream.send(head, *(body for body in bodies if len(body)))


async def receive(stream: ByteStream, max_payload: int = MAX_PAYLOAD) -> tuple[SessionMessage, bytes]:
    """The next message; no payload larger than `max_payload` bytes is read.

    Raises ProtocolViolation for a malformed one, PeerUnreachable when the stream ends.
    """
    message = await receive_header(stream, max_payload)
    return message, await receive_payload(stream, message)


async def receive_header(stream: ByteStream, max_payload: int = MAX_PAYLOAD) -> SessionMessage:
    """The next message without its payload. Raises as `receive` does."""
    return await receive_parsed(stream, parse, max_payload)


async def receive_parsed(
    stream: ByteStream, parsed: Callable[[object], _Parsed], max_payload: int
) -> _Parsed:
    """As `receive_header`, for messages of another kind: `parsed` makes them of decoded fields."""
    fields, payload_length = await receive_fields(stream, max_payload)
    message = parsed(fields)
    if payload_length != message.nbytes:
        raise ProtocolViolation(f"A message announces {message.nbytes} bytes and brings {payload_length}.")
    return message


async def receive_fields(stream: ByteStream, max_payload: int) -> tuple[object, int]:
    """The next header, decoded and not checked, and how many bytes of payload follow it.

    Raises ProtocolViolation where that is more than `max_payload`, PeerUnreachable when the stream ends.
    """
    header_length, payload_length = _LENGTHS.unpack(await stream.receive(_LENGTHS.size))
    if header_length > MAX_HEADER or payload_length > max_payload:
        raise ProtocolViolation(
            f"A message is too large: a header of {header_length} and a payload of {payload_length} bytes."
        )
    return _unpack(await stream.receive(header_length)), payload_length


async def receive_payload(stream: ByteStream, message: Message) -> bytes:
    """What follows a message. Raises PeerUnreachable when the stream ends."""
    return await stream.receive(message.nbytes) if message.nbytes else b""


def _unpack(header: bytes) -> object:
    try:
        return msgpack.unpackb(header, max_str_len=MAX_HEADER, max_map_len=32, max_array_len=32)
    except (ValueError, msgpack.UnpackException) as error:
        raise ProtocolViolation(f"A message is not readable: {error}.") from None
