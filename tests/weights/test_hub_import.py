"""Models imported from a hub: the same as from a folder, and got again with as few bytes as can be."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from transformers.integrations.gguf.reader import GgufHeader

from engine.errors import BadModelFile, HubAccessDenied, HubEntryMissing
from engine.weights.imports.importing import import_from, refill
from engine.weights.sources import hub_gguf
from engine.weights.sources.hub import HEADER_GUESS
from engine.weights.store.layer_store import LayerStore
from engine.weights.store.origins import origin_of
from tests.hub_server import Fault, HubServer, only_hub
from tests.tiny_models import byte_tokenizer
from tests.weights.small_gguf import N_LAYERS, write_small_gguf
from tests.weights.small_models import small_model

REPO = "table/small"
SINGLE = "model.safetensors"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("models")
    for name, size in {"single": "1GB", "sharded": "40KB"}.items():
        small_model("llama").save_pretrained(root / name, max_shard_size=size)
        byte_tokenizer().save_pretrained(root / name)
    return {path.name: path for path in root.iterdir()}


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    with only_hub(tmp_path, monkeypatch) as server:
        yield server


@pytest.mark.parametrize("kind", ["single", "sharded"])
def test_a_repository_is_the_same_model_as_its_folder(hub, folders, kind, store, tmp_path):
    commit = hub.push(REPO, folders[kind])
    manifest = import_from(REPO, store)
    other = import_from(str(folders["single"]), LayerStore(tmp_path / "other"))
    assert manifest.digest == other.digest
    assert manifest.files
    assert origin_of(store, manifest.digest) == f"hub:{REPO}@{commit}"


def test_a_layer_is_got_again_without_the_others(hub, folders, store):
    hub.push(REPO, folders["single"])
    manifest = import_from(REPO, store)
    hub.push(REPO, {"config.json": b"{}", SINGLE: b"another model"})
    lost = manifest.layers[1]
    size = sum(tensor.nbytes for tensor in store.tensors(lost).values())
    store.path(lost).unlink()
    hub.forget()
    refill(manifest, origin_of(store, manifest.digest), store, [1])
    assert store.read(lost)
    assert hub.served[SINGLE] == HEADER_GUESS + size


def test_an_import_goes_on_where_the_hub_shut(hub, folders, store):
    hub.push(REPO, folders["single"])
    hub.faults[SINGLE] = [Fault()] * 3 + [Fault(status=403)]
    with pytest.raises(HubAccessDenied):
        import_from(REPO, store)
    before = {request.headers["Range"] for request in hub.asked_for(SINGLE, "cdn")}
    hub.forget()
    manifest = import_from(REPO, store)
    assert all(store.has(part) for part in manifest.parts())
    again = {request.headers["Range"] for request in hub.asked_for(SINGLE, "cdn")}
    assert len(again & before) < len(before)


GGUF = "quants/small.Q8_0.gguf"


@pytest.fixture
def gguf(hub: HubServer, tmp_path: Path) -> Path:
    """A GGUF file here, and the same in a folder of a repository."""
    path = tmp_path / "small.Q8_0.gguf"
    write_small_gguf(path)
    hub.push("table/gguf", {GGUF: path.read_bytes()})
    return path


def test_a_gguf_file_of_a_repository_is_the_same_model_as_the_file(hub, gguf, store, tmp_path):
    there = import_from(f"hub:table/gguf/{GGUF}", store)
    here = import_from(str(gguf), LayerStore(tmp_path / "other"))
    assert there.digest == here.digest
    assert there.n_layers == N_LAYERS
    commit = hub.repositories["table/gguf"].refs["main"]
    assert origin_of(store, there.digest) == f"hub:table/gguf/{GGUF}@{commit}"


def test_a_layer_of_a_gguf_file_is_got_again_without_the_others(hub, gguf, store, monkeypatch):
    monkeypatch.setattr(hub_gguf, "FIRST_BYTES", 1000)
    manifest = import_from(f"hub:table/gguf/{GGUF}", store)
    store.path(manifest.layers[2]).unlink()
    hub.forget()
    refill(manifest, origin_of(store, manifest.digest), store, [2])
    assert store.read(manifest.layers[2])
    header = GgufHeader.from_file(str(gguf))
    layer = sum(info.nbytes for info in header.tensors if info.name.startswith("blk.2."))
    assert layer + header.data_start <= hub.served[GGUF] < layer + 2 * header.data_start


@pytest.mark.parametrize("content", [b"GGUF", b"PK", b"", b"GGUF\x03\0\0\0" + b"\xff" * 16])
def test_a_gguf_file_that_is_none_is_refused(hub, store, content):
    hub.push("table/gguf", {GGUF: content})
    with pytest.raises(BadModelFile, match="cannot be read"):
        import_from(f"hub:table/gguf/{GGUF}", store)


def test_a_gguf_file_that_is_not_there_is_named(hub, gguf, store):
    with pytest.raises(HubEntryMissing, match=r"absent\.gguf"):
        import_from("hub:table/gguf/absent.gguf", store)
