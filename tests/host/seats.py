"""A client's session at one server, message by message; and a server's push streams."""

import asyncio
from dataclasses import dataclass
from typing import Self

from torch import Tensor

from engine.model.extras import StepExtras
from engine.wire import frames
from engine.wire.messages import HandOver, Message, PushTo, SessionOpened, StepOutput
from engine.wire.pushes import PUSH_PROTOCOL, OpenPush, PushMessage, PushOpened, receive_push
from engine.wire.tensors import unpack
from tests.in_memory_swarm import Client, MemoryServer, MemoryStream, MemorySwarm, step_with


@dataclass
class Seat:
    client: Client
    server: MemoryServer
    ticket: str

    @classmethod
    async def take(
        cls, swarm: MemorySwarm, server: MemoryServer, layers: tuple[int, int] | None = None
    ) -> Self:
        client = await Client.dial(swarm, server)
        opened = await client.open(*(layers or (server.start, server.end)))
        assert isinstance(opened, SessionOpened)
        return cls(client, server, opened.ticket)

    async def tell(self, message: Message, *payload: frames.Payload) -> None:
        await frames.send(self.client.stream, message, *payload)

    async def push_to(self, other: "Seat") -> None:
        await self.tell(PushTo(peer=other.server.peer, ticket=other.ticket))

    async def hand_over(self, other: "Seat") -> Message:
        await self.tell(HandOver(peer=other.server.peer, ticket=other.ticket))
        return await self.hears()

    async def step(
        self, number: int, hidden: Tensor, position: int, extras: StepExtras | None = None
    ) -> None:
        await self.tell(*step_with(hidden, position, extras, number))

    async def hears(self) -> Message:
        return (await self.hears_with_payload())[0]

    async def hears_with_payload(self) -> tuple[Message, bytes]:
        async with asyncio.timeout(30):
            return await frames.receive(self.client.stream)

    async def hears_nothing(self) -> bool:
        """For a moment in which an answer would come."""
        try:
            async with asyncio.timeout(0.05):
                await self.client.stream.receive(1)
        except TimeoutError:
            return True
        return False

    async def output(self, number: int) -> Tensor:
        reply, body = await self.hears_with_payload()
        assert isinstance(reply, StepOutput), reply
        assert reply.number == number
        return unpack(reply.tensor, body)

    async def answer(self, number: int, hidden: Tensor, position: int) -> Tensor:
        await self.step(number, hidden, position)
        return await self.output(number)


async def push(swarm: MemorySwarm, seat: Seat, ticket: str | None = None) -> MemoryStream:
    """A push stream of the test's own into a session."""
    stream = await swarm.open(seat.server.peer, PUSH_PROTOCOL)
    await frames.send(stream, OpenPush(ticket=ticket or seat.ticket))
    return stream


async def opened_push(swarm: MemorySwarm, seat: Seat) -> MemoryStream:
    stream = await push(swarm, seat)
    assert await told(stream) == PushOpened()
    return stream


async def told(stream: MemoryStream) -> PushMessage:
    async with asyncio.timeout(30):
        return await receive_push(stream)


class SlowLink:
    """A server's end of a stream on which nothing leaves until `flows` is set."""

    def __init__(self, stream: MemoryStream) -> None:
        self.peer = stream.peer
        self.receive = stream.receive
        self.flows = asyncio.Event()
        self._stream = stream

    def send_now(self, *buffers: frames.Payload) -> bool:
        return False

    async def send(self, *buffers: frames.Payload) -> None:
        await self.flows.wait()
        await self._stream.send(*buffers)


async def seat_behind(server: MemoryServer) -> tuple[Seat, SlowLink, "asyncio.Task[None]"]:
    """A session whose link to its client stands still once it is open; and the server's end of it."""
    ours, theirs = MemoryStream.pair(server.peer, "client")
    link = SlowLink(theirs)
    link.flows.set()
    served = asyncio.create_task(server.spans.handle(link))
    client = Client(ours)
    opened = await client.open(server.start, server.end)
    link.flows.clear()
    return Seat(client, server, opened.ticket), link, served
