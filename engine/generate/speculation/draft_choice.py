"""Which model drafts for which: a pure rule."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from engine.planning.catalogue import Catalogue
from engine.planning.models import STORED_BYTES, shape_of
from engine.planning.weights import BYTES, weights_bytes
from engine.weights.manifest import Manifest

Coarse = Literal["int8", "nf4"]

MAX_SHARE = 1 / 8  # of the memory that is free
MOST_TOKENS = 4096  # of a text that it drafts for
READERS = 2  # chats that it drafts for at once
PRECISIONS: tuple[Coarse, ...] = ("int8", "nf4")  # of its layers; on a CPU they take about the same time
READ_BYTES_PER_S = 4e9  # of weights, one core: a careful guess, which what is measured soon replaces
WAITS = 2  # trips take at least so many times as long as a drafted token


@dataclass(frozen=True)
class DraftChoice:
    """Bytes are what it takes in memory, at most."""

    manifest: Manifest
    precision: Coarse  # of its layers' matrices
    weights: int
    texts: int  # what it remembers of as many texts as it may read

    @classmethod
    def of(cls, manifest: Manifest, precision: Coarse) -> "DraftChoice":
        layers = shape_of(manifest).layers
        shell = manifest.shell.size // STORED_BYTES[manifest.dtype] * BYTES["float32"]
        of_a_token = sum(layer.cache_values for layer in layers) * BYTES["float32"]
        return cls(
            manifest,
            precision,
            shell + sum(weights_bytes(precision, layer, "float32") for layer in layers),
            of_a_token * READERS * min(manifest.context, MOST_TOKENS),
        )

    def pays(self, trip_seconds: float) -> bool:
        """Whether its tokens will probably come fast enough for trips that take so long."""
        return WAITS * self.weights / READ_BYTES_PER_S <= trip_seconds


def choose(model: Manifest, here: Iterable[Manifest], catalogue: Catalogue, free: int) -> DraftChoice | None:
    """One that the catalogue names for the model, or the model itself with coarser layers.

    `here` are models that this computer has all of, `free` bytes are free in its memory.
    """
    candidates = [m for m in here if m.kind == "causal"]
    named = (m for m in candidates if m.digest != model.digest and is_named(m, model, catalogue))
    same = (m for m in candidates if m.digest == model.digest)
    choices = (DraftChoice.of(m, precision) for m in chain(named, same) for precision in PRECISIONS)
    return next((c for c in choices if c.weights + c.texts <= free * MAX_SHARE), None)


def is_named(candidate: Manifest, model: Manifest, catalogue: Catalogue) -> bool:
    """Whether the catalogue names it as the draft model of `model`. Letters' case does not count."""
    entry = catalogue.entry(model.name)
    if entry is None or entry.draft is None:
        return False
    return candidate.name.lower() in (entry.draft.lower(), entry.draft.partition("/")[2].lower())
