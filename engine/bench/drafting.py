"""How drafts come about that are measured: by looking into the prompt, by a model, or never right."""

from dataclasses import dataclass

from engine.generate.speculation.draft_models import load_draft_model
from engine.generate.speculation.drafts import Draft, Drafter
from engine.model.branching import Reader, masks_for_branches
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore


@dataclass(frozen=True)
class Drafting:
    drafter: Drafter | None = None  # None: prompt lookup
    reader: Reader | None = None  # of a model that drafts where that finds nothing


class NeverRight:
    """Drafts what is never chosen, all the time: the worst that can happen."""

    def __init__(self, token: int) -> None:
        self._token = token

    def push(self, token: int) -> None:
        """It learns nothing."""

    def draft(self, longest: int) -> Draft | None:
        return Draft([self._token] * longest, kind=1) if longest > 0 else None


def coarse_reader(manifest: Manifest, store: LayerStore) -> Reader:
    """Of the model itself with its layers in nf4: right in about four of five tokens."""
    model = load_draft_model(manifest, store, "nf4")
    return Reader(model, masks_for_branches(model))
