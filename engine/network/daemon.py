"""The libp2p daemon (p2pd) of one node: its command line, its life, and what hivemind's client lacks."""

import asyncio
import logging
import math
import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.api.sentences import said
from engine.errors import EngineError
from engine.network._hivemind import (
    P2P,
    Multiaddr,
    P2PDaemonError,
    PeerID,
    p2pd_folder,
    p2pd_pb2,
    read_pbmsg_safe,
    write_pbmsg,
)
from engine.network.addresses import in_words, packed
from engine.network.identity import Identity, write_key
from engine.network.private_calls import PrivateP2P, PublicP2P
from engine.network.reaper import GuardedProcess
from engine.network.sealing import CallSeal
from engine.settings import is_loopback

logger = logging.getLogger("potluck.network")

NO_PEER_ANSWERS = said(
    "No computer of the swarm answers: check the internet connection and the swarm's addresses."
)
KEY_UNKNOWN = said(
    "This computer does not know the key of the swarm that it was to join: ask for an invite link."
)
_READY = "Peer ID:"


@dataclass(frozen=True)
class DaemonSettings:
    listen: tuple[str, ...]  # none: reached through relays alone
    client_only: bool
    announce: tuple[str, ...] = ()
    relays: tuple[str, ...] = ()  # known ones that may pass on what comes for this node


def command_line(p2pd: Path, folder: Path, settings: DaemonSettings) -> list[str]:
    """p2pd's arguments. Only a node that listens beyond this computer, or nowhere, asks for relays.

    Whether peers reach it directly it finds out from them (AutoNAT); it passes on what comes for others
    itself unless it finds that nobody does.
    """
    reachable = any(not is_loopback(address) for address in settings.listen)
    relayed = (reachable or not settings.listen) and not settings.client_only
    relays = settings.relays if relayed else ()
    return [
        str(p2pd),
        f"-listen=/unix{_socket(folder)}",
        f"-id={_key_file(folder)}",
        *_listen(settings.listen),
        "-dhtClient=1" if settings.client_only else "-dhtServer=1",
        "-connManager=1",
        "-tls=1",
        "-relay=1",
        f"-autonat={reachable:d}",
        f"-natPortMap={reachable:d}",
        f"-autoRelay={relayed:d}",
        *([f"-trustedRelays={','.join(relays)}"] if relays else []),
        "-idleTimeout=30s",
        *([f"-announceAddrs={','.join(settings.announce)}"] if settings.announce else []),
    ]


def _listen(addresses: Sequence[str]) -> list[str]:
    if addresses:
        return [f"-hostAddrs={','.join(addresses)}"]
    return ["-noListenAddrs=1", "-forceReachabilityPrivate=1"]


def _socket(folder: Path) -> Path:
    return folder / "p2pd.sock"


def _key_file(folder: Path) -> Path:
    return folder / "identity.key"


