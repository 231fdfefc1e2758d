"""The limit, what goes when it is reached, and what stays: pins and kept models."""

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import save

from engine.errors import BadRequest, DiskFull, PartMissing, UnknownModel
from engine.weights.manifest import Manifest, Part
from engine.weights.store.disk_errors import KEEP_FREE_BYTES
from engine.weights.store.layer_store import LayerStore
from engine.weights.store.part_files import TOUCH_SECONDS
from engine.weights.store.room import FRESH_SECONDS
from tests.weights.test_manifest import a_manifest

KIB = 1 << 10
HOUR = 3600.0


def put(store: LayerStore, number: int, age: float = 0.0, kib: int = 10) -> Part:
    part = store.put(bytes([number]) * (kib * KIB))
    set_age(store, part, age)
    return part


def set_age(store: LayerStore, part: Part, age: float) -> None:
    os.utime(store.path(part), (time.time() - age,) * 2)


def age_of(store: LayerStore, part: Part) -> float:
    return time.time() - store.path(part).stat().st_mtime


def model_of(store: LayerStore, name: str, *parts: Part) -> Manifest:
    """A known model with these layers; the first is its shell, too."""
    manifest = a_manifest(
        name=name, shell=parts[0], layers=parts, cache_values=(4,) * len(parts), files={}, context=len(name)
    )
    store.save_manifest(manifest)
    return manifest


def test_the_least_recently_used_part_makes_room(store):
    parts = [put(store, n, age=(5 - n) * HOUR / 10) for n in range(4)]
    store.set_limit(45 * KIB)
    new = put(store, 9)
    assert [store.has(part) for part in parts] == [False, True, True, True]
    assert store.has(new)


def test_the_limit_counts_for_every_process_and_after_a_restart(store):
    assert store.limit_bytes() > 0
    store.set_limit(12345)
    assert LayerStore(store.root).limit_bytes() == 12345
    store.set_limit(None)
    assert LayerStore(store.root).usage().limit_is_default


@pytest.mark.parametrize("text", ["", "{", '{"limit_bytes": -1}', '{"limit_bytes": "1"}', "[]"])
def test_a_damaged_limit_is_as_none(store, text):
    store.set_limit(1)
    (store.root / "limit.json").write_text(text)
    assert store.usage().limit_is_default
    store.put(b"more than one byte")


def test_lowering_the_limit_evicts_at_once_as_far_as_it_may(store):
    old, used = put(store, 1, age=HOUR), put(store, 2, age=2 * HOUR)
    with store.in_use([used]):
        store.set_limit(5 * KIB)
        assert not store.has(old)
        assert store.has(used)


@pytest.mark.parametrize(
    "read", [LayerStore.read, LayerStore.tensors, lambda store, p: store.read_chunk(p, 0)]
)
def test_reading_is_a_use_but_is_not_written_down_each_time(store, read):
    part = store.put(save({"w": torch.ones(3)}))
    set_age(store, part, HOUR)
    read(store, part)
    assert age_of(store, part) < TOUCH_SECONDS / 2
    set_age(store, part, TOUCH_SECONDS / 2)
    read(store, part)
    assert age_of(store, part) > TOUCH_SECONDS / 4


def test_putting_what_is_there_is_a_use(store):
    part = put(store, 1, age=HOUR)
    store.put(bytes([1]) * part.size)
    assert age_of(store, part) < TOUCH_SECONDS


def test_checking_everything_is_no_use(store):
    part = put(store, 1, age=HOUR)
    store.verify()
    assert age_of(store, part) > HOUR / 2


def test_what_cannot_fit_evicts_nothing_and_says_how_to_raise_the_limit(store):
    part = put(store, 1)
    store.set_limit(20 * KIB)
    with pytest.raises(
        DiskFull, match=r"may hold 20 KB.*no room for 21 KB more.*potluck-engine layers limit"
    ):
        store.put(b"x" * (21 * 1000))
    assert store.has(part)


