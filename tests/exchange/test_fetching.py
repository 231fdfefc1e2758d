"""Whole fetches in memory: what arrives is right whatever some of the servers do."""

import asyncio
import logging
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from engine.errors import DiskFull, PartsMissing
from engine.exchange.fetching import FetchProgress, FetchSettings
from engine.exchange.rate import BURST_SECONDS
from engine.exchange.serving import ServingLimits
from engine.weights.content_hash import CHUNK_BYTES
from engine.weights.manifest import Part
from engine.weights.store.layer_store import LayerStore
from engine.wire import frames
from engine.wire.parts import PARTS_PROTOCOL, AskManifest, receive_answer
from engine.wire.records import ServerState
from tests.exchange.memory_swarm import (
    IMPATIENT,
    DiesMidChunk,
    FaultyStore,
    MemorySwarm,
    Silent,
    Slow,
)
from tests.exchange.small_parts import SmallModel

PATIENT = replace(IMPATIENT, patience_seconds=30.0)


async def fetched(
    swarm: MemorySwarm, store: LayerStore, model: SmallModel, settings: FetchSettings = PATIENT
) -> FetchProgress:
    """All layers, checked byte by byte; the last progress."""
    seen: list[FetchProgress] = []
    store.save_manifest(model.manifest)
    async with asyncio.timeout(30):
        await swarm.fetcher(store, settings).fetch(model.layers, model.manifest.digest, seen.append)
    for part in model.layers:
        assert store.read(part) == model.data[part]
    assert seen[-1].done_bytes == seen[-1].total_bytes == sum(part.size for part in model.layers)
    return seen[-1]


async def test_a_manifest_comes_from_whoever_has_it_and_is_kept(swarm, store, model) -> None:
    swarm.add(model).vanish()
    swarm.add(model)
    assert await swarm.fetcher(store).manifest(model.manifest.digest) == model.manifest
    assert store.manifest(model.manifest.digest) == model.manifest


async def test_a_manifest_that_nobody_has_is_named(swarm, store, model) -> None:
    with pytest.raises(PartsMissing, match=f"knows model {model.manifest.digest[:12]}: try again"):
        await swarm.fetcher(store).manifest(model.manifest.digest)


async def test_another_models_manifest_is_not_taken(swarm, store, model) -> None:
    class Forger(FaultyStore):
        def __init__(self, honest: LayerStore) -> None:
            super().__init__(honest)
            self.manifests = lambda: (forged,)

    forged = model.manifest.model_copy(update={"context": 65})
    forged.__dict__["digest"] = model.manifest.digest  # what it claims to be
    swarm.add(model, store=Forger)
    with pytest.raises(PartsMissing):
        await swarm.fetcher(store).manifest(model.manifest.digest)


async def test_everything_from_one(swarm, store, model) -> None:
    peer = swarm.add(model)
    progress = await fetched(swarm, store, model)
    assert peer.server.sent_bytes > progress.total_bytes


async def test_a_server_that_drains_or_joins_still_passes_on(swarm, store, model) -> None:
    swarm.add(model, model.layers[:3], state=ServerState.DRAINING)
    swarm.add(model, model.layers[3:], state=ServerState.JOINING)
    await fetched(swarm, store, model)


async def test_half_of_the_parts_at_each_of_three(swarm, store, model) -> None:
    for start in range(3):
        swarm.add(model, [model.layers[(start * 2 + i) % 6] for i in range(3)])
    progress = await fetched(swarm, store, model)
    sent = [peer.server.sent_bytes for peer in swarm.peers.values()]
    assert min(sent) > CHUNK_BYTES
    assert sum(sent) < 1.5 * progress.total_bytes


async def test_a_fast_peer_takes_what_a_slow_one_would_hold_up(swarm, store, model) -> None:
    fast, slow = swarm.add(model), swarm.add(model, stream=Slow)
    await fetched(swarm, store, model)
    assert fast.server.sent_bytes > 2 * slow.server.sent_bytes


async def test_parts_are_asked_for_in_order(swarm, store, model) -> None:
    asked: list[Part] = []

    class Noting(FaultyStore):
        def __init__(self, honest: LayerStore) -> None:
            super().__init__(honest)
            self.read_chunk = lambda part, index: asked.append(part) or honest.read_chunk(part, index)

    swarm.add(model, store=Noting)
    order = model.layers[::-1]
    await swarm.fetcher(store).fetch(order, model.manifest.digest)
    places = [order.index(part) for part in asked]
    early = sum(abs(place - in_order) for place, in_order in zip(places, sorted(places), strict=True))
    assert early <= len(places)  # neighbours may change places


# --- faults


class WrongBytes(FaultyStore):
    def __init__(self, honest: LayerStore) -> None:
        super().__init__(honest)
        self.read_chunk = lambda part, index: bytes(len(honest.read_chunk(part, index)))


