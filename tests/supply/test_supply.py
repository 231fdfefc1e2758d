"""What is got from where, with a real layer store and a swarm that is a few lines."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine.api.store_schema import TransferKind, TransferState
from engine.errors import NotEnoughMemory, PartsMissing, UnknownModel
from engine.exchange.progress import FetchProgress
from engine.supply.ahead import FetchAhead, Serving
from engine.supply.reimport import refill_of
from engine.supply.supply import Supply
from engine.transfers.board import TransferBoard
from engine.weights.manifest import Manifest, Part
from engine.weights.store.layer_store import LayerStore
from engine.wire.records import ServerState, SpanRecord

N_LAYERS = 6


@dataclass
class SmallSwarm:
    """Directory and fetcher at once: others' stores, and who serves what."""

    store: LayerStore  # of this computer
    others: LayerStore
    records: list[SpanRecord] = field(default_factory=list)
    fetched: list[Part] = field(default_factory=list)
    board: TransferBoard = field(default_factory=lambda: TransferBoard(lambda: None))

    async def models(self) -> tuple[SpanRecord, ...]:
        return tuple(self.records)

    async def spans(self, model: str) -> tuple[SpanRecord, ...]:
        return tuple(record for record in self.records if record.model == model)

    async def manifest(self, digest: str) -> Manifest:
        manifest = self.others.manifest(digest)
        self.store.save_manifest(manifest)
        return manifest

    async def fetch(self, parts: Sequence[Part], model_digest: str, on_progress=None) -> None:
        for part in parts:
            if not self.others.has(part):
                raise PartsMissing("Nobody has them: wait.")
            self.store.put(self.others.read(part))
            self.fetched.append(part)
        if on_progress is not None:
            on_progress(FetchProgress(1, 1))


async def never_imported(manifest: Manifest, parts, on_progress) -> bool:
    return False


@pytest.fixture
def swarm(tmp_path: Path) -> SmallSwarm:
    return SmallSwarm(LayerStore(tmp_path / "own"), LayerStore(tmp_path / "others"))


def supply_of(swarm: SmallSwarm, reimport=never_imported) -> Supply:
    return Supply(swarm.store, swarm, swarm, reimport, swarm.board)


def model_of_others(swarm: SmallSwarm, name: str = "Soup", servers: int = 1) -> Manifest:
    store = swarm.others
    manifest = Manifest(
        name=name,
        config={"name": name},
        context=64,
        stack_path="layers",
        files={"tokenizer.json": store.put(b"{}")},
        shell=store.put(f"shell of {name}".encode()),
        layers=tuple(store.put(f"{name} {index}".encode()) for index in range(N_LAYERS)),
        cache_values=(1,) * N_LAYERS,
        matrix_values=(0,) * N_LAYERS,
        matrix_rows=(0,) * N_LAYERS,
        dtype="float32",
    )
    store.save_manifest(manifest)
    swarm.records += [a_record(manifest, peer) for peer in range(servers)]
    return manifest


def a_record(manifest: Manifest, peer: int, start: int = 0, end: int = N_LAYERS) -> SpanRecord:
    return SpanRecord(
        peer=f"12D3KooW{'abcdefghj'[peer] * 30}",
        model=manifest.digest,
        model_name=manifest.name,
        start=start,
        end=end,
        n_layers=N_LAYERS,
        state=ServerState.ONLINE,
        expires=1e10,
    )


async def test_all_of_a_model_is_brought_and_shown_elsewhere(swarm):
    manifest = model_of_others(swarm)
    told: list[FetchProgress] = []
    assert await supply_of(swarm).whole(manifest.digest, told.append) == manifest
    assert swarm.store.complete(manifest)
    assert told
    assert swarm.board.transfers == ()
    fetched = len(swarm.fetched)
    await supply_of(swarm).whole(manifest.digest, told.append)
    assert len(swarm.fetched) == fetched
    with pytest.raises(UnknownModel):
        await supply_of(swarm).whole("0" * 64, told.append)


async def test_a_model_is_found_by_name_or_digest_here_or_in_the_swarm(swarm):
    manifest = model_of_others(swarm)
    supply = supply_of(swarm)
    assert await supply.find("Soup") == await supply.find(manifest.digest) == manifest
    swarm.records.clear()
    assert await supply.find("Soup") == manifest  # known here by now
    with pytest.raises(UnknownModel):
        await supply.find("Stew")


async def test_a_digest_is_nobodys_name(swarm):
    manifest = model_of_others(swarm)
    model_of_others(swarm, name=manifest.digest, servers=3)
    assert await supply_of(swarm).find(manifest.digest) == manifest


async def test_a_newcomer_serves_what_most_serve(swarm):
    model_of_others(swarm, "Stew", servers=1)
    soup = model_of_others(swarm, "Soup", servers=3)
    assert await supply_of(swarm).most_served() == soup
    swarm.records.clear()
    assert await supply_of(swarm).most_served() is None


