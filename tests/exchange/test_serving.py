"""What a server of parts says to peers that ask well, badly, too much, or not at all."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from engine.errors import PeerUnreachable
from engine.exchange.serving import SLICE_BYTES, PartServer, PartSource, ServingLimits
from engine.network.stream import PeerStream
from engine.weights.content_hash import CHUNK_BYTES, chunk_hashes
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore
from engine.wire import frames
from engine.wire.parts import (
    Answer,
    AskChunk,
    AskHashes,
    AskManifest,
    AskOffer,
    Found,
    PartsRefusal,
    Question,
    Refused,
    receive_answer,
)
from tests.exchange.memory_swarm import FaultyStore, stream_pair
from tests.exchange.small_parts import SmallModel, small_model

MISSING, BUSY = Refused(code=PartsRefusal.MISSING), Refused(code=PartsRefusal.BUSY)


@pytest.fixture
def theirs(tmp_path: Path, model: SmallModel) -> LayerStore:
    """A store without the last layer."""
    return model.store_at(tmp_path / "theirs", model.manifest.parts()[:-1])


@asynccontextmanager
async def dialled(server: PartServer, peer: str = "a") -> AsyncIterator[PeerStream]:
    """An open stream to the server; when it is closed, the server's handler ends by itself."""
    ours, at_server = await stream_pair("server", peer)
    handling = asyncio.create_task(server.handle(at_server))
    handling.add_done_callback(lambda _: at_server.close())
    try:
        yield ours
    finally:
        ours.close()
        async with asyncio.timeout(30):
            await handling


async def ask(stream: PeerStream, question: Question, payload: bytes = b"") -> tuple[Answer, bytes]:
    await frames.send(stream, question, payload)
    async with asyncio.timeout(30):
        return await receive_answer(stream, 1 << 24)


async def test_a_manifest_is_told_to_who_knows_its_digest(theirs, model) -> None:
    async with dialled(PartServer(theirs)) as stream:
        answer, data = await ask(stream, AskManifest(model=model.manifest.digest))
        assert answer == Found()
        assert Manifest.from_json(data) == model.manifest
        assert await ask(stream, AskManifest(model="0f" * 32)) == (MISSING, b"")


async def test_an_offer_tells_what_is_here(theirs, model) -> None:
    names = b"".join(bytes.fromhex(part.digest) for part in model.layers)
    async with dialled(PartServer(theirs)) as stream:
        question = AskOffer(model=model.manifest.digest)
        assert await ask(stream, question, names + bytes(32)) == (Found(), b"\1\1\1\1\1\0\0")
        assert await ask(stream, question) == (Found(), b"")


async def test_hashes_and_chunks(theirs, model) -> None:
    part, digest = model.layers[0], model.manifest.digest
    data = model.data[part]
    async with dialled(PartServer(theirs)) as stream:
        assert await ask(stream, AskHashes(model=digest, part=part.digest)) == (Found(), chunk_hashes(data))
        for index in range(3):
            chunk = data[index * CHUNK_BYTES : (index + 1) * CHUNK_BYTES]
            question = AskChunk(model=digest, part=part.digest, index=index)
            assert await ask(stream, question) == (Found(), chunk)


async def test_questions_may_follow_each_other_without_waiting(theirs, model) -> None:
    part, digest = model.layers[0], model.manifest.digest
    async with dialled(PartServer(theirs)) as stream:
        for index in (2, 7, 0):
            await frames.send(stream, AskChunk(model=digest, part=part.digest, index=index))
        answers = [await receive_answer(stream, CHUNK_BYTES) for _ in range(3)]
    assert [(answer, len(data)) for answer, data in answers] == [
        (Found(), part.size - 2 * CHUNK_BYTES),
        (MISSING, 0),
        (Found(), CHUNK_BYTES),
    ]


async def test_what_is_not_here_is_missing_and_the_talk_goes_on(theirs, model) -> None:
    digest, last = model.manifest.digest, model.layers[-1]
    other = small_model(seed=1)
    theirs.put(other.data[other.layers[0]])  # a part, but of no model whose manifest is here
    async with dialled(PartServer(theirs)) as stream:
        for question in (
            AskHashes(model=digest, part=last.digest),
            AskChunk(model=digest, part=last.digest, index=0),
            AskChunk(model=digest, part=model.layers[0].digest, index=3),
            AskChunk(model=digest, part=other.layers[0].digest, index=0),
            AskChunk(model=other.manifest.digest, part=other.layers[0].digest, index=0),
            AskHashes(model=other.manifest.digest, part=other.layers[0].digest),
        ):
            assert await ask(stream, question) == (MISSING, b"")
        assert (await ask(stream, AskManifest(model=digest)))[0] == Found()


async def test_a_damaged_part_is_missing_rather_than_wrong(theirs, model) -> None:
    part = model.layers[0]
    theirs.path(part).write_bytes(bytes(part.size))
    async with dialled(PartServer(theirs)) as stream:
        question = AskChunk(model=model.manifest.digest, part=part.digest, index=0)
        assert await ask(stream, question) == (MISSING, b"")


