"""Servers that are well although a connection to them broke: they are not kept out for it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch

from engine.errors import MissingLayers, PeerRefused, PeerUnreachable
from engine.peers.book import PeerBook
from engine.peers.reputation import AVOID_SECONDS
from engine.route import repair
from engine.route.opening import Opener
from engine.route.session import SwarmModel
from engine.wire import frames
from engine.wire.messages import Refusal, RefusalCode
from engine.wire.records import ServerState, SpanRecord
from tests.in_memory_swarm import IMPATIENT, MODEL, Fault, MemoryStream, MemorySwarm
from tests.tiny_models import HIDDEN, N_LAYERS

BROKEN = PeerUnreachable("The connection broke off.")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0


def opener_of(swarm: MemorySwarm, clock: Clock, second_chance_seconds: float) -> Opener:
    """Each look at the directory takes a second of the book's time."""

    async def look_up() -> Sequence[SpanRecord]:
        clock.now += 1.0
        return await swarm.spans()

    settings = replace(IMPATIENT, second_chance_seconds=second_chance_seconds)
    book = PeerBook(clock=lambda: clock.now)
    return Opener(swarm, look_up, SwarmModel(MODEL, "tiny", N_LAYERS), settings, book)


async def test_the_only_server_gets_a_second_chance_once_its_failure_is_a_moment_ago(model):
    clock = Clock()
    async with MemorySwarm() as swarm:
        server = swarm.add(model)
        opener = opener_of(swarm, clock, second_chance_seconds=60.0)
        opener.avoid(server.peer, BROKEN)
        [hop] = await opener.open(0, N_LAYERS, 0.0)
        assert hop.peer == server.peer
        assert clock.now >= AVOID_SECONDS
        hop.close()


async def test_the_only_server_need_not_rest_for_long_however_often_it_has_failed(model):
    clock = Clock()
    async with MemorySwarm() as swarm:
        server = swarm.add(model)
        opener = opener_of(swarm, clock, second_chance_seconds=60.0)
        for _ in range(6):
            clock.now += 2 * AVOID_SECONDS
            opener.avoid(server.peer, BROKEN)
        failed_at = clock.now
        [hop] = await opener.open(0, N_LAYERS, 0.0)
        assert AVOID_SECONDS <= clock.now - failed_at <= AVOID_SECONDS + 2
        hop.close()


async def test_a_server_that_fails_its_second_chance_is_out(model):
    async with MemorySwarm() as swarm:
        server = swarm.add(model)
        opener = opener_of(swarm, Clock(), second_chance_seconds=60.0)
        opener.avoid(server.peer, BROKEN)
        server.is_dead = True
        with pytest.raises(MissingLayers):
            await opener.open(0, N_LAYERS, 0.0)
        assert swarm.dialled == [server.peer]


async def test_layers_that_nobody_has_are_not_waited_for_any_longer(model):
    async with MemorySwarm() as swarm:
        swarm.add(model, 0, 1)
        clock = Clock()
        with pytest.raises(MissingLayers):
            await opener_of(swarm, clock, second_chance_seconds=60.0).open(0, N_LAYERS, 0.0)
        assert clock.now <= 2.0


async def test_a_connection_that_broke_between_two_steps_is_held_against_nobody(model, monkeypatch):
    monkeypatch.setattr(repair, "OLD_SECONDS", -1.0)  # every failure is an old one
    async with MemorySwarm() as swarm:
        server = swarm.add(model)
        session = swarm.session()
        await session.step(torch.zeros(3, HIDDEN), 0)
        server.streams[-1].close()
        await session.step(torch.zeros(1, HIDDEN), 3)
        assert session.replayed_spans == 1
        assert not swarm.book.is_avoided(server.peer)
        session.close()
        await swarm.settled()


async def says_evicted(stream: MemoryStream, said: bytes) -> None:
    await frames.send(stream, Refusal(code=RefusalCode.EVICTED, text=""))


async def test_a_server_that_always_says_it_had_to_forget_is_not_asked_for_ever(model):
    async with MemorySwarm() as swarm:
        server = swarm.add(model, fault=Fault(0, says_evicted))
        with pytest.raises(PeerRefused):
            await opener_of(swarm, Clock(), second_chance_seconds=0.1).open(0, N_LAYERS, 0.0)
        assert server.opened == 1


async def is_silent(stream: MemoryStream, said: bytes) -> None:
    """Not a word."""


async def test_an_opening_that_is_given_up_leaves_no_session_open(model):
    silent = Fault(0, is_silent)
    async with MemorySwarm() as swarm:
        swarm.add(model, 0, 3)
        swarm.add(model, 3, N_LAYERS, fault=silent)
        opening = asyncio.create_task(opener_of(swarm, Clock(), 0.0).open(0, N_LAYERS, 0.0))
        await silent.struck.wait()
        opening.cancel()
        await asyncio.wait([opening])
        await swarm.settled()


async def test_layers_that_are_on_their_way_to_a_server_are_waited_for_longer(model):
    async with MemorySwarm() as swarm:
        swarm.add(model, 0, 2)
        coming = swarm.add(model, 2, N_LAYERS)
        coming.state = ServerState.JOINING
        opener = opener_of(swarm, Clock(), second_chance_seconds=0.0)
        opening = asyncio.create_task(opener.open(0, N_LAYERS, 1.0))
        await asyncio.sleep(1.5)
        coming.state = ServerState.ONLINE
        hops = await opening
        assert [hop.peer for hop in hops][-1] == coming.peer
        for hop in hops:
            hop.close()


@pytest.mark.parametrize("state", [ServerState.JOINING, ServerState.DRAINING])
async def test_layers_that_never_come_are_not_waited_for_without_end(model, state):
    async with MemorySwarm() as swarm:
        swarm.add(model, 0, 2)
        swarm.add(model, 2, N_LAYERS).state = state
        with pytest.raises(MissingLayers):
            async with asyncio.timeout(30):
                await opener_of(swarm, Clock(), second_chance_seconds=0.0).open(0, N_LAYERS, 0.2)
