"""Imports that are stopped, killed or repeated; and parts that are got again from where they came from."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from engine.errors import BadModelFile, Stopped
from engine.weights.imports.importing import import_from, refill
from engine.weights.imports.layerwise import SHELL
from engine.weights.imports.progress import Watch
from engine.weights.store.layer_store import LayerStore
from engine.weights.store.origins import origin_of
from tests.weights.small_models import N_LAYERS, a_tokenizer, small_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "folder"
    small_model("llama").save_pretrained(path)
    a_tokenizer().save_pretrained(path)
    return path


class Seen:
    """What an import said of its progress; stops it after so many bytes."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.news: list[tuple[str, int, int]] = []
        self._stop_after = stop_after

    @property
    def copied(self) -> list[int]:
        return [done for phase, done, _ in self.news if phase == "copying"]

    @property
    def watch(self) -> Watch:
        return Watch(lambda *news: self.news.append(news), self._cancelled)

    def _cancelled(self) -> bool:
        return self._stop_after is not None and max(self.copied, default=0) > self._stop_after


def journals(store: LayerStore) -> list[Path]:
    return list((store.root / "imports").glob("*.json"))


def test_progress_runs_through_the_phases_to_the_last_byte(folder, store):
    seen = Seen()
    import_from(str(folder), store, watch=seen.watch)
    assert [phase for phase, _, _ in seen.news][:2] == ["opening", "checking"]
    totals = {total for phase, _, total in seen.news if phase == "copying"}
    assert totals == {sum(tensor.nbytes for tensor in load_file(folder / "model.safetensors").values())}
    assert seen.copied == sorted(seen.copied)
    assert (seen.copied[0], seen.copied[-1]) == (0, *totals)


def test_a_stopped_import_goes_on_where_it_was(folder, store, tmp_path):
    first, second = Seen(stop_after=30_000), Seen()
    with pytest.raises(Stopped, match="Start it again"):
        import_from(str(folder), store, watch=first.watch)
    assert store.manifests() == ()
    assert len(journals(store)) == 1
    manifest = import_from(str(folder), store, watch=second.watch)
    assert 0 < second.copied[0] <= first.copied[-1]
    assert manifest.digest == import_from(str(folder), LayerStore(tmp_path / "other")).digest
    assert store.complete(manifest)
    assert journals(store) == []


DIES = """
import os, signal, sys, time
from pathlib import Path
from engine.weights.imports.importing import import_from
from engine.weights.imports.progress import Watch
from engine.weights.store.layer_store import LayerStore
def die(phase, done, total):
    if phase == "copying" and done > total * float(sys.argv[3]):
        while not list(Path(sys.argv[2], "imports").glob("*.json")):  # parts are written beside the reading
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGKILL)
import_from(sys.argv[1], LayerStore(Path(sys.argv[2])), watch=Watch(die))
"""


def test_a_killed_import_goes_on_where_it_was(folder, store, tmp_path):
    command = [sys.executable, "-c", DIES, str(folder), str(store.root), "0.7"]
    done = subprocess.run(command, timeout=120, env=os.environ | {"OMP_NUM_THREADS": "1"}, check=False)
    assert done.returncode == -signal.SIGKILL
    seen = Seen()
    manifest = import_from(str(folder), store, watch=seen.watch)
    assert seen.copied[0] > 0
    assert manifest.digest == import_from(str(folder), LayerStore(tmp_path / "other")).digest
    assert store.complete(manifest)


def test_a_part_that_has_gone_meanwhile_is_made_again(folder, store):
    with pytest.raises(Stopped):
        import_from(str(folder), store, watch=Seen(stop_after=30_000).watch)
    for part in json.loads(journals(store)[0].read_text()).values():
        (store.root / "parts" / part["digest"][:2] / part["digest"]).unlink()
    seen = Seen()
    assert store.complete(import_from(str(folder), store, watch=seen.watch))
    assert seen.copied[0] == 0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"1": {"digest": "../../x", "size": 1}}'])
def test_a_damaged_journal_is_ignored(text, folder, store):
    with pytest.raises(Stopped):
        import_from(str(folder), store, watch=Seen(stop_after=30_000).watch)
    journals(store)[0].write_text(text)
    assert store.complete(import_from(str(folder), store))


def test_another_content_of_the_same_name_does_not_go_on(folder, store):
    with pytest.raises(Stopped):
        import_from(str(folder), store, watch=Seen(stop_after=30_000).watch)
    small_model("llama", seed=1).save_pretrained(folder)
    seen = Seen()
    import_from(str(folder), store, watch=seen.watch)
    assert seen.copied[0] == 0


def lose(store: LayerStore, manifest, groups) -> None:
    for group in groups:
        store.path(manifest.shell if group == SHELL else manifest.layers[group]).unlink()


def test_lost_parts_are_got_again_and_nothing_else_is_read(folder, store):
    manifest = import_from(str(folder), store)
    origin = origin_of(store, manifest.digest)
    assert origin == f"folder:{folder}"
    lose(store, manifest, [1])
    seen = Seen()
    refill(manifest, origin, store, [1], seen.watch)
    assert store.complete(manifest)
    assert seen.copied[-1] == sum(tensor.nbytes for tensor in store.tensors(manifest.layers[1]).values())
    lose(store, manifest, range(SHELL, N_LAYERS))
    store.path(manifest.files["tokenizer.json"]).unlink()
    refill(manifest, origin, store, range(SHELL, N_LAYERS))
    assert store.complete(manifest)


def test_an_origin_that_holds_another_model_by_now_is_noticed(folder, store):
    manifest = import_from(str(folder), store)
    lose(store, manifest, [0])
    weights = load_file(folder / "model.safetensors")
    save_file({name: tensor + 1 for name, tensor in weights.items()}, folder / "model.safetensors")
    with pytest.raises(BadModelFile, match="is not what it was"):
        refill(manifest, f"folder:{folder}", store, [0])


def test_an_unknown_origin_is_none(store):
    assert origin_of(store, "ab" * 32) is None
