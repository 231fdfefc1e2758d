"""What is read from a span's own layers when it is loaded."""

import pytest

from engine.host.loading import hidden_width
from engine.model.span import cut_span
from engine.model.stack import find_stack
from tests.model.registry import tiny_config, tiny_family


@pytest.mark.parametrize(
    ("family", "streams"), [("llama", 1), ("gpt2", 1), ("mamba2", 1), ("deepseek_v4", 4)]
)
def test_hidden_states_are_as_wide_as_the_layers_take_them(family: str, streams: int) -> None:
    model = tiny_family(family)
    assert len(find_stack(model).layers) > 2
    assert hidden_width(cut_span(model, 1, 3)) == streams * tiny_config(family).hidden_size
