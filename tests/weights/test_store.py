import errno
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save

from engine.errors import BadModelFile, DiskFull, PartMissing, StoreError, UnknownModel, WrongHash
from engine.weights.manifest import Part
from engine.weights.store import layer_store as store_module
from engine.weights.store import partial_files
from engine.weights.store.layer_store import LayerStore
from engine.weights.store.origins import save_origin
from engine.weights.store.partial_files import RESUMABLE_SECONDS
from engine.weights.tensorfile import ALIGNMENT, tensors_in
from tests.stored_models import stored_model
from tests.weights.test_manifest import a_manifest

Usage = namedtuple("Usage", "total used free")


def files_in(store: LayerStore) -> list[Path]:
    """What the store holds, without the lock that everybody shares."""
    return [path for path in store.root.rglob("*") if path.is_file() and path.name != "lock"]


def damage(store: LayerStore, part: Part) -> None:
    data = bytearray(store.path(part).read_bytes())
    data[-1] ^= 1
    store.path(part).write_bytes(data)


def test_what_was_put_is_read(store):
    part = store.put(b"some bytes")
    assert part.size == 10
    assert store.has(part)
    assert store.read(part) == b"some bytes"
    assert store.put(memoryview(b"some bytes")) == part
    assert files_in(store) == [store.path(part)]


def test_a_missing_part_is_named(store):
    part = Part("ab" * 32, 3)
    assert not store.has(part)
    for read in (store.read, store.tensors):
        with pytest.raises(PartMissing, match=r"abababababab.*import or fetch"):
            read(part)


@pytest.mark.parametrize("read", [LayerStore.read, LayerStore.tensors])
def test_a_damaged_part_is_dropped_and_can_be_put_again(store, read):
    data = save({"w": torch.ones(3)})
    part = store.put(data)
    damage(store, part)
    with pytest.raises(WrongHash, match="import or fetch"):
        read(store, part)
    assert not store.has(part)
    assert store.put(data) == part
    assert torch.equal(store.tensors(part)["w"], torch.ones(3))


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data + b"x", lambda data: b""])
def test_a_part_of_another_length_is_dropped(store, change):
    part = store.put(save({"w": torch.ones(3)}))
    store.path(part).write_bytes(change(store.path(part).read_bytes()))
    assert not store.has(part)
    with pytest.raises(WrongHash):
        store.tensors(part)
    assert files_in(store) == []


@pytest.mark.parametrize("size", [1, 1000, 1 << 40])
def test_a_part_does_not_go_because_somebody_lies_about_its_size(store, size):
    part = store.put(b"soup" * 8)
    for read in (store.read, store.hashes_of, lambda lie: store.read_chunk(lie, 0)):
        with pytest.raises(WrongHash, match="not as large"):
            read(Part(part.digest, size))
    assert store.read(part) == b"soup" * 8


def test_tensors_are_what_was_saved_and_aligned(store):
    tensors = {
        "a": torch.randn(5, 16),
        "b": torch.randn(16).bfloat16(),
        "c": torch.arange(3),
        "d": torch.tensor([True, False]),
        "empty": torch.empty(0, 4),
        "scalar": torch.tensor(2.5, dtype=torch.float64),
        "half": torch.randn(7).half(),
    }
    read = store.tensors(store.put(save(tensors)))
    assert read.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert read[name].dtype == tensor.dtype
        assert torch.equal(read[name], tensor)


def test_tensors_start_where_kernels_like_it(store):
    names = ["w", "a.longer.name.that.moves.the.data"]
    for name in names:
        tensor = store.tensors(store.put(save({name: torch.randn(4, 16)})))[name]
        assert tensor.data_ptr() % ALIGNMENT == 0


def test_tensors_of_gives_the_parts_in_order_and_names_the_bad_one(store):
    parts = [store.put(save({"w": torch.full((4,), float(n))})) for n in range(7)]
    assert [tensors["w"][0].item() for tensors in store.tensors_of(parts)] == list(range(7))
    damage(store, parts[3])
    seen = store.tensors_of(parts)
    assert [next(seen)["w"][0].item() for _ in range(3)] == [0, 1, 2]
    with pytest.raises(WrongHash, match=parts[3].digest[:12]):
        next(seen)


def test_right_bytes_that_are_no_tensors_stay(store):
    part = store.put(b"no tensors at all")
    with pytest.raises(BadModelFile):
        store.tensors(part)
    assert store.has(part)


@pytest.mark.parametrize("size", [0, 1, 7, 8])
def test_short_files_are_no_tensors(store, size):
    with pytest.raises(BadModelFile):
        store.tensors(store.put(b"\x01" * size))


def file_with(header: bytes, data: bytes) -> torch.Tensor:
    return torch.frombuffer(bytearray(len(header).to_bytes(8, "little") + header + data), dtype=torch.uint8)


@pytest.mark.parametrize(
    "header",
    [
        b'{"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}',  # shape too large
        b'{"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}',  # bytes left over
        b'{"w": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}}',  # past the end
        b'{"w": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}',  # a gap
        b'{"w": {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]}}',
        b'{"w": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}}',
        b'{"w": {"dtype": "Q4", "shape": [2], "data_offsets": [0, 8]}}',
        b'{"w": {"dtype": "F32", "shape": [2]}}',
        b'{"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},'
        b' "v": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}',  # overlap
        b"[]",
        b"",
    ],
)
def test_a_header_that_lies_is_refused(header):
    with pytest.raises(BadModelFile):
        tensors_in(file_with(header, bytes(8)))


