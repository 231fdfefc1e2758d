"""A child process in its own process group, read by callbacks and gone as a whole when it ends."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import cast

LINE_LIMIT = 1 << 20  # bytes; a longer line is dropped
LAST_WORDS = 0.5  # seconds to read what a dead process has left in its pipes

OnLine = Callable[[bytes], None]


class LineSplitter:
    """Calls back for each whole line of what it is fed."""

    def __init__(self, on_line: OnLine) -> None:
        self._on_line = on_line
        self._rest = b""

    def feed(self, data: bytes) -> None:
        *lines, rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._on_line(line)
        self._rest = rest if len(rest) <= LINE_LIMIT else b""


class _Protocol(asyncio.SubprocessProtocol):
    """Notices the leader's end even while its children still hold the pipes open."""

    def __init__(self, on_output: OnLine, on_complaint: OnLine) -> None:
        self._splitters = {1: LineSplitter(on_output), 2: LineSplitter(on_complaint)}
        self._open = {1, 2}
        self.exited = asyncio.Event()
        self.silent = asyncio.Event()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self._splitters[fd].feed(data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        self._open.discard(fd)
        if not self._open:
            self.silent.set()

    def process_exited(self) -> None:
        self.exited.set()


class ProcessGroup:
    """A running command and all that it starts. `on_output` gets stdout's lines, `on_complaint` stderr's."""

    def __init__(self, transport: asyncio.SubprocessTransport, protocol: _Protocol) -> None:
        self._transport = transport
        self._protocol = protocol
        self.pid = transport.get_pid()

    @classmethod
    async def start(
        cls,
        argv: Sequence[str],
        on_output: OnLine,
        on_complaint: OnLine,
        environment: Mapping[str, str] | None = None,
    ) -> "ProcessGroup":
        """`environment` replaces this process's own. Raises OSError."""
        transport, protocol = await asyncio.get_running_loop().subprocess_exec(
            lambda: _Protocol(on_output, on_complaint), *argv, start_new_session=True, env=environment
        )
        return cls(transport, protocol)

    def write(self, data: bytes) -> None:
        """To its stdin; to nobody if it has closed that."""
        stdin = cast(asyncio.WriteTransport, self._transport.get_pipe_transport(0))
        if stdin is not None and not stdin.is_closing():
            stdin.write(data)

    def close_stdin(self) -> None:
        stdin = self._transport.get_pipe_transport(0)
        if stdin is not None:
            stdin.close()

    async def wait(self) -> int:
        """Until the leader is gone; then the rest of the group goes, too. Returns the leader's status."""
        await self._protocol.exited.wait()
        self._signal(signal.SIGKILL)
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS):
                await self._protocol.silent.wait()
        self._transport.close()
        status = self._transport.get_returncode()
        return -1 if status is None else status

    async def end(self, polite: float, firm: float) -> None:
        """Give the leader `polite` seconds to go by itself, then SIGTERM and `firm` seconds, then SIGKILL."""
        for patience, sign in ((polite, signal.SIGTERM), (firm, signal.SIGKILL)):
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._protocol.exited.wait()
                return
            self._signal(sign)
        await self._protocol.exited.wait()

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, sign: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, sign)
