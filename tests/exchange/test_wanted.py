"""What parts are called when nobody has them."""

import pytest

from engine.exchange.wanted import in_model_words, layers_of, missing_sentence
from tests.exchange.small_parts import SmallModel


@pytest.mark.parametrize(
    ("layers", "others", "words"),
    [
        ([0], "", "layer 1 of 6"),
        ([1, 2, 4], "", "layers 2–3, 5 of 6"),
        ([], "shell", "the input and output layers"),
        ([5], "tokenizer", "layer 6 of 6 and the tokenizer"),
        (range(6), "shell tokenizer", "layers 1–6 of 6, the input and output layers and the tokenizer"),
    ],
)
def test_words(model: SmallModel, layers, others: str, words: str) -> None:
    manifest = model.manifest
    parts = {manifest.layers[layer] for layer in layers}
    if "shell" in others:
        parts.add(manifest.shell)
    if "tokenizer" in others:
        parts |= set(manifest.files.values())
    assert in_model_words(manifest, parts) == words
    assert missing_sentence(manifest, parts) == (
        f"Small cannot be fetched now: no computer that answers has {words}; "
        "try again later, or import the model on this computer."
    )


def test_busy_computers_are_mentioned(model: SmallModel) -> None:
    sentence = missing_sentence(model.manifest, {model.layers[0]}, busy=True)
    assert "has layer 1 of 6, and others are busy; try again later" in sentence


def test_layers_of_parts_are_ranges(model: SmallModel) -> None:
    layers = model.layers
    assert layers_of(model.manifest, {layers[0], layers[1], layers[3], layers[5]}) == ((0, 2), (3, 4), (5, 6))
    assert layers_of(model.manifest, {model.manifest.shell}) == ()
