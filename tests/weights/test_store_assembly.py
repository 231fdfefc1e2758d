"""Parts from chunks: in any order, over several attempts, by one builder at a time; and chunks for others."""

import errno
import os
import random
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from time import sleep

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import DiskFull, PartBusy, PartMissing, StoreError, WrongHash
from engine.weights.content_hash import (
    CHUNK_BYTES,
    chunk_count,
    chunk_hash,
    chunk_hashes,
    chunk_range,
    content_name,
    hash_at,
)
from engine.weights.manifest import Part
from engine.weights.store import partial_files
from engine.weights.store.layer_store import LayerStore
from tests.weights.test_store import damage, files_in

DATA = random.Random(0).randbytes(3 * CHUNK_BYTES + 1234)
PART, HASHES = Part(content_name(DATA), len(DATA)), chunk_hashes(DATA)


def chunk(index: int, data: bytes = DATA) -> bytes:
    start, end = chunk_range(index, len(data))
    return data[start:end]


def partial(store: LayerStore):
    return store.root / "partial" / PART.digest


def test_chunks_may_come_in_any_order(store):
    with store.assembly(PART, HASHES) as assembly:
        assert assembly.missing == [0, 1, 2, 3]
        for index in (3, 1, 0, 2, 1):
            assembly.write(index, memoryview(chunk(index)))
        assert not store.has(PART)
        assembly.finish()
    assert store.read(PART) == DATA
    assert files_in(store) == [store.path(PART)]


def test_several_threads_may_bring_chunks(store):
    with store.assembly(PART, HASHES) as assembly, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda index: assembly.write(index % 4, chunk(index % 4)), range(16)))
        assembly.finish()
    assert store.read(PART) == DATA


@pytest.mark.parametrize(
    "wrong",
    [
        (1, chunk(2)),
        (1, chunk(1)[:-1]),
        (3, chunk(3) + b"\0"),
        (0, b""),
        (4, b""),
        (-1, chunk(3)),
    ],
)
def test_a_wrong_chunk_is_named_and_not_kept(store, wrong):
    with store.assembly(PART, HASHES) as assembly:
        with pytest.raises(WrongHash, match=f"Chunk {wrong[0]} of part {PART.digest[:12]}"):
            assembly.write(*wrong)
        assert assembly.missing == [0, 1, 2, 3]


def test_a_part_is_not_finished_before_its_last_chunk(store):
    with store.assembly(PART, HASHES) as assembly:
        for index in range(3):
            assembly.write(index, chunk(index))
        with pytest.raises(ValueError, match="1 chunks are missing"):
            assembly.finish()
    assert not store.has(PART)


@pytest.mark.parametrize("hashes", [b"", HASHES[:-32], HASHES + bytes(32), bytes(len(HASHES)), HASHES[:-1]])
def test_a_wrong_list_of_hashes_is_refused(store, hashes):
    with pytest.raises(WrongHash, match="list of chunks"), store.assembly(PART, hashes):
        pass
    assert not partial(store).exists()


def test_a_part_of_another_size_is_refused(store):
    with pytest.raises(WrongHash), store.assembly(Part(PART.digest, PART.size + 2 * CHUNK_BYTES), HASHES):
        pass


def test_what_arrived_is_not_asked_for_again(store):
    with store.assembly(PART, HASHES) as assembly:
        for index in (0, 3):
            assembly.write(index, chunk(index))
    with open(partial(store), "r+b") as file:  # a chunk that was torn by a power cut
        file.seek(2 * CHUNK_BYTES)
        file.write(chunk(2)[:1000])
    with LayerStore(store.root).assembly(PART, HASHES) as assembly:
        assert assembly.missing == [1, 2]
        for index in assembly.missing:
            assembly.write(index, chunk(index))
        assembly.finish()
    assert store.read(PART) == DATA


@pytest.mark.parametrize("size", [0, 5, len(DATA) + 5])
def test_leftovers_of_another_length_are_made_fit(store, size):
    partial(store).parent.mkdir(parents=True)
    partial(store).write_bytes((DATA + b"more than there is")[:size])
    with store.assembly(PART, HASHES) as assembly:
        for index in assembly.missing:
            assembly.write(index, chunk(index))
        assembly.finish()
    assert store.read(PART) == DATA


def test_one_builds_and_the_other_is_told(store):
    with store.assembly(PART, HASHES) as assembly:
        with (
            pytest.raises(PartBusy, match="being fetched already"),
            LayerStore(store.root).assembly(PART, HASHES),
        ):
            pass
        assembly.write(0, chunk(0))
        store.sweep()
        store.clear()
        assert partial(store).exists()
    with store.assembly(PART, HASHES) as assembly:
        assert assembly.missing == [1, 2, 3]


def test_putting_the_part_meanwhile_does_no_harm(store):
    with store.assembly(PART, HASHES) as assembly:
        assembly.write(0, chunk(0))
        store.put(DATA)
    with store.assembly(PART, HASHES) as assembly:
        assert assembly.missing == []
        assembly.write(0, chunk(0))
        assembly.finish()
    assert store.read(PART) == DATA


