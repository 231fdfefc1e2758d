"""Tensors on buffers that are used again, and never while somebody looks at them."""

import gc

import torch
from safetensors.torch import save

from engine.weights.store.part_tensors import Buffers
from engine.weights.tensorfile import ALIGNMENT


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
