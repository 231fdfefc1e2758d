"""Any model that was cut into parts is the same model when it is put together again."""

import pytest
import torch
import transformers as hf
from torch import nn

from engine.errors import BadModelFile, DiskFull, UnsupportedModel
from engine.model.stack import find_stack
from engine.weights.imports.importing import import_model
from engine.weights.loading import build_config, build_skeleton, fill, load_tokenizer, load_whole
from engine.weights.store.layer_store import LayerStore
from tests.weights.small_models import N_LAYERS, logits_of, small_configs, small_model, some_tokens


@pytest.fixture
def llama(store):
    return import_model(small_model("llama"), None, "Small", store)


@pytest.mark.parametrize("family", small_configs())
def test_a_model_put_together_again_answers_bit_for_bit_the_same(family, store):
    model = small_model(family)
    manifest = import_model(model, None, family, store)
    again = load_whole(manifest, store)
    assert manifest.n_layers == N_LAYERS
    assert store.complete(manifest)
    assert not any(tensor.is_meta for tensor in (*again.parameters(), *again.buffers()))
    assert torch.equal(logits_of(again, some_tokens()), logits_of(model, some_tokens()))
    for name, buffer in model.named_buffers():
        assert torch.equal(again.get_buffer(name), buffer), name


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("family", ["llama", "gemma3", "deepseek_v3"])
def test_low_precision_is_as_transformers_loads_it(family, dtype, store, tmp_path):
    model = small_model(family)
    manifest = import_model(model, None, family, store)
    model.save_pretrained(tmp_path / "folder")
    theirs = type(model).from_pretrained(tmp_path / "folder", dtype=dtype)
    ours = load_whole(manifest, store, dtype)
    assert ours.dtype == theirs.dtype == dtype
    their_state = theirs.state_dict()
    for name, tensor in ours.state_dict().items():
        assert tensor.dtype == their_state[name].dtype, name
        assert torch.equal(tensor, their_state[name]), name
    for name, buffer in theirs.named_buffers():
        assert ours.get_buffer(name).dtype == buffer.dtype, name
    assert torch.equal(logits_of(ours, some_tokens()), logits_of(theirs, some_tokens()))


def test_the_same_model_has_the_same_digest(store, tmp_path):
    first = import_model(small_model("gemma2"), None, "First", store)
    elsewhere = LayerStore(tmp_path / "elsewhere")
    model = small_model("gemma2")
    model.config._name_or_path = str(tmp_path)
    assert import_model(model, None, "Second", elsewhere).digest == first.digest
    assert import_model(small_model("gemma2", seed=1), None, "First", elsewhere).digest != first.digest


def test_tied_tensors_are_stored_once_and_shared_when_loaded(store):
    manifest = import_model(small_model("llama-tied"), None, "Small", store)
    assert "lm_head.weight" not in store.tensors(manifest.shell)
    model = load_whole(manifest, store)
    assert model.lm_head.weight.data_ptr() == model.model.embed_tokens.weight.data_ptr()


def test_a_tie_that_training_broke_stays_broken(store):
    model = small_model("llama-tied")
    model.lm_head.weight = nn.Parameter(model.lm_head.weight + 1)
    again = load_whole(import_model(model, None, "Small", store), store)
    assert torch.equal(logits_of(again, some_tokens()), logits_of(model, some_tokens()))


def test_a_tie_that_the_config_does_not_know_is_stored_as_two(store):
    model = small_model("llama")
    model.lm_head.weight = model.model.embed_tokens.weight
    again = load_whole(import_model(model, None, "Small", store), store)
    assert torch.equal(logits_of(again, some_tokens()), logits_of(model, some_tokens()))


def test_a_skeleton_weighs_nothing_and_knows_every_layer(llama):
    model = build_skeleton(llama)
    assert all(parameter.is_meta for parameter in model.parameters())
    assert not any(parameter.requires_grad for parameter in model.parameters())
    assert not any(buffer.is_meta for buffer in model.buffers())
    assert not model.training
    assert [layer.self_attn.layer_idx for layer in find_stack(model).layers] == list(range(N_LAYERS))


