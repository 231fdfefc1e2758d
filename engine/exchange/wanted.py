"""What parts are of their model, for people and for the choice of peers: pure."""

from collections.abc import Collection, Iterator

from engine.layer_ranges import LayerRange, in_words
from engine.weights.manifest import Manifest, Part


def layers_of(manifest: Manifest, parts: Collection[Part]) -> tuple[LayerRange, ...]:
    """The layers whose parts are among these, as half-open ranges."""
    return tuple(_ranges([layer for layer, part in enumerate(manifest.layers) if part in parts]))


def missing_sentence(manifest: Manifest, parts: Collection[Part], busy: bool = False) -> str:
    """For people: nobody has these parts, of which there is at least one; `busy`: or they have no time."""
    what = in_model_words(manifest, parts) + (", and others are busy" if busy else "")
    return (
        f"{manifest.name} cannot be fetched now: no computer that answers has {what}; "
        "try again later, or import the model on this computer."
    )


def in_model_words(manifest: Manifest, parts: Collection[Part]) -> str:
    """What these parts are: `layers 3–5, 9 of 12 and the tokenizer`."""
    layers = layers_of(manifest, parts)
    words = [f"{_noun(layers)} {in_words(layers)} of {manifest.n_layers}"] if layers else []
    if manifest.shell in parts:
        words.append("the input and output layers")
    if any(part in parts for part in manifest.files.values()):
        words.append("the tokenizer")
    return ", ".join(words[:-1]) + (" and " if len(words) > 1 else "") + words[-1]


def _noun(layers: tuple[LayerRange, ...]) -> str:
    return "layer" if sum(end - start for start, end in layers) == 1 else "layers"


def _ranges(layers: list[int]) -> Iterator[LayerRange]:
    start = 0
    for at in range(1, len(layers) + 1):
        if at == len(layers) or layers[at] != layers[at - 1] + 1:
            yield layers[start], layers[at - 1] + 1
            start = at
