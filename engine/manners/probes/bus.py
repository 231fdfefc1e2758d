"""A D-Bus message bus, asked with short patience by a thread that may wait."""

import time
from collections.abc import Callable
from typing import Any

PATIENCE = 0.5  # seconds for an answer
AGAIN_SECONDS = 30.0  # before a bus that cannot be reached is tried again


class Bus:
    """Connected when first asked. `address` as in DBUS_SESSION_BUS_ADDRESS; None: there is none."""

    def __init__(self, address: str | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._address = address
        self._clock = clock
        self._connection: Any = None
        self._not_before = 0.0

    def call(
        self, name: str, path: str, interface: str, member: str, signature: str = "", *arguments: Any
    ) -> tuple[Any, ...] | None:
        """What a method gives; None if nobody of this name runs, answers in time, or knows it."""
        from jeepney import DBusAddress, MessageFlag, MessageType, new_method_call

        message = new_method_call(DBusAddress(path, name, interface), member, signature or None, arguments)
        message.header.flags |= MessageFlag.no_auto_start  # a question starts nothing
        try:
            answer = self._connected().send_and_get_reply(message, timeout=PATIENCE)
        except (OSError, ValueError, RuntimeError, LookupError, EOFError):  # whatever a broken bus leads to
            self.close()
            return None
        return answer.body if answer.header.message_type is MessageType.method_return else None

    def property(self, name: str, path: str, interface: str, member: str) -> Any:
        """Its value, or None."""
        owner = "org.freedesktop.DBus.Properties"
        answer = self.call(name, path, owner, "Get", "ss", interface, member)
        return answer[0][1] if answer else None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _connected(self) -> Any:
        """Raises OSError, or whatever jeepney makes of an address that it cannot use."""
        from jeepney.io.blocking import open_dbus_connection

        if self._connection is None:
            if self._address is None or self._clock() < self._not_before:
                raise ConnectionRefusedError
            self._not_before = self._clock() + AGAIN_SECONDS
            self._connection = open_dbus_connection(self._address, auth_timeout=PATIENCE)
        return self._connection
