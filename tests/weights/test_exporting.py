"""A folder written from the layer store is the model that went into it."""

import pytest
import torch
import transformers as hf

from engine.errors import BadRequest, Stopped, StoreError
from engine.weights.imports.exporting import export_model
from engine.weights.imports.importing import import_from, import_model
from engine.weights.store.layer_store import LayerStore
from tests.weights.small_models import a_tokenizer, logits_of, small_model, some_tokens


@pytest.mark.parametrize("family", ["llama-tied", "mixtral", "deepseek_v3", "gpt2"])
def test_the_exported_folder_gives_the_same_weights_and_parts(family, store, tmp_path):
    model = small_model(family)
    manifest = import_model(model, a_tokenizer(), family, store)
    seen = []
    export_model(manifest, store, tmp_path / "out", lambda *news: seen.append(news))
    again, info = hf.AutoModelForCausalLM.from_pretrained(tmp_path / "out", output_loading_info=True)
    assert not any(info.values())
    assert torch.equal(logits_of(again.eval(), some_tokens()), logits_of(model, some_tokens()))
    assert hf.AutoTokenizer.from_pretrained(tmp_path / "out")("pot luck").input_ids == [3, 4]
    other = import_from(str(tmp_path / "out"), LayerStore(tmp_path / "other"))
    assert (other.shell, other.layers, other.files) == (manifest.shell, manifest.layers, manifest.files)
    sizes = [manifest.shell.size, *(part.size for part in manifest.layers)]
    assert seen == [("copying", sum(sizes[:count]), sum(sizes)) for count in range(len(sizes) + 1)]


def test_nothing_is_overwritten(store, tmp_path):
    manifest = import_model(small_model("llama"), None, "Small", store)
    (tmp_path / "diary.txt").write_text("dear diary")
    with pytest.raises(BadRequest, match="is there already: choose a new folder"):
        export_model(manifest, store, tmp_path)


def test_an_export_that_was_stopped_leaves_nothing(store, tmp_path):
    manifest = import_model(small_model("llama"), None, "Small", store)
    said = []
    with pytest.raises(Stopped):
        export_model(
            manifest, store, tmp_path / "out", lambda *news: said.append(news), lambda: len(said) > 2
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["layers"]


def test_a_folder_that_cannot_be_written_is_named(store, tmp_path):
    manifest = import_model(small_model("llama"), None, "Small", store)
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file/out cannot be written"):
        export_model(manifest, store, tmp_path / "file" / "out")
