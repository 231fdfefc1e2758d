"""The desk with real processes: a real worker that verifies, and stand-ins for imports."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from engine.api.store_schema import (
    ExportOrder,
    FetchOrder,
    ImportOrder,
    KeptOrder,
    LimitOrder,
    MoveOrder,
    Transfer,
    TransferKind,
    TransferState,
    VerifyOrder,
)
from engine.errors import BadRequest, UnknownModel
from engine.exchange.progress import FetchProgress
from engine.transfers import desk as desk_module
from engine.transfers.board import TransferBoard
from engine.transfers.desk import OnFetched, StoreDesk, anchored
from engine.transfers.jobs import MoveJob
from engine.transfers.relocation import Relocation
from engine.transfers.work import WORKER_COMMAND
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore
from tests.stored_models import LAYER_BYTES, damage, stored_model

STAND_IN = (sys.executable, str(Path(__file__).with_name("stand_in_worker.py")))


@pytest.fixture
def store(tmp_path: Path) -> LayerStore:
    return LayerStore(tmp_path / "layers")


def order(manner: str) -> ImportOrder:
    """How the stand-in shall behave."""
    return ImportOrder(source=f"package:{manner}", name=manner)


class Watched:
    """A desk, and a way to wait for what its board shows."""

    def __init__(self, store: LayerStore, command: tuple[str, ...] | None) -> None:
        self._changed = asyncio.Event()
        self.store = store
        self.board = TransferBoard(self._changed.set)
        relocation = Relocation(store.root.parent / "place.json", store.root)
        self.desk = StoreDesk(store, self.board, relocation, self.bring, command or WORKER_COMMAND)

    async def bring(self, digest: str, on_progress: OnFetched) -> Manifest:
        on_progress(FetchProgress(1, 2))
        return self.store.manifest(digest)

    async def until(self, transfer: Transfer, *states: TransferState) -> Transfer:
        async with asyncio.timeout(30):
            while True:
                now = next(t for t in self.board.transfers if t.id == transfer.id)
                if now.state in states:
                    return now
                self._changed.clear()
                await self._changed.wait()

    async def end_of(self, transfer: Transfer) -> Transfer:
        return await self.until(transfer, TransferState.DONE, TransferState.FAILED, TransferState.CANCELLED)

    async def started(self, source: str) -> tuple[Transfer, int]:
        """An import that has said something, and its process."""
        transfer = await self.desk.start_import(order(source))
        async with asyncio.timeout(30):
            while not next(t for t in self.board.transfers if t.id == transfer.id).done_bytes:
                self._changed.clear()
                await self._changed.wait()
        return transfer, int((self.store.root / f"{source}.pid").read_text())


@pytest.fixture
async def importer(store: LayerStore) -> AsyncIterator[Watched]:
    watched = Watched(store, STAND_IN)
    yield watched
    await watched.desk.close()


@pytest.fixture
async def verifier(store: LayerStore) -> AsyncIterator[Watched]:
    watched = Watched(store, None)
    yield watched
    await watched.desk.close()


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid)


# --- imports


async def test_an_import_from_its_begin_to_its_end(importer: Watched):
    begun = await importer.desk.start_import(order("large"))
    assert (begun.state, begun.model) == (TransferState.WAITING, "large")
    ended = await importer.end_of(begun)
    assert (ended.state, ended.outcome) == (TransferState.DONE, "large is in the layer store.")
    assert (ended.done_bytes, ended.total_bytes) == (100, 100)


@pytest.mark.parametrize(
    ("source", "state", "sentence"),
    [
        ("fails", TransferState.FAILED, "The disk is full: free 5 GB."),
        ("dies", TransferState.FAILED, "broke off (status 9, out of memory)"),
        ("babbles", TransferState.DONE, ""),
    ],
)
async def test_how_an_import_may_end(importer: Watched, source, state, sentence):
    ended = await importer.end_of(await importer.desk.start_import(order(source)))
    assert ended.state is state
    assert sentence in ended.failure


async def test_a_worker_that_cannot_be_started(store: LayerStore):
    watched = Watched(store, ("/nonexistent/python",))
    ended = await watched.end_of(await watched.desk.start_import(order("any")))
    assert "cannot be started (No such file" in ended.failure


@pytest.mark.parametrize("source", ["hangs", "hangs_deaf"])
async def test_cancelling_ends_the_process(importer: Watched, source, monkeypatch):
    monkeypatch.setattr("engine.transfers.work.POLITE_SECONDS", 0.2)
    transfer, pid = await importer.started(source)
    assert not is_gone(pid)
    importer.desk.cancel(transfer.id)
    assert (await importer.end_of(transfer)).state is TransferState.CANCELLED
    assert is_gone(pid)


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("/models/large", "/models/large"),
        ("package:small", "package:small"),
        ("hub:owner/name", "hub:owner/name"),
        ("owner/name", "hub:owner/name"),  # whatever folder of that name lies where the engine was started
        ("./owner/name", None),
        ("~/model", None),
        ("model", None),
        ("a/b/c", None),
    ],
)
def test_a_source_means_the_same_in_every_folder(source, wanted):
    if wanted is None:
        with pytest.raises(BadRequest, match="name a whole path"):
            anchored(source)
    else:
        assert anchored(source) == wanted


async def test_one_after_another_and_the_same_only_once(importer: Watched):
    first, _ = await importer.started("hangs")
    second = await importer.desk.start_import(order("large"))
    assert (await importer.desk.start_import(order("large"))).id == second.id
    await asyncio.sleep(0.1)
    assert importer.board.transfers[-1].state is TransferState.WAITING
    importer.desk.cancel(first.id)
    assert (await importer.end_of(second)).state is TransferState.DONE
    assert (await importer.desk.start_import(order("large"))).id != second.id


async def test_two_models_may_be_given_one_name(importer: Watched):
    await importer.started("hangs")
    first = await importer.desk.start_import(ImportOrder(source="package:large", name="soup"))
    other = await importer.desk.start_import(ImportOrder(source="package:fails", name="soup"))
    assert first.id != other.id


async def test_one_that_waits_can_be_cancelled(importer: Watched):
    await importer.started("hangs")
    waiting = await importer.desk.start_import(order("large"))
    importer.desk.cancel(waiting.id)
    assert (await importer.end_of(waiting)).state is TransferState.CANCELLED
    assert not (importer.store.root / "large.pid").exists()


async def test_only_so_many_wait(importer: Watched, monkeypatch):
    monkeypatch.setattr(desk_module, "MAX_WAITING", 2)
    await importer.started("hangs")
    await importer.desk.start_import(order("large"))
    with pytest.raises(BadRequest, match="Too much work"):
        await importer.desk.start_import(order("other"))


async def test_nothing_outlives_the_desk(importer: Watched):
    _, pid = await importer.started("hangs")
    await importer.desk.start_import(order("large"))
    await importer.desk.close()
    assert is_gone(pid)
    assert {t.state for t in importer.board.transfers} == {TransferState.CANCELLED}


async def test_a_worker_ends_with_its_engine(store: LayerStore):
    """As after a kill -9: nobody says anything, its standard input just ends."""
    manifest = stored_model(store)
    reading, writing = os.pipe()
    job = f'{{"kind": "verify", "model": "{manifest.digest}"}}'
    command = (sys.executable, "-c", DAWDLING, str(store.root), job)
    process = await asyncio.create_subprocess_exec(*command, stdin=reading, stdout=asyncio.subprocess.PIPE)
    os.close(reading)
    assert await process.stdout.readline() == b"working\n"
    os.close(writing)
    async with asyncio.timeout(30):
        assert await process.wait() == 1


DAWDLING = """
import sys, time
from engine.transfers import worker
worker.LAST_SECONDS = 0.1
def perform(*_):
    print("working", flush=True)
    time.sleep(3600)
