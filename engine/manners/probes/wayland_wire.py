"""Wayland's messages, as far as idle time is asked by them. Pure.

A message is an object's number, then its own size in bytes and its kind in one word, then its arguments:
words of 32 bits in this computer's byte order. A text is its length, so many bytes of which the last is 0,
and up to three more that fill the last word. Source: “Wire Format” in the documentation of Wayland.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

WORD = 4  # bytes
HEADER = 2 * WORD


class NotWayland(ValueError):
    """What came is not what the protocol allows."""


def message(about: int, kind: int, *arguments: int | str) -> bytes:
    body = b"".join(_text(one) if isinstance(one, str) else struct.pack("=I", one) for one in arguments)
    return struct.pack("=II", about, (HEADER + len(body)) << 16 | kind) + body


def _text(text: str) -> bytes:
    encoded = text.encode() + b"\0"
    return struct.pack("=I", len(encoded)) + encoded.ljust(_padded(len(encoded)), b"\0")


def _padded(length: int) -> int:
    return -(-length // WORD) * WORD


@dataclass(frozen=True)
class Message:
    about: int  # the object's number
    kind: int
    body: bytes

    def words(self, count: int) -> tuple[int, ...]:
        """The first arguments, which are numbers. Raises NotWayland."""
        if len(self.body) < count * WORD:
            raise NotWayland("a message is too short")
        return struct.unpack_from(f"={count}I", self.body)

    def text(self, after: int) -> tuple[str, int]:
        """The text behind so many words, and how many words lie before what comes next. Raises NotWayland."""
        *_, length = self.words(after + 1)
        start = (after + 1) * WORD
        end = start + length
        if not length or len(self.body) < start + _padded(length) or self.body[end - 1]:
            raise NotWayland("a text does not end where it should")
        return self.body[start : end - 1].decode(errors="replace"), (start + _padded(length)) // WORD


def taken_from(heard: bytearray) -> Iterator[Message]:
    """The messages that are there as a whole, which are taken away. Raises NotWayland."""
    while len(heard) >= HEADER:
        about, size_and_kind = struct.unpack_from("=II", heard)
        size = size_and_kind >> 16
        if size < HEADER or size % WORD:
            raise NotWayland("a message has an impossible size")
        if len(heard) < size:
            return
        body = bytes(heard[HEADER:size])
        del heard[:size]
        yield Message(about, size_and_kind & 0xFFFF, body)
