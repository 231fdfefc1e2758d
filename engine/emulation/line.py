"""A computer's line to the others: relays in user space that all of its connections go through."""

import contextlib
import socket
from collections.abc import AsyncIterator

from engine.emulation.lane import Conditions, Lane
from engine.emulation.relay import Gate, Relay

LOOPBACK = "127.0.0.1"
NOWHERE = f"/ip4/{LOOPBACK}/tcp/1"  # for a computer that is to be dialled through lines alone


class Line:
    """The line of one computer behind it. Change `conditions` at any time; what is under way keeps its time.

    A connection between two computers with lines goes over one of them: that of the one that was dialled.
    """

    def __init__(self, conditions: Conditions, seed: int) -> None:
        self._conditions = conditions
        self._gate = Gate()
        self._relays: list[Relay] = []
        self.inward = Lane(seed)  # to the computer
        self.outward = Lane(seed + 1)
        self.own_port = free_port()  # where the computer has to listen

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, conditions: Conditions | None = None, seed: int = 0) -> AsyncIterator["Line"]:
        line = cls(conditions or Conditions(), seed)
        try:
            await line._relay(line.own_port, line.inward, line.outward)
            yield line
        finally:
            await line.close()

    @property
    def listen(self) -> str:
        """The multiaddr on which the computer behind the line listens, and which it keeps to itself."""
        return f"/ip4/{LOOPBACK}/tcp/{self.own_port}"

    @property
    def announce(self) -> str:
        """The multiaddr that others dial."""
        return f"/ip4/{LOOPBACK}/tcp/{self._relays[0].port}"

    async def way_to(self, port: int) -> str:
        """The multiaddr by which the computer behind the line dials another's port, through its own line."""
        relay = await self._relay(port, self.outward, self.inward)
        return f"/ip4/{LOOPBACK}/tcp/{relay.port}"

    @property
    def conditions(self) -> Conditions:
        return self._conditions

    @conditions.setter
    def conditions(self, conditions: Conditions) -> None:
        self._conditions = conditions
        self._gate.set_open(not conditions.hangs)

    @property
    def connections(self) -> int:
        return sum(relay.connections for relay in self._relays)

    def cut(self) -> None:
        """Break every connection. New ones may come at once."""
        for relay in self._relays:
            relay.cut()

    async def close(self) -> None:
        for relay in self._relays:
            await relay.close()

    async def _relay(self, port: int, forth: Lane, back: Lane) -> Relay:
        relay = await Relay.start(LOOPBACK, port, forth, back, lambda: self._conditions, self._gate)
        self._relays.append(relay)
        return relay


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with contextlib.closing(socket.create_server((LOOPBACK, 0))) as probe:
        port: int = probe.getsockname()[1]
        return port