async def test_only_what_lacks_is_fetched(swarm):
    manifest = model_of_others(swarm)
    supply = supply_of(swarm)
    swarm.store.put(swarm.others.read(manifest.layers[1]))
    assert supply.lacks(manifest.layers[:3])
    seen: list[FetchProgress] = []
    await supply.get(manifest, manifest.layers[:3], seen.append)
    assert swarm.fetched == [manifest.layers[0], manifest.layers[2]]
    assert not supply.lacks(manifest.layers[:3])
    assert seen
    [transfer] = swarm.board.transfers
    assert (transfer.kind, transfer.model, transfer.layers) == (TransferKind.FETCH, "Soup", (0, 3))
    assert transfer.state is TransferState.DONE
    await supply.shell(manifest)
    assert not supply.lacks((manifest.shell, *manifest.files.values()))


async def test_what_nobody_has_is_imported_again_where_the_origin_is_known(swarm):
    manifest = model_of_others(swarm)
    lost = manifest.layers[2]
    data = swarm.others.read(lost)
    swarm.others.path(lost).unlink()

    async def reimport(wanted: Manifest, parts, on_progress) -> bool:
        swarm.store.put(data)
        return wanted == manifest and tuple(parts) == (lost,)

    with pytest.raises(PartsMissing):
        await supply_of(swarm).get(manifest, [lost], lambda _: None)
    await supply_of(swarm, reimport).get(manifest, [lost], lambda _: None)
    assert swarm.store.read(lost) == data


async def test_an_origin_that_gives_something_else_helps_nobody(swarm):
    manifest = model_of_others(swarm)
    swarm.others.path(manifest.layers[0]).unlink()

    async def reimport(wanted: Manifest, parts, on_progress) -> bool:
        return True

    with pytest.raises(PartsMissing):
        await supply_of(swarm, reimport).get(manifest, manifest.layers[:1], lambda _: None)


def test_only_lost_parts_are_imported_again(swarm):
    manifest = model_of_others(swarm)
    job = refill_of(manifest, [manifest.layers[2], manifest.layers[4]])
    assert (job.model, job.layers, job.shell) == (manifest.digest, (2, 4), False)
    assert refill_of(manifest, [manifest.shell]).shell


# --- ahead of need


async def ahead_of(swarm: SmallSwarm, manifest: Manifest, looks: int, layers=(0, 2)) -> list[int]:
    """Which layers are fetched at so many looks, when `layers` are held and served."""
    await supply_of(swarm).get(manifest, manifest.layers[slice(*layers)], lambda _: None)
    swarm.fetched.clear()
    ahead = FetchAhead(swarm.store, swarm, swarm, swarm.board, look_seconds=0)
    serving = iter([Serving(manifest, layers)] * looks)
    with pytest.raises(NoMoreLooks):
        await ahead.run(lambda: next_or_stop(serving))
    return [manifest.layers.index(part) for part in swarm.fetched]


class NoMoreLooks(Exception):
    pass


def next_or_stop(serving):
    found = next(serving, None)
    if found is None:
        raise NoMoreLooks
    return found


async def test_what_the_swarm_lacks_comes_ahead_one_layer_at_a_look(swarm):
    manifest = model_of_others(swarm, servers=0)
    swarm.records += [a_record(manifest, 0, 0, 2), a_record(manifest, 1, 2, 4)]
    assert await ahead_of(swarm, manifest, looks=1) == [4]


async def test_no_more_is_fetched_ahead_than_is_served(swarm):
    manifest = model_of_others(swarm)
    assert await ahead_of(swarm, manifest, looks=5) == [2, 3]


async def test_a_layer_that_nobody_has_is_passed_over(swarm):
    manifest = model_of_others(swarm)
    swarm.others.path(manifest.layers[2]).unlink()
    assert await ahead_of(swarm, manifest, looks=1) == [3]


async def test_a_pause_ends_it(swarm, monkeypatch):
    monkeypatch.setattr("engine.supply.ahead.WATCH_SECONDS", 0.01)
    manifest = model_of_others(swarm)
    served = [Serving(manifest, (0, 2))]
    begun, ended = asyncio.Event(), asyncio.Event()

    async def fetch(parts, model_digest, on_progress) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    monkeypatch.setattr(swarm, "fetch", fetch)
    ahead = FetchAhead(swarm.store, swarm, swarm, swarm.board, look_seconds=0)
    running = asyncio.create_task(ahead.run(lambda: served[0] if served else None))
    async with asyncio.timeout(30):
        await begun.wait()
        served.clear()
        await ended.wait()
    assert not running.done()
    running.cancel()


async def test_a_disk_that_fails_ends_nothing_else(swarm, monkeypatch):
    manifest = model_of_others(swarm)
    monkeypatch.setattr(swarm.store, "usage", fail)
    assert await ahead_of(swarm, manifest, looks=2) == []


def fail() -> None:
    raise OSError(5, "Input/output error")


async def test_nothing_is_evicted_for_it(swarm):
    manifest = model_of_others(swarm)
    swarm.store.set_limit(sum(part.size for part in manifest.layers[:2]) + 1)
    assert await ahead_of(swarm, manifest, looks=3) == []


async def test_a_shell_that_fits_into_no_memory_is_not_fetched(swarm):
    manifest = model_of_others(swarm)
    huge = manifest.model_copy(update={"shell": Part("e" * 64, 1 << 40)})
    with pytest.raises(NotEnoughMemory, match="of memory where it is chatted with"):
        await supply_of(swarm).shell(huge)
    assert swarm.fetched == []
