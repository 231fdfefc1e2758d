"""A stream without a network."""

from engine.errors import PeerUnreachable
from engine.wire import frames


class Bytes:
    """A stream that holds these bytes, then ends."""

    def __init__(self, data: bytes = b"") -> None:
        self.data = bytearray(data)
        self.most_asked_for = 0

    async def receive(self, n: int) -> bytes:
        self.most_asked_for = max(self.most_asked_for, n)
        if len(self.data) < n:
            raise PeerUnreachable("The stream ended.")
        taken, self.data = bytes(self.data[:n]), self.data[n:]
        return taken

    async def send(self, *buffers: frames.Payload) -> None:
        for buffer in buffers:
            self.data += buffer
