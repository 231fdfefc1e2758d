"""What real block servers say of themselves, once they have measured it."""

import asyncio
import time

import pytest

from engine.private_swarm import PrivateSwarm
from engine.wire.records import SpanRecord

pytestmark = pytest.mark.starter

SECONDS = 90.0  # in which records with measurements must be there


def is_measured(record: SpanRecord) -> bool:
    return record.coordinates is not None and record.coordinates.height > 0 and record.upload_bytes_per_s > 0


async def measured_records(swarm: PrivateSwarm) -> tuple[SpanRecord, ...]:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        records = await swarm.directory.spans(swarm.manifest.digest)
        if len(records) == 2 and all(map(is_measured, records)):
            return records
        await asyncio.sleep(0.2)
    raise AssertionError(f"not measured in time: {records}")


async def test_servers_find_their_places_and_speeds(starter_store) -> None:
    store, manifest = starter_store
    async with PrivateSwarm.open(store, manifest) as swarm:
        await swarm.add_all([(0, 2), (2, 4)], threads=1)
        for record in await measured_records(swarm):
            assert record.tokens_per_s > 0
            assert record.upload_bytes_per_s > 1000