class WrongHashes(FaultyStore):
    def __init__(self, honest: LayerStore) -> None:
        super().__init__(honest)
        self.hashes_of = lambda part: bytes(len(honest.hashes_of(part)))


class ShortChunks(FaultyStore):
    def __init__(self, honest: LayerStore) -> None:
        super().__init__(honest)
        self.read_chunk = lambda part, index: honest.read_chunk(part, index)[:-1]


class LongChunks(FaultyStore):
    def __init__(self, honest: LayerStore) -> None:
        super().__init__(honest)
        self.read_chunk = lambda part, index: honest.read_chunk(part, index) + b"!"


class OffersEverything(FaultyStore):
    def __init__(self, honest: LayerStore) -> None:
        super().__init__(honest)
        self.has = lambda part: True


@pytest.mark.parametrize("lie", [WrongBytes, WrongHashes])
async def test_who_sends_wrong_bytes_is_dropped_and_named(swarm, store, model, lie, caplog) -> None:
    liar = swarm.add(model, store=lie)
    swarm.add(model, stream=Slow)  # so that the liar has a say
    await fetched(swarm, store, model)
    assert liar.dialled == 1
    assert [r.message for r in caplog.records if r.levelno >= logging.WARNING] == [
        f"{liar.peer} sent wrong bytes for Small and is asked no more"
    ]


@pytest.mark.parametrize("lie", [ShortChunks, LongChunks])
async def test_answers_of_the_wrong_size_are_asked_elsewhere(swarm, store, model, lie) -> None:
    swarm.add(model, store=lie)
    swarm.add(model, stream=Slow)
    await fetched(swarm, store, model)


async def test_offers_that_are_not_kept_cost_only_a_question(swarm, store, model) -> None:
    swarm.add(model, model.layers[:1], store=OffersEverything)
    swarm.add(model)
    await fetched(swarm, store, model)


@pytest.mark.parametrize("manner", [DiesMidChunk, Silent])
async def test_who_dies_or_goes_silent_is_replaced_and_not_called_a_liar(
    swarm, store, model, manner, caplog
) -> None:
    swarm.add(model, stream=manner)
    swarm.add(model, stream=Slow)
    await fetched(swarm, store, model)
    assert "wrong bytes" not in caplog.text


async def test_one_silent_peer_does_not_hold_up_the_end(swarm, store, model) -> None:
    class HangsInTheMiddle(Slow):
        sent = 0

        async def send(self, *buffers) -> None:
            if HangsInTheMiddle.sent > CHUNK_BYTES:
                await asyncio.Event().wait()
            HangsInTheMiddle.sent += sum(map(len, buffers))
            await super().send(*buffers)

    swarm.add(model, stream=HangsInTheMiddle)
    swarm.add(model)
    patient = swarm.fetcher(store, replace(IMPATIENT, answer_seconds=60.0))
    async with asyncio.timeout(30):
        await patient.fetch(model.layers, model.manifest.digest)


async def test_a_peer_that_comes_back_goes_on(swarm, store, model) -> None:
    class BreaksOnce(DiesMidChunk):
        broken = False

        async def send(self, *buffers) -> None:
            if BreaksOnce.broken:
                await self.stream.send(*buffers)
            else:
                BreaksOnce.broken = sum(map(len, buffers)) >= 100_000
                await super().send(*buffers)

    peer = swarm.add(model, stream=BreaksOnce)
    await fetched(swarm, store, model)
    assert peer.dialled == 2


async def test_a_peer_that_comes_later_is_found(swarm, store, model) -> None:
    swarm.add(model, model.layers[:2])
    fetching = asyncio.create_task(fetched(swarm, store, model))
    await asyncio.sleep(0.1)
    swarm.add(model, model.layers[2:])
    await fetching


async def test_a_peer_that_is_far_away_is_waited_for(swarm, store, model) -> None:
    swarm.add(model).dial_seconds = 0.5
    store.save_manifest(model.manifest)
    hasty = swarm.fetcher(store, replace(IMPATIENT, patience_seconds=0.1))
    await hasty.fetch(model.layers[:1], model.manifest.digest)
    assert store.has(model.layers[0])


# --- what nobody has


async def test_layers_that_nobody_has_are_named_and_the_others_arrive(swarm, store, model) -> None:
    swarm.add(model, [part for part in model.layers if part not in (model.layers[1], model.layers[4])])
    with pytest.raises(PartsMissing, match=r"^Small cannot .* has layers 2, 5 of 6; try again later, or"):
        await swarm.fetcher(store).fetch(model.layers, model.manifest.digest)
    assert [store.has(part) for part in model.layers] == [True, False, True, True, False, True]