def test_a_damaged_part_is_built_anew(store):
    damage(store, store.put(DATA))
    with store.assembly(PART, HASHES) as assembly:
        assert not store.has(PART)
        for index in assembly.missing:
            assembly.write(index, chunk(index))
        assembly.finish()
    assert store.read(PART) == DATA


def test_space_is_taken_at_the_start(store):
    store.set_limit(len(DATA) + 100)
    with store.assembly(PART, HASHES):
        assert store.usage().partial_bytes == len(DATA)
        with pytest.raises(DiskFull, match="layers limit"):
            store.put(b"x" * 101)
    with store.assembly(PART, HASHES):  # counted once, also when it is gone on with
        pass
    store.put(b"x" * 101)  # half a part that nobody is building goes when there is no other room
    assert not partial(store).exists()


def test_two_never_count_on_the_same_space(store, monkeypatch):
    disk_usage = shutil.disk_usage
    monkeypatch.setattr(shutil, "disk_usage", lambda path: (disk_usage(path), sleep(0.01))[0])
    datas = [bytes([n]) * CHUNK_BYTES for n in range(8)]
    store.set_limit(3 * CHUNK_BYTES)
    together, all_tried = Barrier(len(datas)), Barrier(len(datas))

    def begins(data: bytes) -> bool:
        together.wait()
        try:
            with store.assembly(Part(content_name(data), len(data)), chunk_hashes(data)):
                all_tried.wait()
                return True
        except DiskFull:
            all_tried.wait()
            return False

    with ThreadPoolExecutor(len(datas)) as pool:
        assert sum(pool.map(begins, datas)) == 3


def test_a_part_that_cannot_fit_is_not_begun(store):
    store.set_limit(len(DATA) - 1)
    with pytest.raises(DiskFull), store.assembly(PART, HASHES):
        pass
    assert not partial(store).exists()


def test_a_full_disk_is_told_from_the_callers_own_failures(store, monkeypatch):
    def full(descriptor, data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(ConnectionResetError), store.assembly(PART, HASHES):
        raise ConnectionResetError
    with store.assembly(PART, HASHES) as assembly:
        monkeypatch.setattr(partial_files.os, "write", full)
        with pytest.raises(DiskFull, match="is full"):
            assembly.write(0, chunk(0))
        assert 0 in assembly.missing


def test_an_empty_part_has_one_empty_chunk(store):
    part = Part(content_name(b""), 0)
    with store.assembly(part, chunk_hashes(b"")) as assembly:
        for index in assembly.missing:
            assembly.write(index, b"")
        assembly.finish()
    assert store.read(part) == b""


def test_chunks_are_served_with_their_hashes(store):
    part = store.put(DATA)
    fresh = LayerStore(store.root)
    assert fresh.hashes_of(part) == HASHES
    for index in range(chunk_count(part.size)):
        assert fresh.read_chunk(part, index) == chunk(index)
        assert chunk_hash(chunk(index)) == hash_at(HASHES, index)


@pytest.mark.parametrize("index", [-1, 4, 1 << 40])
def test_a_chunk_that_is_none_is_missing(store, index):
    with pytest.raises(PartMissing, match=f"no chunk {index}"):
        store.read_chunk(store.put(DATA), index)


@pytest.mark.parametrize("known", [True, False])
def test_a_damaged_chunk_is_never_served(store, known):
    part = store.put(DATA)
    damage(store, part)
    server = store if known else LayerStore(store.root)
    with pytest.raises(WrongHash):
        server.read_chunk(part, 3)
    assert not store.has(part)
    with pytest.raises(PartMissing):
        server.hashes_of(part)


CHUNKS = [chunk(index) for index in range(4)]
MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 3), st.integers(0, 3)),
        st.tuples(st.just("leave"), st.just(0), st.just(0)),
        st.tuples(st.just("tear"), st.integers(0, 3), st.just(0)),
    ),
    max_size=12,
)


@given(moves=MOVES)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_on_the_way_what_is_finished_is_right(store, moves):
    store.clear()
    for move, index, source in moves:
        if move == "tear" and partial(store).exists():
            with open(partial(store), "r+b") as file:
                file.seek(index * CHUNK_BYTES)
                file.write(b"torn")
        elif move == "write":
            with store.assembly(PART, HASHES) as assembly, suppress(WrongHash):
                assembly.write(index, CHUNKS[source])
    with store.assembly(PART, HASHES) as assembly:
        for index in assembly.missing:
            assembly.write(index, CHUNKS[index])
        assembly.finish()
    assert store.read(PART) == DATA


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    store = LayerStore(tmp_path / "file" / "layers")
    with pytest.raises(StoreError, match="cannot be written"), store.assembly(PART, HASHES):
        pass
    with pytest.raises(StoreError, match="cannot be written"), store.in_use([PART]):
        pass
    for act in (lambda: store.set_limit(1), lambda: store.keep("ab" * 32, True), store.usage):
        with pytest.raises(StoreError, match="cannot be written"):
            act()
