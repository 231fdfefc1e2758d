"""What a Wayland compositor tells, asked with short patience by a thread that may wait."""

import logging
import os
import re
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from engine.manners.probes.wayland_idle import IdleTalk
from engine.manners.probes.wayland_wire import NotWayland

PATIENCE = 0.5  # seconds
AGAIN_SECONDS = 30.0  # before a compositor that cannot be reached is tried again
_AT_ONCE = 1 << 16  # bytes that are read

log = logging.getLogger("potluck.manners")


class Compositor:
    """Connected when first asked, to the first that answers. `sockets` tells where one may listen by now."""

    def __init__(
        self,
        sockets: Callable[[], Iterable[Path]],
        clock: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE,
    ) -> None:
        """`patience`: seconds for an answer."""
        self._sockets = sockets
        self._clock = clock
        self._patience = patience
        self._connection: socket.socket | None = None
        self._talk = IdleTalk()
        self._not_before = 0.0

    def idle_seconds(self) -> float | None:
        """At least. None also while it does not answer, for then it may not have seen what was touched."""
        try:
            return self._asked()
        except TimeoutError:
            return None
        except (OSError, NotWayland) as error:
            if self._connection is not None:
                log.info("The Wayland compositor does not tell who is there: %s", error)
            self.close()
            return None

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _asked(self) -> float | None:
        """Raises OSError, NotWayland."""
        connection = self._connection or self._connected()
        until = time.monotonic() + self._patience
        if self._talk.is_answered:
            _send(connection, self._talk.ask())
        while not self._talk.is_answered:
            connection.settimeout(_left(until))
            data = connection.recv(_AT_ONCE)
            if not data:
                raise ConnectionResetError("it has gone")
            _send(connection, self._talk.hear(data, self._clock()))
        return self._talk.idle_seconds(self._clock())

    def _connected(self) -> socket.socket:
        """Raises OSError."""
        if self._clock() < self._not_before:
            raise ConnectionRefusedError
        self._not_before = self._clock() + AGAIN_SECONDS
        for path in self._sockets():
            with suppress(OSError):
                self._connection, self._talk = _connection(path), IdleTalk()
                return self._connection
        raise ConnectionRefusedError


def _connection(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(PATIENCE)
        connection.connect(str(path))
    except BaseException:
        connection.close()
        raise
    return connection


def _send(connection: socket.socket, data: bytes) -> None:
    """As a whole: half of it would make all that follows unreadable. Raises OSError, but no TimeoutError."""
    connection.settimeout(PATIENCE)
    try:
        connection.sendall(data)
    except TimeoutError as error:
        raise ConnectionAbortedError("it takes nothing") from error


def _left(until: float) -> float:
    """Seconds. Raises TimeoutError."""
    if (left := until - time.monotonic()) <= 0:
        raise TimeoutError
    return left


def wayland_sockets(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Where the owner's compositor may listen, also for an engine that was started outside of the session.

    The outermost of several comes first: those that run in its windows see less, and start later.
    """
    runtime = Path(environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    if named := environ.get("WAYLAND_DISPLAY"):
        return (runtime / named,)
    if environ.get("DISPLAY") and environ.get("XDG_SESSION_TYPE") != "wayland":
        return ()  # the owner sits at X
    found = [path for path in runtime.glob("wayland-*") if re.fullmatch(r"wayland-\d+", path.name)]
    return tuple(sorted(found, key=lambda path: int(path.name.removeprefix("wayland-"))))
