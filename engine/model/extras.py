"""What layers need from the client beside hidden states: what does not follow from the position of a step."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor


@dataclass(frozen=True)
class StepExtras:
    """One step's positions and masks, made by the model's own code on the client.

    Needed by images in a text: three-dimensional rotary positions, and image tokens that see each other.
    """

    positions: Tensor | None = None  # int64 [axes, tokens]; None: counted from the step's position
    # Which cached position each token attends to, by kind of layer ("" where the model has but one kind):
    # bool [tokens, position + tokens]. Empty: as the model's layers do it with plain text.
    masks: Mapping[str, Tensor] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.positions is not None or bool(self.masks)