worker.perform = perform
worker.main(*sys.argv[1:])
"""


# --- verifying


async def test_verifying_with_the_real_worker(verifier: Watched):
    whole = stored_model(verifier.store, "whole")
    broken = stored_model(verifier.store, "broken", seed=1)
    begun = await verifier.desk.start_verify(VerifyOrder(model=whole.digest))
    ended = await verifier.end_of(begun)
    assert (ended.model, ended.state) == ("whole", TransferState.DONE)
    assert ended.outcome == "Nothing is damaged: 5 parts, 12 MB."
    damage(verifier.store, broken.layers[1])
    ended = await verifier.end_of(await verifier.desk.start_verify(VerifyOrder()))
    assert ended.done_bytes == ended.total_bytes > 0
    assert "1 of 8 parts was damaged and is removed. broken lacks layer 2 now: " in ended.outcome
    assert not verifier.store.has(broken.layers[1])


async def test_verifying_what_is_not_there(verifier: Watched):
    with pytest.raises(UnknownModel):
        await verifier.desk.start_verify(VerifyOrder(model="0" * 64))
    assert verifier.board.transfers == ()


# --- at once


async def test_what_the_store_holds(verifier: Watched):
    half = stored_model(verifier.store, "half", here=2)
    await verifier.desk.keep(half.digest, KeptOrder(kept=True))
    status = await verifier.desk.status()
    [model] = status.models
    assert [layer.present for layer in model.layers] == [True, True, False]
    assert (model.kept, model.shell_present, model.complete) == (True, True, False)
    assert model.size - model.present_size == LAYER_BYTES
    assert model.last_used is not None
    assert status.held_size == model.present_size
    assert not status.limit_chosen


async def test_limit_remove_and_clear(verifier: Watched):
    first = stored_model(verifier.store, "first")
    second = stored_model(verifier.store, "second", seed=1)
    status = await verifier.desk.set_limit(LimitOrder(limit=10**9))
    assert (status.limit, status.limit_chosen) == (10**9, True)
    assert (await verifier.desk.remove(first.digest)).size == 3 * LAYER_BYTES  # the shell is shared
    await verifier.desk.keep(second.digest, KeptOrder(kept=True))
    assert (await verifier.desk.clear()).size == 0
    status = await verifier.desk.keep(second.digest, KeptOrder(kept=False))
    assert [model.name for model in status.models] == ["second"]
    assert (await verifier.desk.clear()).size == status.held_size
    for order in (verifier.desk.remove(first.digest), verifier.desk.keep("../..", KeptOrder(kept=True))):
        with pytest.raises(UnknownModel):
            await order


# --- into, out of, and to another place


async def test_fetching_all_of_a_model_keeps_it(verifier: Watched):
    manifest = stored_model(verifier.store, "soup")
    begun = await verifier.desk.start_fetch(FetchOrder(model=manifest.digest, name="soup"))
    assert (begun.kind, begun.model, begun.cancellable) == (TransferKind.FETCH, "soup", True)
    ended = await verifier.end_of(begun)
    assert (ended.outcome, ended.done_bytes) == ("soup is in the layer store: 3 layers, 12 MB.", 1)
    assert verifier.store.kept() == {manifest.digest}


async def test_a_model_that_nobody_has(verifier: Watched):
    ended = await verifier.end_of(await verifier.desk.start_fetch(FetchOrder(model="0" * 64)))
    assert ended.state is TransferState.FAILED
    assert "There is no model called" in ended.failure
    assert verifier.store.kept() == frozenset()


async def test_moving_with_the_real_worker(verifier: Watched, tmp_path: Path):
    manifest = stored_model(verifier.store)
    begun = await verifier.desk.start_move(MoveOrder(folder=str(tmp_path / "disk")))
    assert begun.kind is TransferKind.MOVE
    with pytest.raises(BadRequest, match="drop that one first"):
        await verifier.desk.start_move(MoveOrder(folder=str(tmp_path / "other")))
    ended = await verifier.end_of(begun)
    assert "are copied to" in ended.outcome
    assert LayerStore(tmp_path / "disk").complete(manifest)
    status = await verifier.desk.status()
    assert status.next_path == str(tmp_path / "disk")
    assert (await verifier.desk.stay()).next_path == ""
    assert not (tmp_path / "disk").exists()
    assert verifier.store.complete(manifest)


async def test_a_move_that_was_cancelled_can_be_dropped(verifier: Watched, tmp_path: Path):
    manifest = stored_model(verifier.store)
    begun = await verifier.desk.start_move(MoveOrder(folder=str(tmp_path / "disk")))
    with pytest.raises(BadRequest, match="being copied"):
        await verifier.desk.stay()
    assert (await verifier.desk.status()).begun_path == ""
    verifier.desk.cancel(begun.id)
    assert (await verifier.end_of(begun)).state is TransferState.CANCELLED
    await asyncio.sleep(0)
    assert (await verifier.desk.status()).begun_path == str(tmp_path / "disk")
    with pytest.raises(BadRequest, match="drop that one first"):
        await verifier.desk.start_move(MoveOrder(folder=str(tmp_path / "other")))
    assert (await verifier.desk.stay()).begun_path == ""
    assert LayerStore(tmp_path / "disk").usage().total_bytes == 0
    assert verifier.store.complete(manifest)


async def test_a_move_that_is_killed_goes_on_where_it_was(verifier: Watched, tmp_path: Path):
    manifest = stored_model(verifier.store, n_layers=20)
    job = MoveJob(folder=str(tmp_path / "disk")).model_dump_json()
    command = (*WORKER_COMMAND, str(verifier.store.root), job)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    async with asyncio.timeout(30):
        while not list((tmp_path / "disk").glob("parts/??/*")):
            assert await process.stdout.readline()
    process.kill()
    await process.wait()
    here = {path.name: path.stat().st_ino for path in (tmp_path / "disk").glob("parts/??/*")}
    ended = await verifier.end_of(await verifier.desk.start_move(MoveOrder(folder=str(tmp_path / "disk"))))
    assert ended.state is TransferState.DONE
    copied = LayerStore(tmp_path / "disk")
    assert copied.complete(manifest)
    assert copied.verify().damaged == ()
    now = {path.name: path.stat().st_ino for path in (tmp_path / "disk").glob("parts/??/*")}
    assert here.items() <= now.items()


@pytest.mark.parametrize("folder", ["near", "~/layers"])
async def test_a_folder_that_is_no_whole_path(verifier: Watched, folder: str):
    manifest = stored_model(verifier.store)
    with pytest.raises(BadRequest, match="whole path"):
        await verifier.desk.start_move(MoveOrder(folder=folder))
    with pytest.raises(BadRequest, match="whole path"):
        await verifier.desk.start_export(ExportOrder(model=manifest.digest, folder=folder))
    assert verifier.board.transfers == ()


def test_the_catalogue_as_it_is_shipped(verifier: Watched):
    known = {model.source: model for model in verifier.desk.catalogue().models}
    llama = known["meta-llama/Llama-3.1-8B*"]
    assert (llama.parameters, llama.floor) == (8_030_261_248, "nf4")
    assert known["HuggingFaceTB/SmolLM2-135M*"].floor == "int8"  # by its size
