"""Server-sent events, both directions: bytes to data fields, and data to bytes."""

import json
from collections.abc import AsyncIterator
from typing import Any

KEEP_ALIVE = b": keep-alive\n\n"
DONE = "[DONE]"


def data_event(data: str) -> bytes:
    """One event that has only a data field. `data` must be one line."""
    return f"data: {data}\n\n".encode()


def json_event(value: Any) -> bytes:
    """One event with JSON in ASCII: some clients take U+2028 and its like for the end of a line."""
    return data_event(json.dumps(value, separators=(",", ":")))


async def data_lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """The data field of each event in a stream of bytes; comments and other fields are passed over.

    Potluck's own events hold their data in one line each.
    """
    buffer = bytearray()
    async for chunk in chunks:
        buffer += chunk
        *lines, rest = buffer.split(b"\n")
        buffer = bytearray(rest)
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].strip().decode()
