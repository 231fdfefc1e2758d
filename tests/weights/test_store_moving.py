"""The layer store on its way to another folder: whole, resumable, and nothing lost when it breaks off."""

import os
import shutil
from pathlib import Path

import pytest

from engine.errors import BadRequest, DiskFull, Stopped, StoreError
from engine.settings import Paths
from engine.store_place import SIGN, Place, read_place, write_place
from engine.transfers.relocation import Relocation, take_up_move
from engine.weights.manifest import Manifest
from engine.weights.store import moving
from engine.weights.store.layer_store import LayerStore
from engine.weights.store.moving import StoreCopy, new_folder, remove_store
from engine.weights.store.origins import origin_of, save_origin
from tests.stored_models import LAYER_BYTES, damage, stored_model


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "data", tmp_path / "cache", tmp_path / "logs")


@pytest.fixture
def store(paths: Paths) -> LayerStore:
    return LayerStore(paths.layer_store)


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return tmp_path / "disk" / "layers"


def is_whole(folder: Path, manifest: Manifest) -> bool:
    store = LayerStore(folder)
    assert store.verify().damaged == ()
    return store.manifests() == (manifest,) and store.complete(manifest)


def test_everything_arrives_with_what_the_owner_said(store: LayerStore, new: Path):
    manifest = stored_model(store)
    store.keep(manifest.digest, True)
    store.set_limit(10**9)
    save_origin(store, manifest.digest, "hub:a/b")
    os.utime(store.path(manifest.layers[0]), (1e9, 1e9))
    told: list[tuple[int, int]] = []
    assert StoreCopy(store.root, new).make(lambda *news: told.append(news)) == (5, 4 * LAYER_BYTES + 2)
    assert is_whole(new, manifest)
    copy = LayerStore(new)
    assert (copy.kept(), copy.limit_bytes()) == ({manifest.digest}, 10**9)
    assert origin_of(copy, manifest.digest) == "hub:a/b"
    assert copy.path(manifest.layers[0]).stat().st_mtime == 1e9
    assert told[-1] == (2 * (4 * LAYER_BYTES + 2),) * 2  # written, then read
    assert told == sorted(told)
    assert is_whole(store.root, manifest)


def test_one_that_was_stopped_goes_on_where_it_was(store: LayerStore, new: Path):
    manifest = stored_model(store)
    asked = 0

    def after_some() -> bool:
        nonlocal asked
        asked += 1
        return asked > 5

    with pytest.raises(Stopped, match="goes on from here"):
        StoreCopy(store.root, new).make(cancelled=after_some)
    first = {path.name: path.stat().st_ino for path in new.glob("parts/??/*")}
    assert 0 < len(first) < 5
    assert not [path for path in new.glob("partial/*") if path.suffix != ".lock"]
    StoreCopy(store.root, new).make()
    assert is_whole(new, manifest)
    assert first.items() <= {path.name: path.stat().st_ino for path in new.glob("parts/??/*")}.items()


def test_what_a_killed_copy_left_half_written_goes(store: LayerStore, new: Path):
    manifest = stored_model(store)
    (new / "partial").mkdir(parents=True)
    (new / "partial" / f"{manifest.shell.digest}.abcd").write_bytes(b"half")
    StoreCopy(store.root, new).make()
    assert is_whole(new, manifest)
    assert not list((new / "partial").glob("*.abcd"))


def test_what_was_damaged_is_not_carried_on(store: LayerStore, new: Path):
    manifest = stored_model(store)
    damage(store, manifest.layers[1])
    StoreCopy(store.root, new).make()
    copy = LayerStore(new)
    assert not copy.has(manifest.layers[1])
    assert all(copy.has(part) for part in manifest.parts() if part != manifest.layers[1])


def test_a_disk_that_does_not_keep_what_is_written(store: LayerStore, new: Path):
    manifest = stored_model(store)
    copy = LayerStore(new)
    assert copy.put(store.read(manifest.shell)) == manifest.shell
    damage(copy, manifest.shell)
    with pytest.raises(StoreError, match="does not keep what is written"):
        StoreCopy(store.root, new).make()
    assert is_whole(store.root, manifest)


def test_a_disk_that_is_too_small(store: LayerStore, new: Path, monkeypatch):
    stored_model(store)
    usage = shutil.disk_usage(store.root)
    monkeypatch.setattr(moving.shutil, "disk_usage", lambda _: usage._replace(free=5_000_000))
    with pytest.raises(DiskFull, match=r"The layers take 12 MB, and 0 bytes are free in .*: choose another"):
        StoreCopy(store.root, new).make()
    assert not new.exists()


def test_a_smaller_disk_is_allowed_what_was_moved_there(store: LayerStore, new: Path, monkeypatch):
    stored_model(store)
    usage = shutil.disk_usage(store.root)
    room = moving.KEEP_FREE_BYTES + 12_100_000
    monkeypatch.setattr(moving.shutil, "disk_usage", lambda _: usage._replace(free=room))
    StoreCopy(store.root, new).make()
    monkeypatch.setattr(moving.shutil, "disk_usage", lambda _: usage._replace(free=room - 12_000_000))
    StoreCopy(store.root, new).make()
    assert LayerStore(new).limit_bytes() == 4 * LAYER_BYTES + 2


# --- which folder