def test_a_model_may_take_what_others_need_not_leave(store):
    kept, other, own = (put(store, n) for n in (1, 2, 3))
    model, others = model_of(store, "Model", own), model_of(store, "Kept", kept)
    model_of(store, "Other", other)
    store.set_limit(100 * KIB)
    assert store.room_for(model) == 100 * KIB
    store.keep(others.digest, True)
    store.keep(model.digest, True)
    assert store.room_for(model) == 90 * KIB
    store.set_limit(5 * KIB)
    assert store.room_for(model) == 0


def test_a_full_disk_leaves_what_is_held_already(store, monkeypatch):
    model = model_of(store, "Model", put(store, 1))
    held = sum(path.stat().st_size for path in (store.root / "parts").rglob("*") if path.is_file())
    store.set_limit(1 << 50)
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=KEEP_FREE_BYTES + 7))
    assert store.room_for(model) == held + 7


def test_parts_of_failed_imports_go_first(store):
    orphan, of_a_model = put(store, 1, age=FRESH_SECONDS + 60), put(store, 2, age=24 * HOUR)
    model_of(store, "Model", of_a_model)
    store.set_limit(25 * KIB)
    put(store, 3)
    assert not store.has(orphan)
    assert store.has(of_a_model)


def test_a_fresh_part_without_a_model_may_still_get_one(store):
    fresh, of_a_model = put(store, 1, age=60), put(store, 2, age=24 * HOUR)
    model_of(store, "Model", of_a_model)
    store.set_limit(25 * KIB)
    put(store, 3)
    assert store.has(fresh)
    assert not store.has(of_a_model)


def test_space_can_be_asked_for(store):
    parts = [put(store, n, age=HOUR) for n in range(3)]
    store.set_limit(30 * KIB)
    store.check_space(30 * KIB)
    assert all(store.has(part) for part in parts)
    with pytest.raises(DiskFull, match="layers limit"):
        store.check_space(31 * KIB)


def test_parts_in_use_stay(store):
    used, other = put(store, 1, age=2 * HOUR), put(store, 2, age=HOUR)
    store.set_limit(25 * KIB)
    with LayerStore(store.root).in_use([used]):
        put(store, 3)
        assert store.has(used)
        assert not store.has(other)
        assert store.clear() == 10 * KIB
        assert store.has(used)
    store.set_limit(5 * KIB)
    assert not store.has(used)
    assert list((store.root / "pins").glob("*")) == []


def test_a_pin_takes_more_parts_on_the_way(store):
    store.set_limit(25 * KIB)
    with store.in_use() as pin:
        first = put(store, 1, age=2 * HOUR)
        pin.add(first)
        second = put(store, 2, age=HOUR)
        put(store, 3)
    assert store.has(first)
    assert not store.has(second)


def test_when_all_is_in_use_nothing_more_fits(store):
    used = put(store, 1)
    store.set_limit(15 * KIB)
    with store.in_use([used]), pytest.raises(DiskFull, match="layers limit"):
        put(store, 2)