async def test_only_liars_end_in_missing_parts(swarm, store, model) -> None:
    swarm.add(model, store=WrongBytes)
    swarm.add(model, store=WrongHashes)
    with pytest.raises(PartsMissing, match="layers 1–6 of 6"):
        await swarm.fetcher(store).fetch(model.layers, model.manifest.digest)


async def test_who_has_forgotten_the_model_is_not_busy(swarm, store, model) -> None:
    class Forgetful(FaultyStore):
        def __init__(self, honest: LayerStore) -> None:
            super().__init__(honest)
            self.manifests = tuple

    swarm.add(model, store=Forgetful)
    store.save_manifest(model.manifest)
    with pytest.raises(PartsMissing) as missing:
        await swarm.fetcher(store).fetch(model.layers, model.manifest.digest)
    assert "busy" not in str(missing.value)


async def test_parts_of_another_model_are_the_callers_mistake(swarm, store, model) -> None:
    swarm.add(model)
    with pytest.raises(ValueError, match="not parts of Small"):
        await swarm.fetcher(store).fetch([Part("ab" * 32, 5)], model.manifest.digest)


@pytest.fixture
def soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is busy is asked again after a short time."""
    monkeypatch.setattr("engine.exchange.roster.LATER_SECONDS", 0.2)


@pytest.mark.usefixtures("soon_again")
async def test_a_busy_server_is_waited_for(swarm, store, model) -> None:
    limits = ServingLimits(streams=1)
    peer = swarm.add(model, limits=limits)
    async with AsyncExitStack() as stack:
        other = await swarm.open(peer.peer, PARTS_PROTOCOL)
        stack.callback(other.close)
        await frames.send(other, AskManifest(model=model.manifest.digest))
        await receive_answer(other, 1 << 20)
        fetching = asyncio.create_task(fetched(swarm, store, model, IMPATIENT))
        await asyncio.sleep(1.0)  # longer than the patience with missing parts
        assert not fetching.done()
    await fetching


@pytest.mark.usefixtures("soon_again")
async def test_a_server_that_sends_slowly_for_all_is_asked_again(swarm, store, model) -> None:
    limits = ServingLimits(upload_bytes_per_s=12e6, wait_seconds=0.0)
    swarm.add(model, limits=limits)
    await fetched(swarm, store, model)


async def test_the_download_rate_holds_over_all_peers(swarm, store, model) -> None:
    swarm.add(model)
    swarm.add(model)
    store.save_manifest(model.manifest)
    limited = replace(IMPATIENT, download_bytes_per_s=5e6, patience_seconds=0.1)
    began = time.monotonic()
    await swarm.fetcher(store, limited).fetch(model.layers[:2], model.manifest.digest)
    at_once = 5e6 * BURST_SECONDS + CHUNK_BYTES  # the first burst, and the last chunk's debt
    assert time.monotonic() - began > (2 * model.layers[0].size - at_once) / 5e6


# --- interruptions


async def test_a_cancelled_fetch_is_gone_on_with(swarm, store, model) -> None:
    peer = swarm.add(model, stream=Slow)
    under_way = asyncio.Event()

    def watch(progress: FetchProgress) -> None:
        if progress.done_bytes >= CHUNK_BYTES:
            under_way.set()

    fetching = asyncio.create_task(swarm.fetcher(store).fetch(model.layers, model.manifest.digest, watch))
    await under_way.wait()
    fetching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetching
    before = peer.server.sent_bytes
    progress = await fetched(swarm, store, model)
    assert peer.server.sent_bytes - before < progress.total_bytes - CHUNK_BYTES + 10_000


async def test_two_fetches_of_the_same_parts_share_the_work(swarm, store, model) -> None:
    peer = swarm.add(model)
    await asyncio.gather(fetched(swarm, store, model), fetched(swarm, store, model))
    assert peer.server.sent_bytes < 1.5 * sum(part.size for part in model.layers)


async def test_a_failing_disk_ends_the_fetch(swarm, store, model) -> None:
    class Full(FaultyStore):
        def __init__(self, honest: LayerStore) -> None:
            super().__init__(honest)
            self.manifest, self.save_manifest = honest.manifest, honest.save_manifest

        def assembly(self, part: Part, hashes: bytes):
            raise DiskFull("The disk is full.")

    swarm.add(model)
    with pytest.raises(DiskFull):
        await swarm.fetcher(Full(store)).fetch(model.layers, model.manifest.digest)


async def test_a_killed_fetch_is_gone_on_with(swarm, store, model, tmp_path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.exchange.interrupted", str(tmp_path)), stdout=asyncio.subprocess.PIPE
    )
    arrived = 0
    async with asyncio.timeout(30):
        while arrived < 3 * CHUNK_BYTES:
            arrived = int(await process.stdout.readline())
    process.kill()
    await process.wait()
    peer = swarm.add(model)
    progress = await fetched(swarm, store, model)
    assert peer.server.sent_bytes < progress.total_bytes - arrived + 10_000