class Daemon:
    """A running p2pd and hivemind's client of it. Its sockets lie in a folder of the owner's alone."""

    def __init__(self, process: GuardedProcess, folder: Path) -> None:
        self._process = process
        self._folder = folder
        self._log: asyncio.Task[None] | None = None
        self._p2p: PublicP2P | None = None

    @property
    def p2p(self) -> P2P:
        assert self._p2p is not None
        return self._p2p

    @property
    def met_strangers(self) -> bool:
        """Whether somebody has answered who is in a private swarm without this node, or the reverse."""
        return self._p2p is not None and self._p2p.met_strangers

    @classmethod
    async def start(
        cls, settings: DaemonSettings, identity: Identity, seal: CallSeal | None = None
    ) -> "Daemon":
        """`seal` encrypts the calls of a private swarm. Raises EngineError if p2pd cannot run."""
        folder = Path(tempfile.mkdtemp(prefix="potluck-"))
        try:
            write_key(identity, _key_file(folder))
            command = command_line(Path(p2pd_folder[0], "p2pd"), folder, settings)
            process = await GuardedProcess.start(command, folder, _environment())
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise EngineError(
                said("The network process cannot start ({error}): install Potluck anew.", error=error)
            ) from error
        daemon = cls(process, folder)
        try:
            await daemon._attach(seal)
        except BaseException:
            await daemon.stop()
            raise
        return daemon

    async def _attach(self, seal: CallSeal | None) -> None:
        await self._read_until_ready()
        self._log = asyncio.create_task(self._log_output())
        _key_file(self._folder).unlink()
        kind: Any = PublicP2P if seal is None else PrivateP2P
        fields = {"_UNIX_SOCKET_PREFIX": f"/unix{self._folder}/", "seal": seal}
        attached: Any = type("AttachedP2P", (kind,), fields)
        self._p2p = await attached.replicate(Multiaddr(f"/unix{_socket(self._folder)}"))

    async def _read_until_ready(self) -> None:
        last = ""
        async for line in self._process.output:
            last = line.decode(errors="replace").strip()
            logger.debug("p2pd: %s", last)
            if last.startswith(_READY):
                return
        raise EngineError(
            said("The network process ended at once ({last}): check the listen addresses.", last=last)
        )

    async def _log_output(self) -> None:
        async for line in self._process.output:
            logger.debug("p2pd: %s", line.decode(errors="replace").strip())

    async def visible_addresses(self) -> tuple[str, ...]:
        """Where others reach this node, as far as p2pd knows now. Raises OSError or EOFError."""
        peer, addresses = await self.p2p._client.identify()
        return tuple(f"{address}/p2p/{peer.to_base58()}" for address in map(in_words, addresses) if address)

    async def wait(self) -> None:
        """Return when p2pd has ended, by `stop` or by itself."""
        await self._process.wait()

    async def connect(self, peer: PeerID, addresses: Sequence[Multiaddr], seconds: float) -> None:
        """Raises P2PDaemonError, OSError or EOFError."""
        request = p2pd_pb2.ConnectRequest(
            peer=peer.to_bytes(),
            addrs=[packed(address) for address in addresses],
            timeout=math.ceil(seconds),
        )
        _, writer = await self._call(p2pd_pb2.Request(type=p2pd_pb2.Request.CONNECT, connect=request))
        writer.close()

    async def open_stream(
        self, peer: PeerID, protocol: str, seconds: float
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Raises P2PDaemonError, OSError or EOFError."""
        request = p2pd_pb2.StreamOpenRequest(
            peer=peer.to_bytes(), proto=[protocol], timeout=math.ceil(seconds)
        )
        return await self._call(p2pd_pb2.Request(type=p2pd_pb2.Request.STREAM_OPEN, streamOpen=request))

    async def _call(self, request: p2pd_pb2.Request) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Unlike hivemind's own calls, leaves no socket behind when it fails or is cancelled."""
        reader, writer = await asyncio.open_unix_connection(_socket(self._folder))
        try:
            await write_pbmsg(writer, request)
            response = p2pd_pb2.Response()
            await read_pbmsg_safe(reader, response)
            if response.type == p2pd_pb2.Response.ERROR:
                raise P2PDaemonError(response.error.msg)
        except BaseException:
            writer.close()
            raise
        return reader, writer

    async def stop(self) -> None:
        """End p2pd and reap it. Idempotent."""
        background = [self._log] if self._log else []
        if self._p2p is not None:
            background += _tasks_of(self._p2p)
            await self._p2p.shutdown()
        await self._process.stop()
        if background:
            await asyncio.wait(background, timeout=1.0)
        with suppress(FileNotFoundError):
            shutil.rmtree(self._folder)


def _tasks_of(p2p: P2P) -> list[asyncio.Task[None]]:
    """hivemind cancels these on shutdown but does not wait for their end."""
    control = p2p._client.control
    tasks = (p2p._listen_task, control._read_task, control._write_task)
    return [task for task in tasks if task is not None]


def _environment() -> dict[str, str]:
    return {"GOLOG_LOG_LEVEL": "error", **os.environ}
