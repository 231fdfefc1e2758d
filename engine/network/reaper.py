"""Runs a command that never outlives this process, however this process ends.

A small shell is the command's parent and reads a pipe whose other end only we hold. When we are gone, even
by SIGKILL, the pipe ends and the command is killed. Being its parent, the shell never signals a recycled
pid: the pid stays taken until the shell has waited for it. Shell and command run in a session of their own,
so that a Ctrl-C in the terminal reaches us alone and we end them in order.
"""

import asyncio
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

# $1: a folder to remove at the end; the rest: the command. A line on stdin asks it to end; stdin's end kills.
_SHELL = """
folder=$1; shift
exec 3<&0 </dev/null
"$@" 3<&- & command=$!
( read -r _ <&3 && kill "$command" && read -r _ <&3; kill -9 "$command" ) 2>/dev/null & keeper=$!
exec 3<&- 2>/dev/null
wait "$command"; status=$?
kill -9 "$keeper"; wait "$keeper"
rm -rf -- "$folder"
exit "$status"
"""


class GuardedProcess:
    """A running command under its guardian; `output` is its stdout and stderr."""

    def __init__(self, guardian: Process) -> None:
        assert guardian.stdout is not None
        self._guardian = guardian
        self.output: asyncio.StreamReader = guardian.stdout

    @classmethod
    async def start(
        cls, command: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> "GuardedProcess":
        """Start `command`; `folder` is removed once it has ended. Raises OSError if there is no shell."""
        spawning = asyncio.ensure_future(
            asyncio.create_subprocess_exec(
                *("/bin/sh", "-c", _SHELL, "sh", str(folder), *command),
                stdin=PIPE,
                stdout=PIPE,
                stderr=STDOUT,
                start_new_session=True,
                env=dict(environment),
            )
        )
        try:
            return cls(await asyncio.shield(spawning))
        except asyncio.CancelledError:  # asyncio itself would leave the pipes open, and with them the command
            await cls(await spawning).stop()
            raise

    @property
    def pid(self) -> int:
        """Of the guardian, which is the leader of the command's session."""
        return self._guardian.pid

    async def wait(self) -> int:
        """The command's exit status as a shell tells it."""
        return await self._guardian.wait()

    async def stop(self, grace: float = 2.0) -> None:
        """End the command, by force after `grace` seconds, and reap it. Does nothing where it has ended."""
        stdin = self._guardian.stdin
        assert stdin is not None
        with suppress(ConnectionError):
            stdin.write(b"\n")
        with suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await self._guardian.wait()
        stdin.close()
        await self._guardian.wait()