def test_which_folders_can_be_chosen(store: LayerStore, tmp_path: Path):
    stored_model(store)
    full = tmp_path / "pictures"
    full.mkdir()
    (full / "cat.png").touch()
    assert new_folder(tmp_path / "new", store.root) == tmp_path / "new"
    assert new_folder(full, store.root) == full / "potluck-layers"
    (full / "potluck-layers").mkdir()
    (full / "potluck-layers" / "mine.txt").touch()
    for chosen in (full, Path("near"), store.root / "deeper", store.root):
        with pytest.raises(BadRequest, match="choose"):
            new_folder(chosen, store.root)
    (full / "potluck-layers" / SIGN).write_text(str(store.root))  # a copy that was begun
    assert new_folder(full, store.root) == full / "potluck-layers"
    (full / "potluck-layers" / SIGN).write_text("/another/store")
    with pytest.raises(BadRequest, match="holds other things"):
        new_folder(full, store.root)


def test_other_files_in_the_old_folder_stay(store: LayerStore):
    stored_model(store)
    (store.root / "notes.txt").touch()
    remove_store(store.root)
    assert [path.name for path in store.root.iterdir()] == ["notes.txt"]


# --- taking it up


def test_the_next_start_takes_the_copy_up(paths: Paths, store: LayerStore, new: Path, monkeypatch):
    first = stored_model(store, "first")
    relocation = Relocation(paths.store_place, store.root)
    assert take_up_move(paths) == store.root  # nothing is to be done
    folder = relocation.folder_for(new)
    StoreCopy(store.root, folder).make()
    relocation.copied(folder)
    late = stored_model(store, "late", seed=1)  # arrived since
    assert take_up_move(paths) == new
    assert {manifest.name for manifest in LayerStore(new).manifests()} == {"first", "late"}
    assert all(LayerStore(new).complete(manifest) for manifest in (first, late))
    assert LayerStore(new).verify().damaged == ()
    Relocation(paths.store_place, new).tidy_up()
    assert not store.root.exists()
    assert read_place(paths.store_place) == Place(path=new)
    assert new_folder(new, store.root) == new / "potluck-layers"  # nobody copies another store over it
    monkeypatch.setenv("POTLUCK_HOME", str(paths.data.parent))
    assert Paths.from_environment().layer_store == new


def test_a_model_that_was_removed_meanwhile_stays_removed(paths: Paths, store: LayerStore, new: Path):
    gone, stays = stored_model(store, "gone"), stored_model(store, "stays", seed=1)
    StoreCopy(store.root, new).make()
    Relocation(paths.store_place, store.root).copied(new)
    store.remove(gone.digest)
    take_up_move(paths)
    assert LayerStore(new).manifests() == (stays,)


def test_where_the_copy_is_gone_the_old_store_stays(paths: Paths, store: LayerStore, new: Path):
    manifest = stored_model(store)
    StoreCopy(store.root, new).make()
    Relocation(paths.store_place, store.root).copied(new)
    shutil.rmtree(new)
    new.mkdir()  # a mount point without its disk
    assert take_up_move(paths) == store.root
    assert not list(new.iterdir())
    assert is_whole(store.root, manifest)
    assert read_place(paths.store_place).next == new  # the next start tries again


def test_a_copy_can_be_dropped(paths: Paths, store: LayerStore, new: Path):
    manifest = stored_model(store)
    relocation = Relocation(paths.store_place, store.root)
    StoreCopy(store.root, new).make()
    relocation.copied(new)
    with pytest.raises(BadRequest, match="drop that one first"):
        relocation.folder_for(new.parent / "other")
    relocation.forget()
    assert not new.exists()
    assert take_up_move(paths) == store.root
    assert is_whole(store.root, manifest)


def test_a_disk_that_is_away(paths: Paths, store: LayerStore, new: Path, monkeypatch):
    """A mount point that is there without its disk holds nothing, and nothing is written to it."""
    new.mkdir(parents=True)
    write_place(paths.store_place, Place(path=new))
    monkeypatch.setenv("POTLUCK_HOME", str(paths.data.parent))
    assert Paths.from_environment().layer_store == store.root
    assert read_place(paths.store_place).absent == new
    with pytest.raises(BadRequest, match="connect its disk"):
        Relocation(paths.store_place, store.root).folder_for(new.parent / "third")
    (new / SIGN).touch()
    assert Paths.from_environment().layer_store == new


def test_the_old_store_stays_where_it_is_needed_before_it_was_tidied_up(
    paths: Paths, store: LayerStore, new: Path
):
    manifest = stored_model(store)
    StoreCopy(store.root, new).make()
    write_place(paths.store_place, Place(next=new))
    assert take_up_move(paths) == new
    shutil.rmtree(new)  # a disk that was unplugged before the old store was gone
    assert take_up_move(paths) == store.root
    Relocation(paths.store_place, store.root).tidy_up()
    assert is_whole(store.root, manifest)
    assert read_place(paths.store_place) == Place(path=new)


def test_back_to_where_it_was(paths: Paths, store: LayerStore, new: Path):
    manifest = stored_model(store)
    StoreCopy(store.root, new).make()
    Relocation(paths.store_place, store.root).copied(new)
    take_up_move(paths)
    relocation = Relocation(paths.store_place, new)
    relocation.tidy_up()
    back = relocation.folder_for(store.root)
    StoreCopy(new, back).make()
    relocation.copied(back)
    moved = Paths(paths.data, paths.cache, paths.logs, layers=new)
    assert take_up_move(moved) == back == store.root
    assert is_whole(back, manifest)


@pytest.mark.parametrize("text", ["", "{", '{"path": 3}', '{"other": "/x"}'])
def test_a_damaged_note_means_the_default(paths: Paths, text: str):
    paths.data.mkdir()
    paths.store_place.write_text(text)
    assert read_place(paths.store_place) == Place()