HOLD = """
import sys, time
from pathlib import Path
from engine.weights.manifest import Part
from engine.weights.store.layer_store import LayerStore
store = LayerStore(Path(sys.argv[1]))
with store.in_use([Part(sys.argv[2], int(sys.argv[3]))]):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_pin_lasts_as_long_as_its_process(store):
    used = put(store, 1, age=HOUR)
    command = [sys.executable, "-c", HOLD, str(store.root), used.digest, str(used.size)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        store.set_limit(0)
        assert store.has(used)
        holder.kill()
        holder.wait()
    store.set_limit(0)
    assert not store.has(used)
    store.sweep()
    assert list((store.root / "pins").glob("*")) == []


def test_kept_models_stay_whole(store):
    kept, shared, other = put(store, 1, age=9 * HOUR), put(store, 2, age=8 * HOUR), put(store, 3, age=HOUR)
    first, second = model_of(store, "Kept", kept, shared), model_of(store, "Other", other, shared)
    store.keep(first.digest, True)
    assert LayerStore(store.root).kept() == {first.digest}
    store.set_limit(0)
    assert store.complete(first)
    assert not store.has(other)
    store.keep(first.digest, False)
    store.keep(second.digest, False)
    store.set_limit(0)
    assert store.kept() == frozenset()
    assert not store.has(shared)
    assert {model.name for model in store.manifests()} == {"Kept", "Other"}  # known, to be fetched again


def test_a_damaged_list_of_kept_models_is_as_none(store):
    store.keep("ab" * 32, True)
    (store.root / "kept.json").write_text("[1]")
    assert store.kept() == frozenset()


def test_a_model_that_is_in_use_is_not_removed(store):
    own, shared = put(store, 0), put(store, 1)
    used, stays = model_of(store, "Used", own, shared), model_of(store, "Stays", shared)
    store.keep(used.digest, True)
    with store.in_use([own]), pytest.raises(BadRequest, match="Used is in use on this computer: pause"):
        store.remove(used.digest)
    assert {manifest.name for manifest in store.manifests()} == {"Used", "Stays"}
    assert store.kept() == {used.digest}
    with store.in_use([shared]):  # by the other one, for all that is known
        assert store.remove(used.digest) == own.size
    assert store.manifests() == (stays,)


def test_removing_a_model_leaves_what_others_need(store):
    own, shared = put(store, 0), put(store, 2)
    gone, stays = model_of(store, "Gone", own, shared), model_of(store, "Stays", shared)
    origin = store.root / "origins" / f"{gone.digest}.json"
    origin.parent.mkdir()
    origin.write_text("{}")
    store.keep(gone.digest, True)
    assert store.remove(gone.digest) == 10 * KIB
    assert [store.has(part) for part in (own, shared)] == [False, True]
    assert store.manifests() == (stays,)
    assert not origin.exists()
    assert store.kept() == frozenset()
    with pytest.raises(UnknownModel):
        store.remove(gone.digest)


def test_an_evicted_part_is_missing_never_half(store):
    part = put(store, 1)
    store.clear()
    for read in (store.read, store.hashes_of, lambda part: store.read_chunk(part, 0)):
        with pytest.raises(PartMissing):
            read(part)


def test_usage_counts_shared_parts_once(store):
    own, shared, orphan = put(store, 1, age=HOUR), put(store, 2, age=2 * HOUR), put(store, 3)
    absent = Part("ab" * 32, 77)
    first, second = model_of(store, "First", own, shared, own), model_of(store, "Second", shared, absent)
    store.keep(second.digest, True)
    store.set_limit(100 * KIB)
    with store.in_use([own]):
        usage = store.usage()
    assert (usage.total_bytes, usage.limit_bytes, usage.limit_is_default) == (30 * KIB, 100 * KIB, False)
    assert usage.free_disk > 0
    assert usage.orphan_bytes == orphan.size
    by_name = {model.name: model for model in usage.models}
    assert {name: (model.digest, model.size, model.present_bytes) for name, model in by_name.items()} == {
        "First": (first.digest, 20 * KIB, 20 * KIB),
        "Second": (second.digest, 10 * KIB + 77, 10 * KIB),
    }
    mine, ours = by_name["First"].parts
    assert (mine.layers, mine.shell, mine.files) == ((0, 2), True, ())
    assert (mine.in_use, mine.kept, ours.in_use, ours.kept) == (True, False, False, True)
    assert mine.last_used == pytest.approx(time.time() - HOUR, abs=60)
    assert (by_name["Second"].kept, by_name["First"].kept) == (True, False)
    missing = by_name["Second"].parts[1]
    assert (missing.present, missing.last_used, missing.layers) == (False, None, (1,))


def test_usage_of_an_empty_store(store):
    usage = store.usage()
    assert (usage.total_bytes, usage.partial_bytes, usage.models, usage.orphan_bytes) == (0, 0, (), 0)
    assert usage.limit_bytes > 0


def test_other_files_in_the_store_are_let_alone(store):
    part = put(store, 1)
    stray = store.path(part).parent / ".DS_Store"
    stray.write_bytes(b"x")
    assert store.usage().total_bytes == part.size
    assert store.verify().checked == 1
    store.clear()
    assert stray.exists()


def test_files_of_a_model_are_named_in_its_usage(store: LayerStore, tmp_path: Path):
    part = store.put(b"tokens")
    manifest = a_manifest(files={"tokenizer.json": part})
    store.save_manifest(manifest)
    usage = next(use for use in store.usage().models[0].parts if use.digest == part.digest)
    assert usage.files == ("tokenizer.json",)
