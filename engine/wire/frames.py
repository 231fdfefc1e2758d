"""One message and its payload as bytes on a stream.

frame = header length (4 bytes, big-endian) | payload length (4 bytes) | header (msgpack map) | payload
"""

import struct
from typing import Protocol

import msgpack

from engine.errors import ProtocolViolation
from engine.wire.messages import MAX_HIDDEN, MAX_STEP_TOKENS, Message, SessionMessage, Step, StepOutput, parse

_LENGTHS = struct.Struct(">II")
MAX_HEADER = 4096
MAX_PAYLOAD = min(4 * MAX_STEP_TOKENS * MAX_HIDDEN, 1 << 25)

Payload = bytes | bytearray | memoryview


class ByteStream(Protocol):
    async def receive(self, n: int) -> bytes: ...
    async def send(self, *buffers: Payload) -> None: ...


def encode(message: Message, payload: Payload = b"") -> tuple[bytes, Payload]:
    """The frame as two buffers, so that the payload is not copied."""
    header = msgpack.packb(message.model_dump(mode="json"))
    return _LENGTHS.pack(len(header), len(payload)) + header, payload


async def send(stream: ByteStream, message: Message, payload: Payload = b"") -> None:
    head, body = encode(message, payload)
    await stream.send(head, body) if len(body) else await stream.send(head)


async def receive(stream: ByteStream, max_payload: int = MAX_PAYLOAD) -> tuple[SessionMessage, bytes]:
    """The next message; no payload larger than `max_payload` bytes is read.

    Raises ProtocolViolation for a malformed one, PeerUnreachable when the stream ends.
    """
    fields, payload_length = await receive_header(stream, max_payload)
    message = parse(fields)
    expected = message.tensor.nbytes if isinstance(message, Step | StepOutput) else 0
    if payload_length != expected:
        raise ProtocolViolation(f"A message announces {expected} bytes and brings {payload_length}.")
    return message, await stream.receive(payload_length) if payload_length else b""


async def receive_header(stream: ByteStream, max_payload: int) -> tuple[object, int]:
    """The next frame's decoded header, unchecked, and how many bytes of payload follow it.

    Raises ProtocolViolation where more than `max_payload` would follow, PeerUnreachable when the stream ends.
    """
    header_length, payload_length = _LENGTHS.unpack(await stream.receive(_LENGTHS.size))
    if header_length > MAX_HEADER or payload_length > max_payload:
        raise ProtocolViolation(
            f"A message is too large: a header of {header_length} and a payload of {payload_length} bytes."
        )
    return _unpack(await stream.receive(header_length)), payload_length


def _unpack(header: bytes) -> object:
    try:
        return msgpack.unpackb(header, max_str_len=MAX_HEADER, max_map_len=32, max_array_len=32)
    except (ValueError, msgpack.UnpackException) as error:
        raise ProtocolViolation(f"A message is not readable: {error}.") from None
