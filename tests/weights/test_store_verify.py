"""Everything read and checked: what was damaged is gone, and named with what each model lost by it."""

import pytest

from engine.errors import Stopped
from engine.weights.manifest import Part
from engine.weights.store import part_files
from engine.weights.store.layer_store import LayerStore
from engine.weights.store.verification import Loss
from tests.weights.test_manifest import a_manifest
from tests.weights.test_store import damage


@pytest.fixture
def parts(store: LayerStore) -> list[Part]:
    return [store.put(bytes([n]) * (1000 + n)) for n in range(5)]


def test_a_good_store_loses_nothing(store, parts):
    seen = []
    result = store.verify(lambda done, total: seen.append((done, total)))
    total = sum(part.size for part in parts)
    assert (result.checked, result.checked_bytes, result.damaged, result.losses) == (5, total, (), ())
    assert (seen[0], seen[-1]) == ((0, total), (total, total))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_damaged_parts_go_and_each_model_says_what_it_lost(store, parts):
    shell, first, second, file, unharmed = parts
    layered = a_manifest(name="Layered", shell=shell, layers=(first, second), files={"tokenizer.json": file})
    other = a_manifest(
        name="Other", shell=unharmed, layers=(second, unharmed, second), cache_values=(1, 1, 1)
    )
    whole = a_manifest(name="Whole", shell=unharmed, layers=(unharmed,), cache_values=(1,), files={})
    for manifest in (layered, other, whole):
        store.save_manifest(manifest)
    for part in (second, file):
        damage(store, part)
    result = store.verify()
    assert set(result.damaged) == {second.digest, file.digest}
    assert set(result.losses) == {
        Loss(layered.digest, "Layered", layers=(1,), shell=False, files=("tokenizer.json",)),
        Loss(other.digest, "Other", layers=(0, 2), shell=False, files=()),
    }
    assert [store.has(part) for part in parts] == [True, True, False, False, True]
    assert store.verify().damaged == ()


def test_it_can_be_stopped(store, parts):
    seen = []
    with pytest.raises(Stopped, match="was stopped"):
        store.verify(lambda done, total: seen.append(done), cancelled=lambda: len(seen) == 3)
    assert len(seen) == 3


def test_a_part_that_is_evicted_meanwhile_is_not_damaged(store, parts, monkeypatch):
    all_parts = part_files.PartFiles.all

    def then_evict_one(files):
        uses = all_parts(files)
        files.remove(parts[2].digest)
        return uses

    monkeypatch.setattr(part_files.PartFiles, "all", then_evict_one)
    assert store.verify().damaged == ()