@given(st.data())
def test_no_damaged_header_surprises_the_parser(data):
    good = save({"w": torch.ones(2), "v": torch.ones(1, 3)})
    at = data.draw(st.integers(0, 150))
    bad = good[:at] + data.draw(st.binary(max_size=2)) + good[at + 1 :]
    try:
        tensors = tensors_in(torch.frombuffer(bytearray(bad), dtype=torch.uint8))
    except BadModelFile:
        return
    assert sum(tensor.nbytes for tensor in tensors.values()) <= len(bad)


def test_too_little_space_is_said_before_anything_is_written(store, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(100, 90, 10))
    with pytest.raises(DiskFull, match="free at least 67 MB"):
        store.put(b"x" * 100)
    assert files_in(store) == []


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.ENOSPC, DiskFull), (errno.EDQUOT, DiskFull), (errno.EIO, StoreError)]
)
def test_a_failed_write_leaves_nothing(store, monkeypatch, number, kind):
    write, calls = os.write, []

    def write_some_then_fail(descriptor, data):
        calls.append(len(data))
        if len(calls) == 2:
            raise OSError(number, os.strerror(number))
        return write(descriptor, data[:10])

    monkeypatch.setattr(partial_files.os, "write", write_some_then_fail)
    with pytest.raises(kind) as caught:
        store.put(b"x" * 100)
    assert type(caught.value) is kind
    assert len(calls) == 2
    assert files_in(store) == []


def test_an_interrupted_write_leaves_nothing(store, monkeypatch):
    def interrupt(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(store_module.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        store.put(b"x" * 100)
    assert files_in(store) == []


def test_what_a_killed_process_left_is_swept(store):
    store.put(b"kept")
    in_one_go = store.root / "partial" / f"{'ab' * 32}.1234"
    old, new = store.root / "partial" / ("cd" * 32), store.root / "partial" / ("ef" * 32)
    for path in (in_one_go, old, new):
        path.write_bytes(b"half")
        path.with_name(f"{path.name}.lock").touch()
    long_ago = new.stat().st_mtime - RESUMABLE_SECONDS - 60
    os.utime(old, (long_ago, long_ago))
    store.sweep()
    assert [path for path in (store.root / "partial").glob("*") if path.suffix != ".lock"] == [new]


def test_several_processes_may_put_the_same_part(store):
    code = (
        "import sys; from pathlib import Path; from engine.weights.store.layer_store import LayerStore\n"
        "store = LayerStore(Path(sys.argv[1]))\n"
        "for n in range(40): assert store.read(store.put(bytes([n]) * 200_000)) == bytes([n]) * 200_000"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(store.root)]) for _ in range(2)]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    assert len(files_in(store)) == 40


def test_models_are_found_by_name_and_digest(store):
    part = store.put(b"part")
    first = a_manifest(name="First", shell=part, layers=(part,), cache_values=(4,), files={})
    second = a_manifest(name="Second")
    store.save_manifest(first)
    store.save_manifest(second)
    assert set(store.manifests()) == {first, second}
    assert store.find("First") == store.find(first.digest) == store.manifest(first.digest) == first
    assert store.complete(first)
    assert not store.complete(second)
    with pytest.raises(UnknownModel, match=r"Third.*(First.*Second|Second.*First)"):
        store.find("Third")
    for unknown in ("ab" * 32, "../../first", ""):
        with pytest.raises(UnknownModel):
            store.manifest(unknown)


def test_of_two_models_with_one_name_the_newer_is_found(store):
    older, newer = a_manifest(), a_manifest(stack_path="newer.layers")
    for manifest, age in ((older, 60), (newer, 0)):
        store.save_manifest(manifest)
        path = store.root / "manifests" / f"{manifest.digest}.json"
        os.utime(path, (path.stat().st_mtime - age,) * 2)
    assert store.find(older.name) == newer


def test_a_digest_is_nobodys_name(store):
    model = stored_model(store)
    os.utime(store.root / "manifests" / f"{model.digest}.json", (1, 1))
    stored_model(store, name=model.digest, seed=1)
    assert store.find(model.digest) == model


def test_an_empty_store_knows_no_model(store):
    assert store.manifests() == ()
    with pytest.raises(UnknownModel, match="No model is known yet"):
        store.find("First")


def test_a_damaged_description_is_left_out_and_then_dropped(store):
    manifest = a_manifest()
    store.save_manifest(manifest)
    path = store.root / "manifests" / f"{manifest.digest}.json"
    path.write_bytes(path.read_bytes().replace(b"model.layers", b"other.layers"))
    assert store.manifests() == ()
    with pytest.raises(WrongHash, match="import or fetch"):
        store.manifest(manifest.digest)
    assert not path.exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match=r"cannot be written.*check the folder"):
        LayerStore(tmp_path / "file" / "layers").put(b"x")


def test_of_several_with_one_name_the_one_imported_here_is_meant(store):
    mine, newer = a_manifest(name="Soup"), a_manifest(name="Soup", context=128)
    store.save_manifest(mine)
    save_origin(store, mine.digest, "folder:/models/soup")
    store.save_manifest(newer)
    assert store.find("Soup") == mine
    assert store.find(newer.digest) == newer


def test_descriptions_that_change_are_read_again(store):
    manifest = a_manifest(name="Soup")
    store.save_manifest(manifest)
    assert store.manifests() == (manifest,)
    store.save_manifest(manifest.model_copy(update={"name": "Stew"}))
    assert [known.name for known in store.manifests()] == ["Stew"]
    [file] = (store.root / "manifests").iterdir()
    file.write_bytes(b"{}")
    assert store.manifests() == ()
    file.unlink()
    assert store.manifests() == ()
