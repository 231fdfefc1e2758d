"""Tensors on buffers that are used again, and never while somebody looks at them; and tensors in pieces."""

import gc
from itertools import pairwise

import pytest
import torch
from safetensors.torch import save

from engine.errors import BadModelFile, WrongHash
from engine.weights import content_hash
from engine.weights.content_hash import GrowingHashes, chunk_hashes
from engine.weights.store import part_tensors
from engine.weights.store.part_tensors import Buffers
from engine.weights.tensorfile import ALIGNMENT
from tests.stored_models import damage


def parts_of(store, count):
    return [store.put(save({"w": torch.full((1000,), float(n))})) for n in range(count)]


def test_what_is_kept_never_changes(store):
    parts = parts_of(store, 12)
    kept = [tensors["w"] for tensors in store.tensors_of(parts)]
    assert [tensor.unique().tolist() for tensor in kept] == [[float(n)] for n in range(12)]


def test_a_view_alone_keeps_its_buffer(store):
    parts = parts_of(store, 12)
    kept = [tensors["w"].view(10, 100)[3, 5:9] for tensors in store.tensors_of(parts)]
    assert [tensor.tolist() for tensor in kept] == [[float(n)] * 4 for n in range(12)]


def test_what_is_let_go_is_used_again(store):
    places = set()
    for tensors in store.tensors_of(parts_of(store, 12)):
        assert tensors["w"].data_ptr() % ALIGNMENT == 0
        places.add(tensors["w"].data_ptr())
        del tensors
        gc.collect()
    assert len(places) < 6


def test_a_buffer_is_lent_to_one_at_a_time_and_only_when_it_fits():
    buffers = Buffers()
    first, second = buffers.take(1000), buffers.take(1000)
    assert first.data_ptr() != second.data_ptr()
    place = first.data_ptr()
    del first
    assert buffers.take(900).data_ptr() == place
    del second
    assert len(buffers.take(5000)) == 5000
    assert len(buffers.take(10)) == 10


def test_small_and_large_parts_may_follow_each_other(store):
    sizes = [1, 3000, 7, 50_000, 2, 50_000, 3000]
    parts = [store.put(save({"w": torch.arange(size)})) for size in sizes]
    for size, tensors in zip(sizes, store.tensors_of(parts), strict=True):
        assert torch.equal(tensors["w"], torch.arange(size))


TENSORS = {
    "matrix": torch.arange(7 * 5 * 6, dtype=torch.bfloat16).view(7, 5, 6),
    "norm": torch.arange(90.0),
    "one": torch.tensor(3.0),
    "bool": torch.tensor([True, False]),
}


def test_rows_make_the_same_tensors_in_pieces(store, monkeypatch):
    monkeypatch.setattr(part_tensors, "PIECE_BYTES", 50)
    part, seen = store.put(save(TENSORS)), {}
    for rows in store.rows_in_turn(part):
        pieces = list(rows.pieces)
        assert all(piece.nbytes <= 50 for piece in pieces) or rows.name == "norm"  # of one row
        seen[rows.name] = torch.cat(pieces).view(rows.shape)
    assert seen.keys() == TENSORS.keys()
    assert all(torch.equal(seen[name], tensor) for name, tensor in TENSORS.items())
    assert seen["matrix"].dtype is torch.bfloat16


def test_rows_of_a_damaged_part_end_with_the_news(store):
    part = store.put(save(TENSORS))
    damage(store, part)  # its last byte
    rows = store.rows_in_turn(part)
    with pytest.raises(WrongHash):
        [each.whole() for each in rows]
    assert not store.has(part)


def test_a_damaged_header_is_damage_and_a_wrong_one_no_model(store):
    part = store.put(save(TENSORS))
    data = store.path(part).read_bytes()
    store.path(part).write_bytes(b"\xff" * 16 + data[16:])
    with pytest.raises(WrongHash):
        list(store.rows_in_turn(part))
    with pytest.raises(BadModelFile):
        list(store.rows_in_turn(store.put(b"\xff" * 100)))


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 20, 35])
def test_hashes_of_pieces_are_those_of_the_whole(size, monkeypatch):
    monkeypatch.setattr(content_hash, "CHUNK_BYTES", 10)
    data = bytes(range(size))
    for step in (1, 3, 10, 12, 40):
        hashes = GrowingHashes()
        for start, end in pairwise([*range(0, size, step), size]):
            hashes.add(memoryview(data)[start:end])
        assert hashes.hashes() == chunk_hashes(data)
