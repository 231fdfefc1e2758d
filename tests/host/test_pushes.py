"""Servers that pass hidden states on to each other: order, copies, gaps, and links that break."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Self

import pytest
from torch import Tensor
from transformers import PreTrainedModel

from engine.model.extras import StepExtras
from engine.wire import frames
from engine.wire.messages import (
    Message,
    PushTo,
    SessionOpened,
    StepOutput,
)
from engine.wire.pushes import PUSH_PROTOCOL, OpenPush, PushMessage, PushOpened, receive_push
from engine.wire.tensors import unpack
from tests.in_memory_swarm import (
    Client,
    MemoryServer,
    MemoryStream,
    MemorySwarm,
    step_with,
)
from tests.tiny_models import LocalChain, some_states, span_of, tiny_model

TOLERANCE = 1e-5
NOBODY = "Qm" + "z" * 30


@pytest.fixture(scope="module")
def model() -> PreTrainedModel:
    return tiny_model("llama")


@pytest.fixture
async def swarm() -> AsyncIterator[MemorySwarm]:
    async with MemorySwarm() as swarm:
        yield swarm


@dataclass
class Seat:
    """A client's session at one server."""

    client: Client
    server: MemoryServer
    ticket: str

    @classmethod
    async def take(cls, swarm: MemorySwarm, server: MemoryServer) -> Self:
        client = await Client.dial(swarm, server)
        opened = await client.open(server.start, server.end)
        assert isinstance(opened, SessionOpened)
        return cls(client, server, opened.ticket)

    async def tell(self, message: Message, *payload: frames.Payload) -> None:
        await frames.send(self.client.stream, message, *payload)

    async def push_to(self, other: "Seat") -> None:
        await self.tell(PushTo(peer=other.server.peer, ticket=other.ticket))

    async def step(
        self, number: int, hidden: Tensor, position: int, extras: StepExtras | None = None
    ) -> None:
        await self.tell(*step_with(hidden, position, extras, number))

    async def hears(self) -> Message:
        return (await self.hears_with_payload())[0]

    async def hears_with_payload(self) -> tuple[Message, bytes]:
        async with asyncio.timeout(5):
            return await frames.receive(self.client.stream)

    async def output(self, number: int) -> Tensor:
        reply, body = await self.hears_with_payload()
        assert isinstance(reply, StepOutput), reply
        assert reply.number == number
        return unpack(reply.tensor, body)


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
    async with asyncio.timeout(5):
        return await receive_push(stream)


async def chain_of_two(swarm: MemorySwarm, model: PreTrainedModel) -> tuple[Seat, Seat]:
    """The first pushes to the second."""
    first, second = [await Seat.take(swarm, swarm.add(model, a, b)) for a, b in ((0, 2), (2, 5))]
    await first.push_to(second)
    return first, second


def states(tokens: int, position: int) -> Tensor:
    return some_states(tokens, seed=position)


def assert_close(ours: Tensor, theirs: Tensor) -> None:
    assert (ours - theirs).abs().max() <= TOLERANCE


async def test_outputs_go_on_to_the_next_server_and_to_the_client(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    first, second = await chain_of_two(swarm, model)
    halfway, whole = LocalChain([span_of(model, 0, 2)]), LocalChain([span_of(model)])
    for number, (position, tokens) in enumerate(((0, 9), (9, 1), (10, 3)), start=1):
        hidden = states(tokens, position)
        await first.step(number, hidden, position)
        assert_close(await second.output(number), whole(hidden[None], position)[0])
        assert_close(await first.output(number), halfway(hidden[None], position)[0])
    assert swarm.dialled.count(second.server.peer) == 2  # the client's stream, and one for all pushes
