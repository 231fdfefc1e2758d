"""What is read from a span's own layers when it is loaded."""

import pytest
import torch

from engine.errors import BadModelFile
from engine.host.loading import build_span, hidden_width
from engine.model.span import cut_span
from engine.model.stack import find_stack
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore
from tests.model.registry import tiny_config, tiny_family


@pytest.mark.parametrize(
    ("family", "streams"), [("llama", 1), ("gpt2", 1), ("mamba2", 1), ("deepseek_v4", 4)]
)
def test_hidden_states_are_as_wide_as_the_layers_take_them(family: str, streams: int) -> None:
    model = tiny_family(family)
    assert len(find_stack(model).layers) > 2
    assert hidden_width(cut_span(model, 1, 3)) == streams * tiny_config(family).hidden_size


@pytest.mark.starter
def test_layers_that_hold_more_than_was_planned_for_are_not_loaded(
    starter_store: tuple[LayerStore, Manifest],
) -> None:
    store, manifest = starter_store
    lying = manifest.model_copy(update={"dtype": "float64"})  # so a fourth of the numbers is planned for
    assert build_span(manifest, store, 0, 1, torch.bfloat16, "cpu").weights_bytes > 0
    with pytest.raises(BadModelFile, match="holds more than its manifest says"):
        build_span(lying, store, 0, 1, torch.bfloat16, "cpu")
