"""What processes use, and what of them is left: read from the system."""

import asyncio
import contextlib
import gc
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

NETWORK_PROCESS = "p2pd"


@dataclass(frozen=True)
class Use:
    """What a process has at one moment."""

    memory: int  # bytes, resident
    files: int  # open file descriptors, sockets included
    tasks: int = 0  # of its event loop; known of this process alone
    cache: int = 0  # bytes of sessions' caches; known of servers


@dataclass(frozen=True)
class Family:
    """A server's process and its helpers."""

    server: psutil.Process
    helpers: tuple[psutil.Process, ...]
    network: psutil.Process
    folder: Path  # of the network process's sockets

    def left(self) -> list[str]:
        """What is still there of it, in words."""
        processes = [p for p in (self.server, *self.helpers) if is_alive(p)]
        folders = [self.folder] if self.folder.exists() else []
        return [f"process {p.pid} ({p.name()})" for p in processes] + [f"folder {f}" for f in folders]


def family_of(pid: int) -> Family:
    """Of a server that is online. Raises psutil.Error if it is not."""
    server = psutil.Process(pid)
    helpers = tuple(server.children(recursive=True))
    [network] = [helper for helper in helpers if helper.name() == NETWORK_PROCESS]
    return Family(server, helpers, network, _socket_folder(network.cmdline()))


def _socket_folder(command: Sequence[str]) -> Path:
    [socket] = [word.removeprefix("-listen=/unix") for word in command if word.startswith("-listen=/unix")]
    return Path(socket).parent


def use_of(processes: Iterable[psutil.Process], cache: int = 0) -> Use:
    """Of all of them together; what has ended uses nothing."""
    memory = files = 0
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            memory += process.memory_info().rss
            files += process.num_fds()
    return Use(memory, files, cache=cache)


def own_use(relayed_connections: int) -> Use:
    """Of this process and its network process, apart from the emulated lines: how many connections go over
    these is for the peers to say.
    """
    gc.collect()
    me = psutil.Process()
    network = [p for child in me.children() for p in child.children() if p.name() == NETWORK_PROCESS]
    used = use_of([me, *network])
    return Use(used.memory, use_of([me]).files - 2 * relayed_connections, len(_own_tasks()))


def children_left(before: Iterable[psutil.Process]) -> list[str]:
    """Processes below this one that were not there before, in words."""
    known = set(before)
    left = [child for child in psutil.Process().children(recursive=True) if child not in known]
    return [f"process {child.pid} ({child.name()})" for child in left if is_alive(child)]


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _own_tasks() -> list["asyncio.Task[object]"]:
    return [task for task in asyncio.all_tasks() if "Relay." not in str(task.get_coro())]
