"""What parts are of their model, for people and for the choice of peers: pure."""

from collections.abc import Collection, Iterator

from engine.api.sentences import counted, listed, said
from engine.layer_ranges import LayerRange, in_words
from engine.weights.manifest import Manifest, Part


def layers_of(manifest: Manifest, parts: Collection[Part]) -> tuple[LayerRange, ...]:
    """The layers whose parts are among these, as half-open ranges."""
    return tuple(_ranges([layer for layer, part in enumerate(manifest.layers) if part in parts]))


def missing_sentence(manifest: Manifest, parts: Collection[Part], busy: bool = False) -> str:
    """For people: nobody has these parts, of which there is at least one; `busy`: or they have no time."""
    what = in_model_words(manifest, parts)
    if busy:
        return said(
            "{model} cannot be fetched now: no computer that answers has {what}, and others are busy; try "
            "again later, or import the model on this computer.",
            model=manifest.name,
            what=what,
        )
    return said(
        "{model} cannot be fetched now: no computer that answers has {what}; try again later, or import the "
        "model on this computer.",
        model=manifest.name,
        what=what,
    )


def in_model_words(manifest: Manifest, parts: Collection[Part]) -> str:
    """What these parts are: `layers 3–5, 9 of 12 and the tokenizer`."""
    layers = layers_of(manifest, parts)
    words = [_layers(layers, manifest.n_layers)] if layers else []
    if manifest.shell in parts:
        words.append(said("the input and output layers"))
    if any(part in parts for part in manifest.files.values()):
        words.append(said("the tokenizer"))
    return listed(words)


def _layers(layers: tuple[LayerRange, ...], n_layers: int) -> str:
    return counted(
        "layer {ranges} of {n_layers}",
        "layers {ranges} of {n_layers}",
        n=sum(end - start for start, end in layers),
        ranges=in_words(layers),
        n_layers=n_layers,
    )


def _ranges(layers: list[int]) -> Iterator[LayerRange]:
    start = 0
    for at in range(1, len(layers) + 1):
        if at == len(layers) or layers[at] != layers[at - 1] + 1:
            yield layers[start], layers[at - 1] + 1
            start = at