def test_building_a_skeleton_draws_no_random_numbers(llama):
    before = torch.get_rng_state()
    build_skeleton(llama)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_cut_stack_is_filled_without_the_shell(llama, store):
    stack = find_stack(build_skeleton(llama))
    setattr(stack.owner, stack.attribute, stack.layers[1:3])
    for layer, tensors in zip(
        getattr(stack.owner, stack.attribute), store.tensors_of(llama.layers[1:3]), strict=True
    ):
        fill(layer, tensors)
    assert not any(parameter.is_meta for parameter in stack.owner.layers.parameters())
    assert stack.owner.embed_tokens.weight.is_meta


def test_a_shell_is_filled_without_the_stack(llama, store):
    model = build_skeleton(llama)
    stack = find_stack(model)
    setattr(stack.owner, stack.attribute, nn.ModuleList())
    fill(model, store.tensors(llama.shell))
    assert not any(parameter.is_meta for parameter in model.parameters())


def test_weights_are_used_where_they_lie(llama, store):
    layer = find_stack(build_skeleton(llama)).layers[0]
    tensors = store.tensors(llama.layers[0])
    fill(layer, tensors)
    assert layer.mlp.up_proj.weight.data_ptr() == tensors["mlp.up_proj.weight"].data_ptr()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda tensors: tensors.pop("mlp.up_proj.weight"), "they lack mlp.up_proj.weight"),
        (lambda tensors: tensors.update(more=torch.ones(1)), "they have too much more"),
        (lambda tensors: tensors.update({"mlp.up_proj.weight": torch.ones(2, 2)}), "another shape"),
        (lambda tensors: tensors.update({"mlp.up_proj.weight": torch.ones(48, 32).long()}), "or kind"),
    ],
)
def test_weights_that_do_not_fit_are_refused_and_change_nothing(llama, store, change, sentence):
    layer = find_stack(build_skeleton(llama)).layers[0]
    tensors = store.tensors(llama.layers[0])
    change(tensors)
    with pytest.raises(BadModelFile, match=sentence):
        fill(layer, tensors)
    assert all(parameter.is_meta for parameter in layer.parameters())


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"config": {"model_type": "no-such-type"}}, UnsupportedModel),
        ({"config": {}}, UnsupportedModel),
        ({"config": {"model_type": ["llama"]}}, UnsupportedModel),
        ({"config": {"model_type": "llama", "hidden_size": "large"}}, BadModelFile),
        ({"config": {"model_type": "clip_vision_model"}}, UnsupportedModel),
        ({"stack_path": "model.other"}, BadModelFile),
    ],
)
def test_a_description_that_makes_no_model_is_refused(llama, store, changes, error):
    with pytest.raises(error, match="Small"):
        load_whole(llama.model_copy(update=changes), store)


def test_a_description_cannot_name_code_to_run(llama):
    code = {"auto_map": {"AutoConfig": "evil--x.Y"}, "attn_implementation": "evil/kernel"}
    config = build_config(llama.model_copy(update={"config": llama.config | code | {"inner": dict(code)}}))
    assert "evil" not in str(config.to_dict())
    assert config._attn_implementation is None


def test_weights_of_a_type_that_cannot_be_shared_are_refused(store):
    with pytest.raises(UnsupportedModel, match="float8"):
        import_model(small_model("llama").to(torch.float8_e4m3fn), None, "Small", store)


def test_a_model_without_a_layer_stack_is_refused(store):
    model = hf.XLMWithLMHeadModel(hf.XLMConfig(vocab_size=61, emb_dim=32, n_layers=3, n_heads=4))
    with pytest.raises(UnsupportedModel, match="4 lists of 3 layers"):
        import_model(model, None, "Small", store)
    assert not store.root.exists()


def test_a_model_that_its_config_does_not_make_is_refused(store):
    model = small_model("llama")
    model.extra = nn.Linear(2, 2)
    with pytest.raises(UnsupportedModel, match="cannot be rebuilt"):
        import_model(model, None, "Small", store)
    assert store.manifests() == ()


def test_a_full_disk_is_noticed_before_the_first_part(store, monkeypatch):
    monkeypatch.setattr("engine.weights.store.room.KEEP_FREE_BYTES", 1 << 60)
    with pytest.raises(DiskFull):
        import_model(small_model("llama"), None, "Small", store)
    assert not any((store.root / "parts").rglob("*"))


def test_a_model_without_a_tokenizer_says_so(llama, store):
    with pytest.raises(BadModelFile, match="tokenizer of Small"):
        load_tokenizer(llama, store)
