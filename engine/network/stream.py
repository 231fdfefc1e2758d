"""One stream of bytes between two peers, both ways, in order, with flow control from end to end."""

import asyncio
from collections.abc import Callable
from types import TracebackType

from engine.errors import PeerUnreachable
from engine.network.traffic import Traffic

_JOIN_BELOW_BYTES = 1 << 16  # small buffers travel in one write; large ones are not copied


class PeerStream:
    """A stream to the peer whose base58 id is `peer`. One task may receive while another sends.

    It breaks at once when the other process dies. A peer whose network vanishes is only noticed by silence:
    who waits for an answer sets a deadline.
    """

    def __init__(
        self,
        peer: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        on_close: Callable[["PeerStream"], None] = lambda stream: None,
        address: str = "",
        traffic: Traffic | None = None,
    ) -> None:
        """What goes over the stream is added to `traffic`."""
        self.peer = peer
        self.address = address  # of its other end, as it is seen from here; "": not known
        self._reader = reader
        self._writer = writer
        self._on_close = on_close
        self._traffic = traffic or Traffic()
        writer.transport.set_write_buffer_limits(high=0)  # what is written leaves at once

    async def receive(self, n: int) -> bytes:
        """Exactly `n` bytes. Raises PeerUnreachable when the stream ends or breaks before."""
        try:
            received = await self._reader.readexactly(n)
        except (EOFError, OSError) as error:
            raise self._broken() from error
        self._traffic.received += n
        return received

    async def send(self, *buffers: bytes | bytearray | memoryview) -> None:
        """Write all of `buffers` and wait until they are on their way. Raises PeerUnreachable."""
        try:
            for buffer in _coalesced(buffers):
                self._writer.write(buffer)
            await self._writer.drain()
        except OSError as error:
            raise self._broken() from error
        self._traffic.sent += sum(map(len, buffers))

    def send_now(self, *buffers: bytes | bytearray | memoryview) -> bool:
        """As `send`, with nothing to wait for. False where that cannot be, and nothing was sent: buffers are
        large, or earlier ones are still here.
        """
        transport = self._writer.transport
        size = sum(map(len, buffers))
        if size >= _JOIN_BELOW_BYTES or transport.is_closing() or transport.get_write_buffer_size():
            return False
        self._writer.write(b"".join(buffers))
        self._traffic.sent += size
        return True

    def close(self) -> None:
        """Close both ways; what was sent still arrives. Idempotent."""
        if not self._writer.is_closing():
            self._writer.close()
        self._on_close(self)

    async def __aenter__(self) -> "PeerStream":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _broken(self) -> PeerUnreachable:
        return PeerUnreachable(f"The connection to {self.peer} broke off: try another server.")


def _coalesced(
    buffers: tuple[bytes | bytearray | memoryview, ...],
) -> tuple[bytes | bytearray | memoryview, ...]:
    if len(buffers) > 1 and sum(len(buffer) for buffer in buffers) < _JOIN_BELOW_BYTES:
        return (b"".join(buffers),)
    return buffers
