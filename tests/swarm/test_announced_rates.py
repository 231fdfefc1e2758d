"""What a real block server says that it could do follows what it does."""

import asyncio
from contextlib import suppress

import pytest
import torch

from engine.errors import PeerUnreachable
from engine.private_swarm import PrivateSwarm, ServerProcess
from engine.wire.messages import SESSION_PROTOCOL
from engine.wire.records import SpanRecord
from tests.in_memory_swarm import Client

pytestmark = pytest.mark.starter

LAYERS = (0, 2)
WISHFUL = 1e6  # tokens/s that nobody reaches
SESSIONS = 8
SECONDS = 60.0  # in which work must have shown


async def keep_busy(swarm: PrivateSwarm, server: ServerProcess, width: int) -> None:
    """One session, one token after the other."""
    stream = await swarm.node.open(server.report.peer_id, SESSION_PROTOCOL, server.report.addresses)
    client = Client(stream)
    try:
        await client.open(*LAYERS, model=swarm.manifest.digest)
        for position in range(swarm.manifest.context):
            await client.step(torch.zeros(1, width), position)
    finally:
        stream.close()


async def announced(swarm: PrivateSwarm) -> SpanRecord:
    (record,) = await swarm.directory.spans(swarm.manifest.digest)
    return record


async def until_work_shows(swarm: PrivateSwarm, server: ServerProcess) -> SpanRecord:
    async with asyncio.timeout(SECONDS):
        while True:
            record = await announced(swarm)
            if server.report.capacity_tokens_per_s and record.busy > 0.05:
                return record
            await asyncio.sleep(0.2)


async def test_a_wishful_estimate_gives_way_to_work(starter_store) -> None:
    store, manifest = starter_store
    async with PrivateSwarm.open(store, manifest) as swarm:
        server = await swarm.add(*LAYERS, threads=1, tokens_per_s=WISHFUL)
        await server.online()
        at_first = await announced(swarm)
        assert (at_first.busy, server.report.capacity_tokens_per_s) == (0, 0)
        width = manifest.config["hidden_size"]
        sessions = [asyncio.create_task(keep_busy(swarm, server, width)) for _ in range(SESSIONS)]
        worked = await until_work_shows(swarm, server)
        rate = server.report.tokens_per_s  # less than it could: it waits for this process, too
        for session in sessions:
            session.cancel()
            with suppress(asyncio.CancelledError, PeerUnreachable):
                await session
        assert max(worked.tokens_per_s, at_first.tokens_per_s) < WISHFUL / 100
        assert worked.tokens_per_s != at_first.tokens_per_s  # which was cut to what one step alone took
        assert rate / 4 < server.report.capacity_tokens_per_s
        assert 1 / 2 < server.report.capacity_tokens_per_s / worked.tokens_per_s < 2
        assert 0 < server.report.busy <= 1
