"""The port that a node listens on stays the same over restarts while it is free: others remember it."""

import contextlib
import logging
import random
import re
import socket
from collections.abc import Sequence
from pathlib import Path

from engine.atomic_file import write_whole

logger = logging.getLogger("potluck.network")

PORTS = range(20_000, 32_000)  # below those that systems give to outgoing connections
TRIES = 100

_ANY_TCP_PORT = re.compile(r"(/ip[46]/[^/]+/tcp)/0$")


def stable_listen(listen: Sequence[str], file: Path) -> tuple[str, ...]:
    """`listen` with one port, kept in `file`, in the place of any (0)."""
    if not any(map(_ANY_TCP_PORT.match, listen)):
        return tuple(listen)
    port = _remembered(file)
    if port is None or not _is_free(port):
        port = _any_free()
        _remember(file, port)
    return tuple(_ANY_TCP_PORT.sub(rf"\1/{port}", address) for address in listen)


def _remembered(file: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError):
        port = int(file.read_bytes()[:8])
        if port in PORTS:
            return port
    return None


def _remember(file: Path, port: int) -> None:
    try:
        write_whole(file, f"{port}\n")
    except OSError as error:
        logger.warning("The port cannot be remembered: %s", error)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what was closed a moment ago is free
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


def _any_free() -> int:
    """0 where none is found: then the system chooses, and another one at each start."""
    candidates = random.sample(PORTS, TRIES)
    return next(filter(_is_free, candidates), 0)