async def test_nonsense_ends_the_talk_with_a_reason(theirs) -> None:
    async with dialled(PartServer(theirs)) as stream:
        await stream.send(b"\0\0\0\1\0\0\0\0!")
        assert await receive_answer(stream, 0) == (Refused(code=PartsRefusal.BAD_MESSAGE), b"")
        with pytest.raises(PeerUnreachable):
            await stream.receive(1)


async def test_streams_are_counted_by_peer_and_in_all(theirs, model) -> None:
    server = PartServer(theirs, ServingLimits(streams=3, streams_of_a_peer=2))
    question = AskManifest(model=model.manifest.digest)
    async with dialled(server, "a") as first, dialled(server, "a") as second:
        assert (await ask(first, question))[0] == (await ask(second, question))[0] == Found()
        async with dialled(server, "a") as third:
            assert await receive_answer(third, 0) == (BUSY, b"")
        async with dialled(server, "b") as other:
            assert (await ask(other, question))[0] == Found()
            async with dialled(server, "c") as fourth:
                assert await receive_answer(fourth, 0) == (BUSY, b"")
    async with dialled(server, "a") as again:
        assert (await ask(again, question))[0] == Found()


async def test_a_peer_that_says_nothing_is_let_go(theirs) -> None:
    async with dialled(PartServer(theirs, ServingLimits(idle_seconds=0.05))) as stream:
        async with asyncio.timeout(30):
            with pytest.raises(PeerUnreachable):
                await stream.receive(1)


async def test_a_peer_that_does_not_read_is_let_go(theirs, model) -> None:
    server = PartServer(theirs, ServingLimits(slice_seconds=0.1))
    part, digest = model.layers[0], model.manifest.digest
    ours, at_server = await stream_pair("server", "a")
    handling = asyncio.create_task(server.handle(at_server))
    for _ in range(10):
        await frames.send(ours, AskChunk(model=digest, part=part.digest, index=0))
    async with asyncio.timeout(30):
        await handling
    ours.close()
    at_server.close()
    assert server.sent_bytes < 10 * CHUNK_BYTES


async def test_more_than_may_be_sent_soon_is_refused(theirs, model) -> None:
    limits = ServingLimits(upload_bytes_per_s=1000.0, wait_seconds=5.0)
    server = PartServer(theirs, limits)
    part, digest = model.layers[0], model.manifest.digest
    question = AskChunk(model=digest, part=part.digest, index=0)
    async with dialled(server) as stream:
        assert (await ask(stream, question))[0] == Found()  # a debt of 1000 s
        assert await ask(stream, question) == (Refused(code=PartsRefusal.TOO_FAST), b"")


async def test_disks_are_read_beside_the_event_loop_and_large_answers_leave_in_slices(theirs, model) -> None:
    readers: set[int] = set()

    class Watched(FaultyStore):
        def __init__(self, honest: LayerStore) -> None:
            super().__init__(honest)
            self.read_chunk = lambda *which: self._note(honest.read_chunk, *which)
            self.manifests = lambda: self._note(honest.manifests)

        def _note(self, work: Callable[..., object], *args: object) -> object:
            readers.add(threading.get_ident())
            return work(*args)

    sent: list[int] = []

    class Counting:
        peer = "a"

        def __init__(self, stream: PeerStream) -> None:
            self.receive = stream.receive
            self._stream = stream

        async def send(self, *buffers: frames.Payload) -> None:
            sent.append(sum(map(len, buffers)))
            await self._stream.send(*buffers)

    ours, at_server = await stream_pair("server", "a")
    source: PartSource = Watched(theirs)
    handling = asyncio.create_task(PartServer(source).handle(Counting(at_server)))
    question = AskChunk(model=model.manifest.digest, part=model.layers[0].digest, index=0)
    assert (await ask(ours, question))[0] == Found()
    ours.close()
    await handling
    at_server.close()
    assert threading.get_ident() not in readers
    assert readers
    assert len(sent) == CHUNK_BYTES / SLICE_BYTES
    assert max(sent) < SLICE_BYTES + 100


async def test_a_model_that_arrives_is_served_soon(tmp_path, model, monkeypatch) -> None:
    monkeypatch.setattr("engine.exchange.serving.KNOWN_SECONDS", 0.0)
    store = LayerStore(tmp_path / "empty")
    question = AskManifest(model=model.manifest.digest)
    async with dialled(PartServer(store)) as stream:
        assert (await ask(stream, question))[0] == MISSING
        model.fill(store)
        assert (await ask(stream, question))[0] == Found()


async def test_unknown_models_do_not_have_the_store_searched_each_time(theirs) -> None:
    searched: list[None] = []

    class Counted(FaultyStore):
        def __init__(self, honest: LayerStore) -> None:
            super().__init__(honest)
            self.manifests = lambda: searched.append(None) or honest.manifests()

    async with dialled(PartServer(Counted(theirs))) as stream:
        for number in range(5):
            assert (await ask(stream, AskManifest(model=f"{number:064x}")))[0] == MISSING
    assert len(searched) == 1
