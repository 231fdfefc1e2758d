"""For models that see pictures: what a session holds of a prompt already is not sent again."""

from collections.abc import Callable

import torch
from torch import Tensor

from engine.model.extras import StepExtras
from engine.route.history import Chunk

Walk = Callable[[Tensor, int, StepExtras | None], Tensor]


class KnownStart:
    """A walk that leaves out the first `held` positions of the step at position 0.

    The model's own code makes positions and masks from a prompt as a whole, pictures included, so it is run
    on all of it; of what the layers would give for the start, nothing is used.
    """

    def __init__(self, walk: Walk, held: int) -> None:
        self._walk = walk
        self._held = held
        self.left_out = 0

    def __call__(self, hidden: Tensor, position: int, extras: StepExtras | None) -> Tensor:
        if position > 0 or not self._held or _sees_ahead(extras, self._held):
            return self._walk(hidden, position, extras)
        self.left_out = self._held
        rest = Chunk(0, hidden[0], extras).between(self._held, hidden.shape[1])
        out = self._walk(rest.hidden[None], rest.position, rest.extras)
        return torch.cat([out.new_zeros(1, self._held, out.shape[2]), out], dim=1)


def _sees_ahead(extras: StepExtras | None, held: int) -> bool:
    """Whether something in the start depends on what comes after it, and may have changed."""
    return extras is not None and any(bool(mask[:held, held:].any()) for mask in extras.masks.values())
